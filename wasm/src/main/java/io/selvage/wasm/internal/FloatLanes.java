package io.selvage.wasm.internal;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The vector instructions on floating-point lanes (core spec §4.3.3, §4.4.3), as {@link IntegerLanes} has those on integer
 * lanes. What WebAssembly says of bits only ({@code abs}, {@code neg}) is done on integers, so that NaNs keep theirs; what
 * it says of numbers makes NaNs quiet, if need be by subtracting zero.
 */
public final class FloatLanes {
    private FloatLanes() {}

    // f32x4

    public static ByteVector f32x4Splat(float x) {
        return FloatVector.broadcast(FloatVector.SPECIES_128, x).reinterpretAsBytes();
    }

    public static float f32x4ExtractLane(ByteVector a, int lane) {
        return a.reinterpretAsFloats().lane(lane);
    }

    public static ByteVector f32x4ReplaceLane(ByteVector a, float x, int lane) {
        return a.reinterpretAsFloats().withLane(lane, x).reinterpretAsBytes();
    }

    public static ByteVector f32x4Eq(ByteVector a, ByteVector b) {
        return IntegerLanes.truth32(a.reinterpretAsFloats()
                .compare(VectorOperators.EQ, b.reinterpretAsFloats())
                .cast(IntegerLanes.INTS));
    }

    public static ByteVector f32x4Ne(ByteVector a, ByteVector b) {
        return IntegerLanes.truth32(a.reinterpretAsFloats()
                .compare(VectorOperators.NE, b.reinterpretAsFloats())
                .cast(IntegerLanes.INTS));
    }

    public static ByteVector f32x4Lt(ByteVector a, ByteVector b) {
        return IntegerLanes.truth32(a.reinterpretAsFloats()
                .compare(VectorOperators.LT, b.reinterpretAsFloats())
                .cast(IntegerLanes.INTS));
    }

    public static ByteVector f32x4Gt(ByteVector a, ByteVector b) {
        return IntegerLanes.truth32(a.reinterpretAsFloats()
                .compare(VectorOperators.GT, b.reinterpretAsFloats())
                .cast(IntegerLanes.INTS));
    }

    public static ByteVector f32x4Le(ByteVector a, ByteVector b) {
        return IntegerLanes.truth32(a.reinterpretAsFloats()
                .compare(VectorOperators.LE, b.reinterpretAsFloats())
                .cast(IntegerLanes.INTS));
    }

    public static ByteVector f32x4Ge(ByteVector a, ByteVector b) {
        return IntegerLanes.truth32(a.reinterpretAsFloats()
                .compare(VectorOperators.GE, b.reinterpretAsFloats())
                .cast(IntegerLanes.INTS));
    }

    public static ByteVector f32x4Abs(ByteVector a) {
        return a.reinterpretAsInts().and(Integer.MAX_VALUE).reinterpretAsBytes();
    }

    public static ByteVector f32x4Neg(ByteVector a) {
        return a.reinterpretAsInts()
                .lanewise(VectorOperators.XOR, Integer.MIN_VALUE)
                .reinterpretAsBytes();
    }

    public static ByteVector f32x4Sqrt(ByteVector a) {
        return a.reinterpretAsFloats().lanewise(VectorOperators.SQRT).reinterpretAsBytes();
    }

    public static ByteVector f32x4Add(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats().add(b.reinterpretAsFloats()).reinterpretAsBytes();
    }

    public static ByteVector f32x4Sub(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats().sub(b.reinterpretAsFloats()).reinterpretAsBytes();
    }

    public static ByteVector f32x4Mul(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats().mul(b.reinterpretAsFloats()).reinterpretAsBytes();
    }

    public static ByteVector f32x4Div(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats().div(b.reinterpretAsFloats()).reinterpretAsBytes();
    }

    public static ByteVector f32x4Min(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats().min(b.reinterpretAsFloats()).sub(0f).reinterpretAsBytes();
    }

    public static ByteVector f32x4Max(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats().max(b.reinterpretAsFloats()).sub(0f).reinterpretAsBytes();
    }

    public static ByteVector f32x4Pmin(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats()
                .blend(
                        b.reinterpretAsFloats(),
                        b.reinterpretAsFloats().compare(VectorOperators.LT, a.reinterpretAsFloats()))
                .reinterpretAsBytes();
    }

    public static ByteVector f32x4Pmax(ByteVector a, ByteVector b) {
        return a.reinterpretAsFloats()
                .blend(
                        b.reinterpretAsFloats(),
                        a.reinterpretAsFloats().compare(VectorOperators.LT, b.reinterpretAsFloats()))
                .reinterpretAsBytes();
    }

    public static ByteVector f32x4RelaxedMadd(ByteVector a, ByteVector b, ByteVector c) {
        return a.reinterpretAsFloats()
                .mul(b.reinterpretAsFloats())
                .add(c.reinterpretAsFloats())
                .reinterpretAsBytes();
    }

    public static ByteVector f32x4RelaxedNmadd(ByteVector a, ByteVector b, ByteVector c) {
        return f32x4RelaxedMadd(f32x4Neg(a), b, c);
    }

    /**
     * Rounds magnitudes below 2<sup>23</sup> to whole numbers, ties to even: adding and taking away that number does. What is
     * larger, or no number, is not looked at.
     */
    private static FloatVector near(FloatVector magnitude) {
        return magnitude.add(0x1p23f).sub(0x1p23f);
    }

    /** Gives {@code rounded} the signs of {@code a}; keeps what is too large to have a fraction, and NaNs. */
    private static ByteVector round(ByteVector a, FloatVector rounded) {
        IntVector signed = rounded.reinterpretAsInts().or(a.reinterpretAsInts().and(Integer.MIN_VALUE));
        FloatVector whole = a.reinterpretAsFloats().sub(0f);
        return whole.blend(signed.reinterpretAsFloats(), whole.abs().compare(VectorOperators.LT, 0x1p23f))
                .reinterpretAsBytes();
    }

    private static FloatVector signedNear32(ByteVector a) {
        IntVector near = near(a.reinterpretAsFloats().abs()).reinterpretAsInts();
        return near.or(a.reinterpretAsInts().and(Integer.MIN_VALUE)).reinterpretAsFloats();
    }

    public static ByteVector f32x4Nearest(ByteVector a) {
        return round(a, near(a.reinterpretAsFloats().abs()));
    }

    public static ByteVector f32x4Trunc(ByteVector a) {
        FloatVector magnitude = a.reinterpretAsFloats().abs();
        FloatVector near = near(magnitude);
        return round(a, near.blend(near.sub(1), near.compare(VectorOperators.GT, magnitude)));
    }

    public static ByteVector f32x4Ceil(ByteVector a) {
        FloatVector near = signedNear32(a);
        return round(a, near.blend(near.add(1), near.compare(VectorOperators.LT, a.reinterpretAsFloats())));
    }

    public static ByteVector f32x4Floor(ByteVector a) {
        FloatVector near = signedNear32(a);
        return round(a, near.blend(near.sub(1), near.compare(VectorOperators.GT, a.reinterpretAsFloats())));
    }

    // f64x2: comparisons are of four lanes, because C2 has no masks of two

    private static ByteVector truth(VectorOperators.Comparison comparison, ByteVector a, ByteVector b) {
        DoubleVector left = (DoubleVector) a.reinterpretShape(DoubleVector.SPECIES_256, 0);
        DoubleVector right = (DoubleVector) b.reinterpretShape(DoubleVector.SPECIES_256, 0);
        return IntegerLanes.truth64(left.compare(comparison, right).cast(IntegerLanes.FOUR_LONGS));
    }

    public static ByteVector f64x2Splat(double x) {
        return DoubleVector.broadcast(DoubleVector.SPECIES_128, x).reinterpretAsBytes();
    }

    public static double f64x2ExtractLane(ByteVector a, int lane) {
        return a.reinterpretAsDoubles().lane(lane);
    }

    public static ByteVector f64x2ReplaceLane(ByteVector a, double x, int lane) {
        return a.reinterpretAsDoubles().withLane(lane, x).reinterpretAsBytes();
    }

    public static ByteVector f64x2Eq(ByteVector a, ByteVector b) {
        return truth(VectorOperators.EQ, a, b);
    }

    public static ByteVector f64x2Ne(ByteVector a, ByteVector b) {
        return truth(VectorOperators.NE, a, b);
    }

    public static ByteVector f64x2Lt(ByteVector a, ByteVector b) {
        return truth(VectorOperators.LT, a, b);
    }

    public static ByteVector f64x2Gt(ByteVector a, ByteVector b) {
        return truth(VectorOperators.GT, a, b);
    }

    public static ByteVector f64x2Le(ByteVector a, ByteVector b) {
        return truth(VectorOperators.LE, a, b);
    }

    public static ByteVector f64x2Ge(ByteVector a, ByteVector b) {
        return truth(VectorOperators.GE, a, b);
    }

    public static ByteVector f64x2Abs(ByteVector a) {
        return a.reinterpretAsLongs().and(Long.MAX_VALUE).reinterpretAsBytes();
    }

    public static ByteVector f64x2Neg(ByteVector a) {
        return a.reinterpretAsLongs()
                .lanewise(VectorOperators.XOR, Long.MIN_VALUE)
                .reinterpretAsBytes();
    }

    public static ByteVector f64x2Sqrt(ByteVector a) {
        return a.reinterpretAsDoubles().lanewise(VectorOperators.SQRT).reinterpretAsBytes();
    }

    public static ByteVector f64x2Add(ByteVector a, ByteVector b) {
        return a.reinterpretAsDoubles().add(b.reinterpretAsDoubles()).reinterpretAsBytes();
    }

    public static ByteVector f64x2Sub(ByteVector a, ByteVector b) {
        return a.reinterpretAsDoubles().sub(b.reinterpretAsDoubles()).reinterpretAsBytes();
    }

    public static ByteVector f64x2Mul(ByteVector a, ByteVector b) {
        return a.reinterpretAsDoubles().mul(b.reinterpretAsDoubles()).reinterpretAsBytes();
    }

    public static ByteVector f64x2Div(ByteVector a, ByteVector b) {
        return a.reinterpretAsDoubles().div(b.reinterpretAsDoubles()).reinterpretAsBytes();
    }

    public static ByteVector f64x2Min(ByteVector a, ByteVector b) {
        return a.reinterpretAsDoubles().min(b.reinterpretAsDoubles()).sub(0).reinterpretAsBytes();
    }

    public static ByteVector f64x2Max(ByteVector a, ByteVector b) {
        return a.reinterpretAsDoubles().max(b.reinterpretAsDoubles()).sub(0).reinterpretAsBytes();
    }

    public static ByteVector f64x2Pmin(ByteVector a, ByteVector b) {
        return IntegerLanes.v128Bitselect(b, a, f64x2Lt(b, a));
    }

    public static ByteVector f64x2Pmax(ByteVector a, ByteVector b) {
        return IntegerLanes.v128Bitselect(b, a, f64x2Lt(a, b));
    }

    public static ByteVector f64x2RelaxedMadd(ByteVector a, ByteVector b, ByteVector c) {
        return a.reinterpretAsDoubles()
                .mul(b.reinterpretAsDoubles())
                .add(c.reinterpretAsDoubles())
                .reinterpretAsBytes();
    }

    public static ByteVector f64x2RelaxedNmadd(ByteVector a, ByteVector b, ByteVector c) {
        return f64x2RelaxedMadd(f64x2Neg(a), b, c);
    }

    // Lane by lane: the vector API does not round, and what does it besides needs comparisons, whose masks of two lanes
    // C2 keeps as objects.

    private static ByteVector doubles(double first, double second) {
        return DoubleVector.broadcast(DoubleVector.SPECIES_128, first)
                .withLane(1, second)
                .reinterpretAsBytes();
    }

    public static ByteVector f64x2Nearest(ByteVector a) {
        return doubles(Ops.f64Nearest(f64x2ExtractLane(a, 0)), Ops.f64Nearest(f64x2ExtractLane(a, 1)));
    }

    public static ByteVector f64x2Trunc(ByteVector a) {
        return doubles(Ops.f64Trunc(f64x2ExtractLane(a, 0)), Ops.f64Trunc(f64x2ExtractLane(a, 1)));
    }

    public static ByteVector f64x2Ceil(ByteVector a) {
        return doubles(Ops.f64Ceil(f64x2ExtractLane(a, 0)), Ops.f64Ceil(f64x2ExtractLane(a, 1)));
    }

    public static ByteVector f64x2Floor(ByteVector a) {
        return doubles(Ops.f64Floor(f64x2ExtractLane(a, 0)), Ops.f64Floor(f64x2ExtractLane(a, 1)));
    }

    // Conversions

    public static ByteVector f32x4DemoteF64x2Zero(ByteVector a) {
        return a.reinterpretAsDoubles()
                .convertShape(VectorOperators.D2F, FloatVector.SPECIES_128, 0)
                .reinterpretAsBytes();
    }

    public static ByteVector f64x2PromoteLowF32x4(ByteVector a) {
        return a.reinterpretAsFloats()
                .convertShape(VectorOperators.F2D, DoubleVector.SPECIES_128, 0)
                .reinterpretAsBytes();
    }

    public static ByteVector f32x4ConvertI32x4S(ByteVector a) {
        return a.reinterpretAsInts()
                .convertShape(VectorOperators.I2F, FloatVector.SPECIES_128, 0)
                .reinterpretAsBytes();
    }

    /** Both halves of the number are exact as floats; their sum is rounded once. */
    public static ByteVector f32x4ConvertI32x4U(ByteVector a) {
        IntVector a32 = a.reinterpretAsInts();
        FloatVector high = (FloatVector)
                a32.lanewise(VectorOperators.LSHR, 16).convertShape(VectorOperators.I2F, FloatVector.SPECIES_128, 0);
        FloatVector low = (FloatVector) a32.and(0xffff).convertShape(VectorOperators.I2F, FloatVector.SPECIES_128, 0);
        return high.mul(65_536f).add(low).reinterpretAsBytes();
    }

    public static ByteVector f64x2ConvertLowI32x4S(ByteVector a) {
        return a.reinterpretAsInts()
                .convertShape(VectorOperators.I2D, DoubleVector.SPECIES_128, 0)
                .reinterpretAsBytes();
    }

    /** The number plus 2<sup>52</sup> has its bits as those of the double. */
    public static ByteVector f64x2ConvertLowI32x4U(ByteVector a) {
        LongVector wide = IntegerLanes.i64x2ExtendLowI32x4U(a).reinterpretAsLongs();
        return wide.or(0x4330_0000_0000_0000L)
                .reinterpretAsDoubles()
                .sub(0x1p52)
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4TruncSatF32x4S(ByteVector a) {
        return a.reinterpretAsFloats()
                .convertShape(VectorOperators.F2I, IntegerLanes.INTS, 0)
                .reinterpretAsBytes();
    }

    /** From 2<sup>31</sup> on the number is made smaller by that much, and the topmost bit set afterwards. */
    public static ByteVector i32x4TruncSatF32x4U(ByteVector a) {
        FloatVector number = a.reinterpretAsFloats();
        VectorMask<Float> large = number.compare(VectorOperators.GE, 0x1p31f);
        IntVector low = (IntVector)
                number.blend(number.sub(0x1p31f), large).convertShape(VectorOperators.F2I, IntegerLanes.INTS, 0);
        IntVector positive = low.max(0);
        return positive.blend(positive.or(Integer.MIN_VALUE), large.cast(IntegerLanes.INTS))
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4TruncSatF64x2SZero(ByteVector a) {
        return a.reinterpretAsDoubles()
                .convertShape(VectorOperators.D2I, IntegerLanes.INTS, 0)
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4TruncSatF64x2UZero(ByteVector a) {
        return IntVector.zero(IntegerLanes.INTS)
                .withLane(0, Ops.i32TruncSatF64U(f64x2ExtractLane(a, 0)))
                .withLane(1, Ops.i32TruncSatF64U(f64x2ExtractLane(a, 1)))
                .reinterpretAsBytes();
    }
}
