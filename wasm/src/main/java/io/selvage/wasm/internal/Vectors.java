package io.selvage.wasm.internal;

import io.selvage.wasm.V128;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.LongVector;
import org.jspecify.annotations.Nullable;

/** Vectors as values of compiled code: how they come into being and how they are boxed. */
public final class Vectors {
    private Vectors() {}

    /** The vector of these bits. */
    public static ByteVector constant(long low, long high) {
        LongVector both = LongVector.broadcast(IntegerLanes.LONGS, low);
        return (low == high ? both : both.withLane(1, high)).reinterpretAsBytes();
    }

    /** What a local begins with. */
    public static ByteVector zero() {
        return ByteVector.zero(IntegerLanes.BYTES);
    }

    public static ByteVector select(ByteVector a, ByteVector b, int condition) {
        return condition != 0 ? a : b;
    }

    /** A vector as hosts see it. */
    public static V128 box(ByteVector vector) {
        LongVector longs = vector.reinterpretAsLongs();
        return new V128(longs.lane(0), longs.lane(1));
    }

    /** The opposite of {@link #box}; null stands for zeros, which a local without a field begins with. */
    public static ByteVector unbox(@Nullable Object value) {
        if (value == null) {
            return zero();
        }
        V128 bits = (V128) Objects.requireNonNull(value);
        return constant(bits.low(), bits.high());
    }
}
