package io.selvage.wasm.internal;

/** A struct or an array of a guest (core spec §4.2.16). The host passes it on, but cannot look inside. */
public abstract class GuestObject {
    /** What it is. */
    public final RuntimeType type;

    GuestObject(RuntimeType type) {
        this.type = type;
    }
}
