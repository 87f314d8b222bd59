package io.selvage.bench;

/** Something that both contenders run. */
sealed interface Workload permits Kernel, Trace {
    /** What stands before its row. */
    String name();

    /** The line that makes a {@link ChildContender} load it. */
    String loadCommand();
}
