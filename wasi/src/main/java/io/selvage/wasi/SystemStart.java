package io.selvage.wasi;

/** When this process first looked at its clock: {@link System#nanoTime} may be negative, a guest's clock may not. */
final class SystemStart {
    static final long NANOS = System.nanoTime();

    private SystemStart() {}
}
