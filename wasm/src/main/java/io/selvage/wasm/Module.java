package io.selvage.wasm;

import java.util.List;

/** A decoded and validated module (core spec §2.5). Immutable and thread-safe; its compiled code goes when it goes. */
public final class Module {
    private Module() {}

    /** What it needs from outside, in order. */
    public List<ImportDescriptor> imports() {
        return List.of();
    }

    /** What it gives to the outside, in order. */
    public List<ExportDescriptor> exports() {
        return List.of();
    }

    /**
     * Finds every import, once for all instances to come.
     *
     * @throws LinkException if an import is missing or of another type
     */
    public LinkedModule link(Imports imports) {
        throw new UnsupportedOperationException();
    }

    /** Links and instantiates, without limits and without data. */
    public Instance instantiate(Imports imports) {
        return link(imports).instantiate(RunLimits.none());
    }
}
