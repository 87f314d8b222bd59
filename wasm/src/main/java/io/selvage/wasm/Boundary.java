package io.selvage.wasm;

import io.selvage.wasm.internal.CompiledFunction;
import io.selvage.wasm.internal.InstanceState;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** What happens where the host calls a guest: clocks start and stop, and exceptions of the JVM become traps. */
final class Boundary {
    private static final MethodHandle ENTER;
    private static final MethodHandle LEAVE;

    static {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            ENTER = lookup.findStatic(Boundary.class, "enter", MethodType.methodType(void.class, InstanceState.class));
            LEAVE = lookup.findStatic(
                    Boundary.class,
                    "leaveHandle",
                    MethodType.methodType(void.class, InstanceState.class, Throwable.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Boundary() {}

    static @Nullable InstanceState ownerOf(CompiledFunction function) {
        return function.owner;
    }

    /** A call into the guest begins. */
    static void enter(@Nullable InstanceState owner) {
        if (owner != null) {
            owner.instance.runtime().enter();
        }
    }

    /** A call into the guest has ended. */
    static void leave(@Nullable InstanceState owner, @Nullable Throwable thrown) {
        if (owner != null) {
            if (thrown != null) {
                owner.pending = null;
                owner.direct = 0;
            }
            owner.instance.runtime().leave();
        }
    }

    private static void leaveHandle(@Nullable InstanceState owner, @Nullable Throwable thrown) {
        leave(owner, thrown);
        if (thrown != null) {
            throw convert(thrown, owner);
        }
    }

    /** A method handle that does the same as {@code target} between {@link #enter} and {@link #leave}. */
    static MethodHandle guard(MethodHandle target, @Nullable InstanceState owner) {
        Class<?> result = target.type().returnType();
        MethodHandle leave = MethodHandles.insertArguments(LEAVE, 0, owner);
        MethodHandle cleanup;
        if (result == void.class) {
            cleanup = leave;
        } else {
            MethodHandle identity = MethodHandles.dropArguments(MethodHandles.identity(result), 0, Throwable.class);
            cleanup = MethodHandles.foldArguments(identity, leave);
        }
        MethodHandle guarded = MethodHandles.tryFinally(target, cleanup);
        MethodHandle enter = MethodHandles.insertArguments(ENTER, 0, owner);
        return MethodHandles.foldArguments(guarded, enter);
    }

    /** What the host sees of something that was thrown while a guest ran. */
    static RuntimeException convert(Throwable thrown, @Nullable InstanceState owner) {
        Trap trap = switch (thrown) {
            case Trap t -> t;
            case StackOverflowError e ->
                new Trap(Trap.Kind.CALL_STACK_EXHAUSTED, Trap.Kind.CALL_STACK_EXHAUSTED.text(), e);
            case OutOfMemoryError e -> new Trap(Trap.Kind.OUT_OF_MEMORY, "the heap has no room for more objects", e);
            case IndexOutOfBoundsException e
            when isOfGuest(e) -> new Trap(Trap.Kind.MEMORY_OUT_OF_BOUNDS, Trap.Kind.MEMORY_OUT_OF_BOUNDS.text(), e);
            case ArithmeticException e
            when isOfGuest(e) -> new Trap(Trap.Kind.INTEGER_DIVIDE_BY_ZERO, Trap.Kind.INTEGER_DIVIDE_BY_ZERO.text(), e);
            default -> throw sneak(thrown);
        };
        if (owner != null && trap.happenedIn(owner.instance.module()) && EventRecording.isOn()) {
            record(trap, owner.instance.module());
        }
        return trap;
    }

    private static void record(Trap trap, Module module) {
        TrapEvent event = new TrapEvent();
        if (event.isEnabled() && event.shouldCommit()) {
            event.module = module.name().orElse("");
            event.digest = module.code().digest();
            event.kind = trap.kind().name();
            event.message = String.valueOf(trap.getMessage());
            event.function =
                    trap.frames().isEmpty() ? "" : trap.frames().getFirst().toString();
            event.commit();
        }
    }

    /**
     * Whether an exception of the JVM was thrown by a guest's own access or division. A hot one has no stack: the JIT
     * compiler leaves it out, and only guests get so hot with exceptions.
     */
    private static boolean isOfGuest(RuntimeException thrown) {
        for (StackTraceElement element : thrown.getStackTrace()) {
            String name = element.getClassName();
            if (name.startsWith("selvage.guest.")
                    || name.startsWith("io.selvage.wasm.internal.Ops")
                    || name.startsWith("io.selvage.wasm.internal.Bytes")
                    || name.startsWith("io.selvage.wasm.internal.VectorMemory")) {
                return true;
            }
            if (!name.startsWith("java.") && !name.startsWith("jdk.")) {
                return false;
            }
        }
        return true;
    }

    /** Throws anything as it is. */
    static RuntimeException sneak(Throwable thrown) {
        return Boundary.<RuntimeException>cast(thrown);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException cast(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
