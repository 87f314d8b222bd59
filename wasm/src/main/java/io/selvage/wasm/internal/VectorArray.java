package io.selvage.wasm.internal;

import io.selvage.wasm.Trap;
import jdk.incubator.vector.ByteVector;
import org.jspecify.annotations.Nullable;

/**
 * An array of vectors (core spec §4.2.16), whose bytes lie one after the other as in a memory. It is not with the others in
 * {@link GuestArray} because that has to work without the JDK's vector module. The static methods are what compiled code
 * calls.
 */
public final class VectorArray extends GuestArray {
    /** How many bytes a vector has. */
    private static final int BYTES = 16;

    private static final int MAXIMUM_LENGTH = Integer.MAX_VALUE / BYTES;

    private final byte[] bytes;

    private VectorArray(RuntimeType type, byte[] bytes) {
        super(type);
        this.bytes = bytes;
    }

    @Override
    public int length() {
        return bytes.length / BYTES;
    }

    @Override
    Object elements() {
        return bytes;
    }

    @Override
    int stride() {
        return BYTES;
    }

    private static VectorArray of(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (VectorArray) array;
    }

    public static Object newDefaultV128(int length, RuntimeType type) {
        if (length > MAXIMUM_LENGTH) {
            throw new Trap(Trap.Kind.OUT_OF_MEMORY, "no array has " + length + " vectors");
        }
        return new VectorArray(type, new byte[length * BYTES]);
    }

    public static Object newV128(ByteVector value, int length, RuntimeType type) {
        Object array = newDefaultV128(length, type);
        fillV128(array, 0, value, length);
        return array;
    }

    public static void setV128(@Nullable Object array, int index, ByteVector value) {
        byte[] bytes = of(array).bytes;
        check(index, bytes.length / BYTES);
        value.intoArray(bytes, index * BYTES);
    }

    public static void fillV128(@Nullable Object array, int index, ByteVector value, int count) {
        byte[] bytes = of(array).bytes;
        checkRange(index, count, bytes.length / BYTES);
        for (int at = index * BYTES, end = at + count * BYTES; at < end; at += BYTES) {
            value.intoArray(bytes, at);
        }
    }

    public static ByteVector getV128(@Nullable Object array, int index) {
        byte[] bytes = of(array).bytes;
        check(index, bytes.length / BYTES);
        return ByteVector.fromArray(IntegerLanes.BYTES, bytes, index * BYTES);
    }
}
