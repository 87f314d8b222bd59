package io.selvage.wasm;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.function.Supplier;
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
        @Nullable
        Object[] call(Instance caller, @Nullable Object[] arguments);
    }

    private static final MethodHandle CALL_BODY;

    static {
        try {
            CALL_BODY = MethodHandles.lookup()
                    .findStatic(
                            HostFunction.class,
                            "callBody",
                            MethodType.methodType(
                                    Object[].class, Body.class, FunctionType.class, Instance.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final FunctionType type;

    /** Makes {@link #handle}: of what a module imports little is ever called, and the JVM takes its time. */
    private final Supplier<MethodHandle> maker;

    private volatile @Nullable MethodHandle handle;

    private HostFunction(FunctionType type, Supplier<MethodHandle> maker) {
        this.type = type;
        this.maker = maker;
    }

    /**
     * A host function with boxed arguments: easy to write.
     *
     * @throws IllegalArgumentException when a guest calls it, if the body's results do not fit {@code type}
     */
    public static HostFunction of(FunctionType type, Body body) {
        return new HostFunction(type, () -> handle(type, body));
    }

    private static MethodHandle handle(FunctionType type, Body body) {
        int count = type.parameters().size();
        MethodHandle call =
                MethodHandles.insertArguments(CALL_BODY, 0, body, type).asCollector(1, Object[].class, count);
        List<ValueType> results = type.results();
        if (results.isEmpty()) {
            call = call.asType(call.type().changeReturnType(void.class));
        } else if (results.size() == 1) {
            MethodHandle first = MethodHandles.insertArguments(MethodHandles.arrayElementGetter(Object[].class), 1, 0);
            call = MethodHandles.filterReturnValue(call, first);
        }
        Class<?> result = switch (results.size()) {
            case 0 -> void.class;
            case 1 -> Values.javaType(results.getFirst());
            default -> Object[].class;
        };
        MethodType face = MethodType.methodType(
                        result,
                        type.parameters().stream()
                                .<Class<?>>map(Values::javaType)
                                .toList())
                .insertParameterTypes(0, Instance.class);
        return call.asType(face);
    }

    private static @Nullable Object[] callBody(
            Body body, FunctionType type, Instance caller, @Nullable Object[] arguments) {
        @Nullable Object[] results = body.call(caller, arguments);
        if (results.length != type.results().size()) {
            throw new IllegalArgumentException(
                    "a host function of type " + type + " answered " + results.length + " results");
        }
        for (int i = 0; i < results.length; i++) {
            Values.check(type.results().get(i), results[i]);
        }
        return results;
    }

    /**
     * A host function that compiled code calls directly, without boxing: fast.
     *
     * @param handle takes an {@link Instance} (the caller) and then {@code int long float double} for numbers, {@link
     *     V128} for vectors, {@link
     *     Function} for a {@code funcref}, {@link Object} for an {@code externref}; returns one of these, or
     *     {@code void}
     * @throws IllegalArgumentException if the handle's type is not of that form
     */
    public static HostFunction of(MethodHandle handle) {
        return of(handle.type(), () -> handle);
    }

    /**
     * A host function whose handle is asked for when a guest first calls it.
     *
     * @param java the handle's type
     * @throws IllegalArgumentException if that is not of the form above
     */
    static HostFunction of(MethodType java, Supplier<MethodHandle> handle) {
        if (java.parameterCount() == 0 || java.parameterType(0) != Instance.class) {
            throw new IllegalArgumentException(
                    "the first parameter of a host function is an Instance, not as in " + java);
        }
        List<ValueType> parameters = java.parameterList().stream()
                .skip(1)
                .map(c -> valueType(c, java))
                .toList();
        List<ValueType> results =
                java.returnType() == void.class ? List.of() : List.of(valueType(java.returnType(), java));
        MethodType face = MethodType.methodType(
                        results.isEmpty() ? void.class : Values.javaType(results.getFirst()),
                        parameters.stream().<Class<?>>map(Values::javaType).toList())
                .insertParameterTypes(0, Instance.class);
        return new HostFunction(
                new FunctionType(parameters, results), () -> handle.get().asType(face));
    }

    private static ValueType valueType(Class<?> java, MethodType whole) {
        if (java == int.class) {
            return ValueType.I32;
        }
        if (java == long.class) {
            return ValueType.I64;
        }
        if (java == float.class) {
            return ValueType.F32;
        }
        if (java == double.class) {
            return ValueType.F64;
        }
        if (java == V128.class) {
            return ValueType.V128;
        }
        if (java == Function.class) {
            return ValueType.FUNCREF;
        }
        if (java == Object.class) {
            return ValueType.EXTERNREF;
        }
        throw new IllegalArgumentException("a host function cannot take or return a " + java.getName() + ", as in "
                + whole + "; it can be int, long, float, double, V128, Function or Object");
    }

    /** Its type as the guest sees it. */
    public FunctionType type() {
        return type;
    }

    /** Takes an {@link Instance} and then what {@link Function#handle} takes; returns what that returns. */
    MethodHandle handle() {
        MethodHandle known = handle;
        if (known == null) {
            known = maker.get();
            handle = known;
        }
        return known;
    }
}
