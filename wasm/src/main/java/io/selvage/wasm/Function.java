package io.selvage.wasm;

import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * A function that can be called: one of a guest, or one of the host that a guest can hold a reference to.
 *
 * <p>Only the engine makes subclasses.
 */
public abstract non-sealed class Function implements Extern {
    /** For compiled code. */
    protected Function() {}

    @Override
    public abstract FunctionType type();

    /**
     * Calls the function.
     *
     * @param arguments one object a parameter: {@link Integer}, {@link Long}, {@link Float}, {@link Double}, a
     *     {@code Function} or null for a {@code funcref}, anything or null for an {@code externref}
     * @return one object a result
     * @throws IllegalArgumentException if the arguments do not fit {@link #type}
     * @throws Trap if the guest traps
     */
    public abstract @Nullable Object[] call(@Nullable Object... arguments);

    /**
     * The function as a method handle, for calls without boxing. Its type has {@code int long float double} for the
     * numbers and {@link Object} for references; more than one result comes as an {@code Object[]}. It throws what
     * {@link #call} throws.
     */
    public abstract MethodHandle handle();
}
