package io.selvage.wasm.internal;

import io.selvage.wasm.Function;
import io.selvage.wasm.FunctionType;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * A function that compiled code can call. Each function type has a generated subclass with an abstract method
 * {@code call} of the right JVM type, so that the check of an indirect call's type is a check of a class.
 */
public abstract class CompiledFunction extends Function {
    /** How to call functions of one type from Java. */
    public interface Caller {
        /** The type. */
        FunctionType type();

        /** The type as modules define it. */
        RuntimeType runtimeType();

        /** Calls from outside: checks arguments, converts what is thrown. */
        @Nullable
        Object[] call(CompiledFunction function, @Nullable Object[] arguments);

        /** The function as a method handle that converts what is thrown. */
        MethodHandle handle(CompiledFunction function);

        /** Calls the body from a trampoline; the result is as compiled code returns it, boxed. */
        @Nullable
        Object tailCall(CompiledFunction function, @Nullable Object[] arguments, InstanceState instance);
    }

    private final Caller caller;

    /** The type as modules define it. */
    public final RuntimeType runtimeType;

    /** The instance whose function it is; null for a function of the host that no instance exports. */
    public final @Nullable InstanceState owner;

    /** The index of a guest's function in its module; -1 for a function of the host. */
    public final int index;

    /** For generated subclasses. */
    protected CompiledFunction(Caller caller, @Nullable InstanceState owner, int index) {
        this.caller = caller;
        runtimeType = caller.runtimeType();
        this.owner = owner;
        this.index = index;
    }

    /**
     * Makes a tail call; one of the function's own is left in {@link InstanceState#pending} of its owner.
     *
     * @param instance the instance that made the tail call
     */
    public final @Nullable Object tailCall(@Nullable Object[] arguments, InstanceState instance) {
        if (owner != null) {
            owner.direct = index + 1;
        }
        return caller.tailCall(this, arguments, instance);
    }

    @Override
    public final FunctionType type() {
        return caller.type();
    }

    @Override
    public final @Nullable Object[] call(@Nullable Object... arguments) {
        return caller.call(this, arguments);
    }

    @Override
    public final MethodHandle handle() {
        return caller.handle(this);
    }
}
