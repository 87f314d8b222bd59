package io.selvage.wasm;

import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * A function of the host that guests can import. It holds no state of an instance: what it works on hangs on the
 * {@linkplain Instance#data calling instance}, so one serves all instances and threads.
 */
public final class HostFunction {
    /** The body of a host function with boxed arguments. */
    @FunctionalInterface
    public interface Body {
        /**
         * Is called by a guest.
         *
         * @param caller the calling instance
         * @param arguments one object a parameter, boxed as for {@link Function#call}
         * @return one object a result
         */
        @Nullable Object[] call(Instance caller, @Nullable Object[] arguments);
    }

    private final FunctionType type;
    private final MethodHandle handle;

    private HostFunction(FunctionType type, MethodHandle handle) {
        this.type = type;
        this.handle = handle;
    }

    /** A host function with boxed arguments: easy to write. */
    public static HostFunction of(FunctionType type, Body body) {
        throw new UnsupportedOperationException();
    }

    /**
     * A host function that compiled code calls directly, without boxing: fast.
     *
     * @param handle takes an {@link Instance} (the caller) and then {@code int long float double} for numbers, {@link
     *     Function} for a {@code funcref}, {@link Object} for an {@code externref}; returns one of these, or
     *     {@code void}
     * @throws IllegalArgumentException if the handle's type is not of that form
     */
    public static HostFunction of(MethodHandle handle) {
        throw new UnsupportedOperationException();
    }

    /** Its type as the guest sees it. */
    public FunctionType type() {
        return type;
    }

    /** Takes an {@link Instance} and then what {@link Function#handle} takes; returns what that returns. */
    MethodHandle handle() {
        return handle;
    }
}
