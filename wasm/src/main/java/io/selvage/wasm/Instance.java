package io.selvage.wasm;

import java.util.Optional;

/**
 * A running module (core spec §4.2.6). It belongs to one thread at a time; only {@link #interrupt} may be called from
 * another.
 */
public final class Instance {
    private Instance() {}

    /** The module it is made from. */
    public Module module() {
        throw new UnsupportedOperationException();
    }

    /** What the host gave at instantiation. */
    public <T> T data(Class<T> type) {
        throw new UnsupportedOperationException();
    }

    /** The exported function of this name. */
    public Optional<Function> function(String name) {
        return Optional.empty();
    }

    /** The exported memory of this name. */
    public Optional<Memory> memory(String name) {
        return Optional.empty();
    }

    /**
     * The module's first memory, exported or not: what host functions work on.
     *
     * @throws Trap {@link Trap.Kind#MEMORY_OUT_OF_BOUNDS} if it has none
     */
    public Memory memory() {
        throw new UnsupportedOperationException();
    }

    /** The exported table of this name. */
    public Optional<Table> table(String name) {
        return Optional.empty();
    }

    /** The exported global of this name. */
    public Optional<Global> global(String name) {
        return Optional.empty();
    }

    /** Whatever is exported under this name. */
    public Optional<Extern> export(String name) {
        return Optional.empty();
    }

    /**
     * Ends what the guest is doing, soon, with a {@link Trap} of {@link Trap.Kind#INTERRUPTED}, and every later call at
     * once. May be called from any thread. A guest that waits in a host call is not woken.
     */
    public void interrupt() {}

    /** A host function begins to wait for something outside: the CPU clock stops until {@link #endWait}. */
    public void beginWait() {}

    /**
     * A host function has finished waiting.
     *
     * @throws Trap {@link Trap.Kind#DEADLINE_EXCEEDED} or {@link Trap.Kind#INTERRUPTED} if that happened meanwhile
     */
    public void endWait() {}

    /** How long until the wall-clock deadline, in nanoseconds; {@link Long#MAX_VALUE} without one. */
    public long remainingWallNanos() {
        return Long.MAX_VALUE;
    }

    /** How long the guest has run, in nanoseconds, without waits. */
    public long cpuNanos() {
        return 0;
    }
}
