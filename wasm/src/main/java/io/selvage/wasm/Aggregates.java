package io.selvage.wasm;

import io.selvage.wasm.internal.GuestArray;
import io.selvage.wasm.internal.RuntimeType;
import io.selvage.wasm.internal.VectorArray;
import io.selvage.wasm.internal.Vectors;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes structs and arrays where no compiled code does: for constant expressions and from segments. */
final class Aggregates {
    private Aggregates() {}

    /** How the methods of {@link GuestArray} call arrays of such elements. */
    static String suffix(FieldType element) {
        return switch (StructCode.letter(element)) {
            case 'b' -> "I8";
            case 's' -> "I16";
            case 'I' -> "I32";
            case 'J' -> "I64";
            case 'F' -> "F32";
            case 'D' -> "F64";
            case 'Q' -> "V128";
            default -> "Ref";
        };
    }

    /** How many bytes an element takes. */
    static int bytes(FieldType element) {
        return switch (StructCode.letter(element)) {
            case 'b' -> 1;
            case 's' -> 2;
            case 'J', 'D' -> 8;
            case 'Q' -> 16;
            default -> 4;
        };
    }

    /** An array of elements that are zero or null. */
    static Object newArray(DefinedType type, int length) {
        RuntimeType runtimeType = type.runtimeType();
        return switch (StructCode.letter(((ArrayType) type.composite()).element())) {
            case 'b' -> GuestArray.newDefaultI8(length, runtimeType);
            case 's' -> GuestArray.newDefaultI16(length, runtimeType);
            case 'I' -> GuestArray.newDefaultI32(length, runtimeType);
            case 'J' -> GuestArray.newDefaultI64(length, runtimeType);
            case 'F' -> GuestArray.newDefaultF32(length, runtimeType);
            case 'D' -> GuestArray.newDefaultF64(length, runtimeType);
            case 'Q' -> VectorArray.newDefaultV128(length, runtimeType);
            default -> GuestArray.newDefaultRef(length, runtimeType);
        };
    }

    /** Sets an element to a boxed value. */
    static void set(Object array, int index, @Nullable Object value) {
        switch (array) {
            case GuestArray.OfI8 _ ->
                GuestArray.setI8(array, index, number(value).intValue());
            case GuestArray.OfI16 _ ->
                GuestArray.setI16(array, index, number(value).intValue());
            case GuestArray.OfI32 _ ->
                GuestArray.setI32(array, index, number(value).intValue());
            case GuestArray.OfI64 _ ->
                GuestArray.setI64(array, index, number(value).longValue());
            case GuestArray.OfF32 _ ->
                GuestArray.setF32(array, index, number(value).floatValue());
            case GuestArray.OfF64 _ ->
                GuestArray.setF64(array, index, number(value).doubleValue());
            case VectorArray _ -> VectorArray.setV128(array, index, Vectors.unbox(value));
            default -> GuestArray.setRef(array, index, value);
        }
    }

    private static Number number(@Nullable Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw new IllegalArgumentException("no number: " + value);
    }

    /**
     * Copies elements from bytes, which are little-endian.
     *
     * @param elements the Java array of a {@link GuestArray}
     */
    static void copy(byte[] bytes, int offset, Object elements, int index, int count, int size) {
        ByteBuffer source = ByteBuffer.wrap(bytes, offset, count * size).order(ByteOrder.LITTLE_ENDIAN);
        switch (elements) {
            case byte[] array -> source.get(array, index * size, count * size);
            case short[] array -> source.asShortBuffer().get(array, index, count);
            case int[] array -> source.asIntBuffer().get(array, index, count);
            case long[] array -> source.asLongBuffer().get(array, index, count);
            case float[] array -> source.asFloatBuffer().get(array, index, count);
            case double[] array -> source.asDoubleBuffer().get(array, index, count);
            default -> throw new IllegalArgumentException("an array of references has no bytes");
        }
    }

    /** A struct of boxed values; of zeros and nulls if there are none. */
    static Object newStruct(DefinedType type, List<@Nullable Object> values) {
        try {
            Class<?> owner = Class.forName(StructCode.className(type).replace('/', '.'), true, SignatureCode.loader());
            Constructor<?> constructor = owner.getConstructor(RuntimeType.class);
            Object struct = constructor.newInstance(type.runtimeType());
            for (int i = 0; i < values.size(); i++) {
                FieldType field = ((StructType) type.composite()).fields().get(i);
                Object value = values.get(i);
                owner.getField("f" + i)
                        .set(
                                struct,
                                switch (field.packing()) {
                                    case NONE -> value instanceof V128 ? Vectors.unbox(value) : value;
                                    case I8 -> number(value).byteValue();
                                    case I16 -> number(value).shortValue();
                                });
            }
            return struct;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a generated class is not as it should be", e);
        }
    }
}
