package io.selvage.wasm;

import org.jspecify.annotations.Nullable;

/** A module with its imports found: instances are made from it cheaply. Immutable and thread-safe. */
public final class LinkedModule {
    private LinkedModule() {}

    /** The module. */
    public Module module() {
        throw new UnsupportedOperationException();
    }

    /** A new instance without data; see {@link #instantiate(RunLimits, Object)}. */
    public Instance instantiate(RunLimits limits) {
        return instantiate(limits, null);
    }

    /**
     * A new instance; its start function, if there is one, has run.
     *
     * @param limits what it may use; the wall clock starts now
     * @param data what {@link Instance#data} answers to host functions
     * @throws Trap if a segment is out of bounds, the start function traps or a limit is passed
     */
    public Instance instantiate(RunLimits limits, @Nullable Object data) {
        throw new UnsupportedOperationException();
    }
}
