package io.selvage.wasm.internal;

/** A struct of a guest; each form has a generated subclass with a field {@code f<n>} for each of its own. */
public abstract class GuestStruct extends GuestObject {
    /** For generated subclasses. */
    protected GuestStruct(RuntimeType type) {
        super(type);
    }
}
