package io.selvage.wasm;

import io.selvage.wasm.internal.CompiledFunction;
import io.selvage.wasm.internal.GuestArray;
import io.selvage.wasm.internal.GuestObject;
import io.selvage.wasm.internal.GuestStruct;
import io.selvage.wasm.internal.I31;
import org.jspecify.annotations.Nullable;

/** WebAssembly's values as Java objects. */
final class Values {
    private Values() {}

    /** Throws {@link IllegalArgumentException} unless {@code value} is a Java object of {@code type}. */
    static void check(ValueType type, @Nullable Object value) {
        boolean fits = switch (type.kind()) {
            case I32 -> value instanceof Integer;
            case I64 -> value instanceof Long;
            case F32 -> value instanceof Float;
            case F64 -> value instanceof Double;
            case V128 -> value instanceof V128;
            case REFERENCE -> value == null ? type.isNullable() : isReference(type.heap(), value);
        };
        if (!fits) {
            throw new IllegalArgumentException("expected a value of type " + type + ", got "
                    + (value == null ? "null" : value.getClass().getSimpleName() + " " + value));
        }
    }

    private static boolean isReference(HeapType type, Object value) {
        return switch (type) {
            case DefinedType defined ->
                switch (value) {
                    case GuestObject object -> object.type.isSubtypeOf(defined.runtimeType());
                    case CompiledFunction function -> function.runtimeType.isSubtypeOf(defined.runtimeType());
                    default -> false;
                };
            case AbstractHeapType known ->
                switch (known) {
                    case EXTERN, ANY -> true;
                    case FUNC -> value instanceof Function;
                    case EXN -> value instanceof GuestException;
                    case EQ -> value instanceof I31 || value instanceof GuestObject;
                    case I31 -> value instanceof I31;
                    case STRUCT -> value instanceof GuestStruct;
                    case ARRAY -> value instanceof GuestArray;
                    case NONE, NOFUNC, NOEXTERN, NOEXN -> false;
                };
        };
    }

    /** The bits of a boxed number. */
    static long bits(@Nullable Object value) {
        return switch (value) {
            case Integer i -> Integer.toUnsignedLong(i);
            case Long l -> l;
            case Float f -> Integer.toUnsignedLong(Float.floatToRawIntBits(f));
            case Double d -> Double.doubleToRawLongBits(d);
            case null, default -> 0;
        };
    }

    /** A number by its bits, boxed. */
    static Object fromBits(ValueType type, long bits) {
        return switch (type.kind()) {
            case I32 -> (int) bits;
            case I64 -> bits;
            case F32 -> Float.intBitsToFloat((int) bits);
            case F64 -> Double.longBitsToDouble(bits);
            default -> throw new IllegalArgumentException(type + " is not a number");
        };
    }

    /** The Java type that stands for {@code type} in method handles of the host. */
    static Class<?> javaType(ValueType type) {
        return switch (type.kind()) {
            case I32 -> int.class;
            case I64 -> long.class;
            case F32 -> float.class;
            case F64 -> double.class;
            case REFERENCE -> Object.class;
            case V128 -> V128.class;
        };
    }

    /** The value a local or global of {@code type} begins with. */
    static @Nullable Object zero(ValueType type) {
        return switch (type.kind()) {
            case I32 -> 0;
            case I64 -> 0L;
            case F32 -> 0f;
            case F64 -> 0d;
            case V128 -> V128.ZERO;
            case REFERENCE -> null;
        };
    }
}
