package io.selvage.wasm.internal;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector instructions on integer lanes (core spec §4.3.2, §4.4.3), one static method each, for compiled code: the JIT
 * compiler makes a few instructions of the processor of each and keeps the vectors in registers.
 */
public final class IntegerLanes {
    static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
    static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_128;
    static final VectorSpecies<Long> LONGS = LongVector.SPECIES_128;
    static final VectorSpecies<Long> FOUR_LONGS = LongVector.SPECIES_256;

    private static final VectorShuffle<Byte> UPPER = VectorShuffle.fromOp(BYTES, i -> i < 8 ? i + 8 : i);
    private static final VectorShuffle<Byte> EVEN_BYTES = VectorShuffle.fromOp(BYTES, i -> 2 * i % 16);
    private static final VectorShuffle<Byte> EVEN_SHORTS = VectorShuffle.fromOp(BYTES, i -> 4 * (i / 2) % 16 + i % 2);
    private static final VectorMask<Byte> UPPER_HALF = VectorMask.fromLong(BYTES, 0xff00);

    private IntegerLanes() {}

    /** All ones where the mask is set, zeros elsewhere. */
    private static ByteVector truth8(VectorMask<Byte> mask) {
        return ByteVector.zero(BYTES).blend((byte) -1, mask);
    }

    private static ByteVector truth16(VectorMask<Short> mask) {
        return ShortVector.zero(SHORTS).blend((short) -1, mask).reinterpretAsBytes();
    }

    static ByteVector truth32(VectorMask<Integer> mask) {
        return IntVector.zero(INTS).blend(-1, mask).reinterpretAsBytes();
    }

    /** The same of a mask for four lanes: C2 has no masks of two. */
    static ByteVector truth64(VectorMask<Long> mask) {
        return (ByteVector) LongVector.zero(FOUR_LONGS).blend(-1, mask).reinterpretShape(BYTES, 0);
    }

    private static LongVector wide(ByteVector a) {
        return (LongVector) a.reinterpretShape(FOUR_LONGS, 0);
    }

    /** The upper eight bytes, in both halves. */
    private static ByteVector upper(ByteVector a) {
        return a.rearrange(UPPER);
    }

    // All bits

    public static ByteVector v128Not(ByteVector a) {
        return a.not();
    }

    public static ByteVector v128And(ByteVector a, ByteVector b) {
        return a.and(b);
    }

    public static ByteVector v128Andnot(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.AND_NOT, b);
    }

    public static ByteVector v128Or(ByteVector a, ByteVector b) {
        return a.or(b);
    }

    public static ByteVector v128Xor(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.XOR, b);
    }

    public static ByteVector v128Bitselect(ByteVector a, ByteVector b, ByteVector mask) {
        return a.lanewise(VectorOperators.XOR, b).and(mask).lanewise(VectorOperators.XOR, b);
    }

    public static int v128AnyTrue(ByteVector a) {
        return a.compare(VectorOperators.NE, (byte) 0).anyTrue() ? 1 : 0;
    }

    // Moving bytes

    /** {@code i8x16.shuffle}; {@code low} and {@code high} are its immediates, of which some are of each operand. */
    public static ByteVector i8x16Shuffle(ByteVector a, ByteVector b, long low, long high) {
        ByteVector lanes = Vectors.constant(low, high);
        return lanes.selectFrom(a).blend(lanes.selectFrom(b), lanes.compare(VectorOperators.GE, (byte) 16));
    }

    /** {@code i8x16.shuffle} of the first operand only. */
    public static ByteVector i8x16ShuffleFirst(ByteVector a, ByteVector b, long low, long high) {
        return Vectors.constant(low, high).selectFrom(a);
    }

    /** {@code i8x16.shuffle} of the second operand only. */
    public static ByteVector i8x16ShuffleSecond(ByteVector a, ByteVector b, long low, long high) {
        return Vectors.constant(low, high).selectFrom(b);
    }

    public static ByteVector i8x16Swizzle(ByteVector a, ByteVector lanes) {
        return lanes.selectFrom(a).blend((byte) 0, lanes.compare(VectorOperators.UGE, (byte) 16));
    }

    // Narrowing

    private static ByteVector evenBytes(ShortVector a, ShortVector b) {
        return a.reinterpretAsBytes()
                .rearrange(EVEN_BYTES)
                .blend(b.reinterpretAsBytes().rearrange(EVEN_BYTES), UPPER_HALF);
    }

    private static ShortVector clamp(ByteVector a, int low, int high) {
        return a.reinterpretAsShorts().max((short) low).min((short) high);
    }

    public static ByteVector i8x16NarrowI16x8S(ByteVector a, ByteVector b) {
        return evenBytes(clamp(a, -128, 127), clamp(b, -128, 127));
    }

    public static ByteVector i8x16NarrowI16x8U(ByteVector a, ByteVector b) {
        return evenBytes(clamp(a, 0, 255), clamp(b, 0, 255));
    }

    private static ByteVector evenShorts(IntVector a, IntVector b) {
        return a.reinterpretAsBytes()
                .rearrange(EVEN_SHORTS)
                .blend(b.reinterpretAsBytes().rearrange(EVEN_SHORTS), UPPER_HALF);
    }

    public static ByteVector i16x8NarrowI32x4S(ByteVector a, ByteVector b) {
        return evenShorts(
                a.reinterpretAsInts().max(-32_768).min(32_767),
                b.reinterpretAsInts().max(-32_768).min(32_767));
    }

    public static ByteVector i16x8NarrowI32x4U(ByteVector a, ByteVector b) {
        return evenShorts(
                a.reinterpretAsInts().max(0).min(65_535),
                b.reinterpretAsInts().max(0).min(65_535));
    }

    // Sums and products of neighbours: the lower and the upper half of each wider lane

    private static ShortVector lowBytes(ByteVector a) {
        return a.reinterpretAsShorts().lanewise(VectorOperators.LSHL, (short) 8).lanewise(VectorOperators.ASHR, (short)
                8);
    }

    private static ShortVector highBytes(ByteVector a) {
        return a.reinterpretAsShorts().lanewise(VectorOperators.ASHR, (short) 8);
    }

    private static IntVector lowShorts(ByteVector a) {
        return a.reinterpretAsInts().lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
    }

    private static IntVector highShorts(ByteVector a) {
        return a.reinterpretAsInts().lanewise(VectorOperators.ASHR, 16);
    }

    public static ByteVector i16x8ExtaddPairwiseI8x16S(ByteVector a) {
        return lowBytes(a).add(highBytes(a)).reinterpretAsBytes();
    }

    public static ByteVector i16x8ExtaddPairwiseI8x16U(ByteVector a) {
        ShortVector pairs = a.reinterpretAsShorts();
        return pairs.and((short) 0xff)
                .add(pairs.lanewise(VectorOperators.LSHR, (short) 8))
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4ExtaddPairwiseI16x8S(ByteVector a) {
        return lowShorts(a).add(highShorts(a)).reinterpretAsBytes();
    }

    public static ByteVector i32x4ExtaddPairwiseI16x8U(ByteVector a) {
        IntVector pairs = a.reinterpretAsInts();
        return pairs.and(0xffff).add(pairs.lanewise(VectorOperators.LSHR, 16)).reinterpretAsBytes();
    }

    public static ByteVector i32x4DotI16x8S(ByteVector a, ByteVector b) {
        return lowShorts(a)
                .mul(lowShorts(b))
                .add(highShorts(a).mul(highShorts(b)))
                .reinterpretAsBytes();
    }

    /** The deterministic choice: both operands are signed, the sums of pairs wrap. */
    public static ByteVector i16x8DotI8x16I7x16S(ByteVector a, ByteVector b) {
        return lowBytes(a).mul(lowBytes(b)).add(highBytes(a).mul(highBytes(b))).reinterpretAsBytes();
    }

    public static ByteVector i32x4DotI8x16I7x16AddS(ByteVector a, ByteVector b, ByteVector c) {
        return i32x4Add(i32x4ExtaddPairwiseI16x8S(i16x8DotI8x16I7x16S(a, b)), c);
    }

    private static IntVector q15(IntVector a, IntVector b) {
        return a.mul(b).add(0x4000).lanewise(VectorOperators.ASHR, 15).min(0x7fff);
    }

    public static ByteVector i16x8Q15mulrSatS(ByteVector a, ByteVector b) {
        IntVector low = q15(lowShorts(a), lowShorts(b));
        IntVector high = q15(highShorts(a), highShorts(b));
        return low.and(0xffff).or(high.lanewise(VectorOperators.LSHL, 16)).reinterpretAsBytes();
    }

    public static ByteVector i8x16Popcnt(ByteVector a) {
        return a.lanewise(VectorOperators.BIT_COUNT);
    }

    // i8x16

    public static ByteVector i8x16Splat(int x) {
        return ByteVector.broadcast(BYTES, (byte) x);
    }

    public static int i8x16ExtractLaneS(ByteVector a, int lane) {
        return a.lane(lane);
    }

    public static int i8x16ExtractLaneU(ByteVector a, int lane) {
        return a.lane(lane) & 0xff;
    }

    public static ByteVector i8x16ReplaceLane(ByteVector a, int x, int lane) {
        return a.withLane(lane, (byte) x);
    }

    public static ByteVector i8x16Eq(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.EQ, b));
    }

    public static ByteVector i8x16Ne(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.NE, b));
    }

    public static ByteVector i8x16LtS(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.LT, b));
    }

    public static ByteVector i8x16LtU(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.ULT, b));
    }

    public static ByteVector i8x16GtS(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.GT, b));
    }

    public static ByteVector i8x16GtU(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.UGT, b));
    }

    public static ByteVector i8x16LeS(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.LE, b));
    }

    public static ByteVector i8x16LeU(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.ULE, b));
    }

    public static ByteVector i8x16GeS(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.GE, b));
    }

    public static ByteVector i8x16GeU(ByteVector a, ByteVector b) {
        return truth8(a.compare(VectorOperators.UGE, b));
    }

    public static ByteVector i8x16Abs(ByteVector a) {
        return a.abs();
    }

    public static ByteVector i8x16Neg(ByteVector a) {
        return a.neg();
    }

    public static int i8x16AllTrue(ByteVector a) {
        return a.compare(VectorOperators.NE, (byte) 0).allTrue() ? 1 : 0;
    }

    public static int i8x16Bitmask(ByteVector a) {
        return (int) a.compare(VectorOperators.LT, (byte) 0).toLong();
    }

    public static ByteVector i8x16Shl(ByteVector a, int count) {
        return a.lanewise(VectorOperators.LSHL, (byte) (count & 7));
    }

    public static ByteVector i8x16ShrS(ByteVector a, int count) {
        return a.lanewise(VectorOperators.ASHR, (byte) (count & 7));
    }

    public static ByteVector i8x16ShrU(ByteVector a, int count) {
        return a.lanewise(VectorOperators.LSHR, (byte) (count & 7));
    }

    public static ByteVector i8x16Add(ByteVector a, ByteVector b) {
        return a.add(b);
    }

    public static ByteVector i8x16Sub(ByteVector a, ByteVector b) {
        return a.sub(b);
    }

    public static ByteVector i8x16AddSatS(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.SADD, b);
    }

    public static ByteVector i8x16AddSatU(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.SUADD, b);
    }

    public static ByteVector i8x16SubSatS(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.SSUB, b);
    }

    public static ByteVector i8x16SubSatU(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.SUSUB, b);
    }

    /** The mean, rounded up: the bits of either without half of those of just one. */
    public static ByteVector i8x16AvgrU(ByteVector a, ByteVector b) {
        ByteVector half = a.lanewise(VectorOperators.XOR, b).lanewise(VectorOperators.LSHR, (byte) 1);
        return a.lanewise(VectorOperators.OR, b).sub(half);
    }

    public static ByteVector i8x16MinS(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.MIN, b);
    }

    public static ByteVector i8x16MinU(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.UMIN, b);
    }

    public static ByteVector i8x16MaxS(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.MAX, b);
    }

    public static ByteVector i8x16MaxU(ByteVector a, ByteVector b) {
        return a.lanewise(VectorOperators.UMAX, b);
    }

    // i16x8

    public static ByteVector i16x8Splat(int x) {
        return ShortVector.broadcast(SHORTS, (short) x).reinterpretAsBytes();
    }

    public static int i16x8ExtractLaneS(ByteVector a, int lane) {
        return a.reinterpretAsShorts().lane(lane);
    }

    public static int i16x8ExtractLaneU(ByteVector a, int lane) {
        return a.reinterpretAsShorts().lane(lane) & 0xffff;
    }

    public static ByteVector i16x8ReplaceLane(ByteVector a, int x, int lane) {
        return a.reinterpretAsShorts().withLane(lane, (short) x).reinterpretAsBytes();
    }

    public static ByteVector i16x8Eq(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.EQ, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8Ne(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.NE, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8LtS(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.LT, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8LtU(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.ULT, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8GtS(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.GT, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8GtU(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.UGT, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8LeS(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.LE, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8LeU(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.ULE, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8GeS(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.GE, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8GeU(ByteVector a, ByteVector b) {
        return truth16(a.reinterpretAsShorts().compare(VectorOperators.UGE, b.reinterpretAsShorts()));
    }

    public static ByteVector i16x8Abs(ByteVector a) {
        return a.reinterpretAsShorts().abs().reinterpretAsBytes();
    }

    public static ByteVector i16x8Neg(ByteVector a) {
        return a.reinterpretAsShorts().neg().reinterpretAsBytes();
    }

    public static int i16x8AllTrue(ByteVector a) {
        return a.reinterpretAsShorts().compare(VectorOperators.NE, (short) 0).allTrue() ? 1 : 0;
    }

    public static int i16x8Bitmask(ByteVector a) {
        return (int)
                a.reinterpretAsShorts().compare(VectorOperators.LT, (short) 0).toLong();
    }

    public static ByteVector i16x8Shl(ByteVector a, int count) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.LSHL, (short) (count & 15))
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8ShrS(ByteVector a, int count) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.ASHR, (short) (count & 15))
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8ShrU(ByteVector a, int count) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.LSHR, (short) (count & 15))
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8Add(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts().add(b.reinterpretAsShorts()).reinterpretAsBytes();
    }

    public static ByteVector i16x8Sub(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts().sub(b.reinterpretAsShorts()).reinterpretAsBytes();
    }

    public static ByteVector i16x8Mul(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts().mul(b.reinterpretAsShorts()).reinterpretAsBytes();
    }

    public static ByteVector i16x8AddSatS(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.SADD, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8AddSatU(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.SUADD, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8SubSatS(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.SSUB, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8SubSatU(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.SUSUB, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    /** The mean, rounded up: the bits of either without half of those of just one. */
    public static ByteVector i16x8AvgrU(ByteVector a, ByteVector b) {
        ShortVector half = a.reinterpretAsShorts()
                .lanewise(VectorOperators.XOR, b.reinterpretAsShorts())
                .lanewise(VectorOperators.LSHR, (short) 1);
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.OR, b.reinterpretAsShorts())
                .sub(half)
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8MinS(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.MIN, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8MinU(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.UMIN, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8MaxS(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.MAX, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8MaxU(ByteVector a, ByteVector b) {
        return a.reinterpretAsShorts()
                .lanewise(VectorOperators.UMAX, b.reinterpretAsShorts())
                .reinterpretAsBytes();
    }

    public static ByteVector i16x8ExtendLowI8x16S(ByteVector a) {
        return a.convertShape(VectorOperators.B2S, SHORTS, 0).reinterpretAsBytes();
    }

    public static ByteVector i16x8ExtendHighI8x16S(ByteVector a) {
        return i16x8ExtendLowI8x16S(upper(a));
    }

    public static ByteVector i16x8ExtmulLowI8x16S(ByteVector a, ByteVector b) {
        return i16x8Mul(i16x8ExtendLowI8x16S(a), i16x8ExtendLowI8x16S(b));
    }

    public static ByteVector i16x8ExtmulHighI8x16S(ByteVector a, ByteVector b) {
        return i16x8Mul(i16x8ExtendHighI8x16S(a), i16x8ExtendHighI8x16S(b));
    }

    public static ByteVector i16x8ExtendLowI8x16U(ByteVector a) {
        return a.convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0).reinterpretAsBytes();
    }

    public static ByteVector i16x8ExtendHighI8x16U(ByteVector a) {
        return i16x8ExtendLowI8x16U(upper(a));
    }

    public static ByteVector i16x8ExtmulLowI8x16U(ByteVector a, ByteVector b) {
        return i16x8Mul(i16x8ExtendLowI8x16U(a), i16x8ExtendLowI8x16U(b));
    }

    public static ByteVector i16x8ExtmulHighI8x16U(ByteVector a, ByteVector b) {
        return i16x8Mul(i16x8ExtendHighI8x16U(a), i16x8ExtendHighI8x16U(b));
    }

    // i32x4

    public static ByteVector i32x4Splat(int x) {
        return IntVector.broadcast(INTS, x).reinterpretAsBytes();
    }

    public static int i32x4ExtractLane(ByteVector a, int lane) {
        return a.reinterpretAsInts().lane(lane);
    }

    public static ByteVector i32x4ReplaceLane(ByteVector a, int x, int lane) {
        return a.reinterpretAsInts().withLane(lane, x).reinterpretAsBytes();
    }

    public static ByteVector i32x4Eq(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.EQ, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4Ne(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.NE, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4LtS(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.LT, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4LtU(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.ULT, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4GtS(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.GT, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4GtU(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.UGT, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4LeS(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.LE, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4LeU(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.ULE, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4GeS(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.GE, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4GeU(ByteVector a, ByteVector b) {
        return truth32(a.reinterpretAsInts().compare(VectorOperators.UGE, b.reinterpretAsInts()));
    }

    public static ByteVector i32x4Abs(ByteVector a) {
        return a.reinterpretAsInts().abs().reinterpretAsBytes();
    }

    public static ByteVector i32x4Neg(ByteVector a) {
        return a.reinterpretAsInts().neg().reinterpretAsBytes();
    }

    public static int i32x4AllTrue(ByteVector a) {
        return a.reinterpretAsInts().compare(VectorOperators.NE, 0).allTrue() ? 1 : 0;
    }

    public static int i32x4Bitmask(ByteVector a) {
        return (int) a.reinterpretAsInts().compare(VectorOperators.LT, 0).toLong();
    }

    public static ByteVector i32x4Shl(ByteVector a, int count) {
        return a.reinterpretAsInts().lanewise(VectorOperators.LSHL, count & 31).reinterpretAsBytes();
    }

    public static ByteVector i32x4ShrS(ByteVector a, int count) {
        return a.reinterpretAsInts().lanewise(VectorOperators.ASHR, count & 31).reinterpretAsBytes();
    }

    public static ByteVector i32x4ShrU(ByteVector a, int count) {
        return a.reinterpretAsInts().lanewise(VectorOperators.LSHR, count & 31).reinterpretAsBytes();
    }

    public static ByteVector i32x4Add(ByteVector a, ByteVector b) {
        return a.reinterpretAsInts().add(b.reinterpretAsInts()).reinterpretAsBytes();
    }

    public static ByteVector i32x4Sub(ByteVector a, ByteVector b) {
        return a.reinterpretAsInts().sub(b.reinterpretAsInts()).reinterpretAsBytes();
    }

    public static ByteVector i32x4Mul(ByteVector a, ByteVector b) {
        return a.reinterpretAsInts().mul(b.reinterpretAsInts()).reinterpretAsBytes();
    }

    public static ByteVector i32x4MinS(ByteVector a, ByteVector b) {
        return a.reinterpretAsInts()
                .lanewise(VectorOperators.MIN, b.reinterpretAsInts())
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4MinU(ByteVector a, ByteVector b) {
        return a.reinterpretAsInts()
                .lanewise(VectorOperators.UMIN, b.reinterpretAsInts())
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4MaxS(ByteVector a, ByteVector b) {
        return a.reinterpretAsInts()
                .lanewise(VectorOperators.MAX, b.reinterpretAsInts())
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4MaxU(ByteVector a, ByteVector b) {
        return a.reinterpretAsInts()
                .lanewise(VectorOperators.UMAX, b.reinterpretAsInts())
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4ExtendLowI16x8S(ByteVector a) {
        return a.reinterpretAsShorts()
                .convertShape(VectorOperators.S2I, INTS, 0)
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4ExtendHighI16x8S(ByteVector a) {
        return i32x4ExtendLowI16x8S(upper(a));
    }

    public static ByteVector i32x4ExtmulLowI16x8S(ByteVector a, ByteVector b) {
        return i32x4Mul(i32x4ExtendLowI16x8S(a), i32x4ExtendLowI16x8S(b));
    }

    public static ByteVector i32x4ExtmulHighI16x8S(ByteVector a, ByteVector b) {
        return i32x4Mul(i32x4ExtendHighI16x8S(a), i32x4ExtendHighI16x8S(b));
    }

    public static ByteVector i32x4ExtendLowI16x8U(ByteVector a) {
        return a.reinterpretAsShorts()
                .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0)
                .reinterpretAsBytes();
    }

    public static ByteVector i32x4ExtendHighI16x8U(ByteVector a) {
        return i32x4ExtendLowI16x8U(upper(a));
    }

    public static ByteVector i32x4ExtmulLowI16x8U(ByteVector a, ByteVector b) {
        return i32x4Mul(i32x4ExtendLowI16x8U(a), i32x4ExtendLowI16x8U(b));
    }

    public static ByteVector i32x4ExtmulHighI16x8U(ByteVector a, ByteVector b) {
        return i32x4Mul(i32x4ExtendHighI16x8U(a), i32x4ExtendHighI16x8U(b));
    }

    // i64x2

    public static ByteVector i64x2Splat(long x) {
        return LongVector.broadcast(LONGS, x).reinterpretAsBytes();
    }

    public static long i64x2ExtractLane(ByteVector a, int lane) {
        return a.reinterpretAsLongs().lane(lane);
    }

    public static ByteVector i64x2ReplaceLane(ByteVector a, long x, int lane) {
        return a.reinterpretAsLongs().withLane(lane, x).reinterpretAsBytes();
    }

    public static ByteVector i64x2Eq(ByteVector a, ByteVector b) {
        return truth64(wide(a).compare(VectorOperators.EQ, wide(b)));
    }

    public static ByteVector i64x2Ne(ByteVector a, ByteVector b) {
        return truth64(wide(a).compare(VectorOperators.NE, wide(b)));
    }

    public static ByteVector i64x2LtS(ByteVector a, ByteVector b) {
        return truth64(wide(a).compare(VectorOperators.LT, wide(b)));
    }

    public static ByteVector i64x2GtS(ByteVector a, ByteVector b) {
        return truth64(wide(a).compare(VectorOperators.GT, wide(b)));
    }

    public static ByteVector i64x2LeS(ByteVector a, ByteVector b) {
        return truth64(wide(a).compare(VectorOperators.LE, wide(b)));
    }

    public static ByteVector i64x2GeS(ByteVector a, ByteVector b) {
        return truth64(wide(a).compare(VectorOperators.GE, wide(b)));
    }

    public static ByteVector i64x2Abs(ByteVector a) {
        LongVector longs = a.reinterpretAsLongs();
        LongVector sign = longs.lanewise(VectorOperators.ASHR, 63);
        return longs.lanewise(VectorOperators.XOR, sign).sub(sign).reinterpretAsBytes();
    }

    public static ByteVector i64x2Neg(ByteVector a) {
        return a.reinterpretAsLongs().neg().reinterpretAsBytes();
    }

    public static int i64x2AllTrue(ByteVector a) {
        LongVector longs = a.reinterpretAsLongs();
        return longs.lane(0) != 0 && longs.lane(1) != 0 ? 1 : 0;
    }

    public static int i64x2Bitmask(ByteVector a) {
        LongVector longs = a.reinterpretAsLongs();
        return (int) (longs.lane(0) >>> 63 | longs.lane(1) >>> 63 << 1);
    }

    public static ByteVector i64x2Shl(ByteVector a, int count) {
        return a.reinterpretAsLongs().lanewise(VectorOperators.LSHL, count & 63).reinterpretAsBytes();
    }

    public static ByteVector i64x2ShrS(ByteVector a, int count) {
        return a.reinterpretAsLongs().lanewise(VectorOperators.ASHR, count & 63).reinterpretAsBytes();
    }

    public static ByteVector i64x2ShrU(ByteVector a, int count) {
        return a.reinterpretAsLongs().lanewise(VectorOperators.LSHR, count & 63).reinterpretAsBytes();
    }

    public static ByteVector i64x2Add(ByteVector a, ByteVector b) {
        return a.reinterpretAsLongs().add(b.reinterpretAsLongs()).reinterpretAsBytes();
    }

    public static ByteVector i64x2Sub(ByteVector a, ByteVector b) {
        return a.reinterpretAsLongs().sub(b.reinterpretAsLongs()).reinterpretAsBytes();
    }

    public static ByteVector i64x2Mul(ByteVector a, ByteVector b) {
        return a.reinterpretAsLongs().mul(b.reinterpretAsLongs()).reinterpretAsBytes();
    }

    public static ByteVector i64x2ExtendLowI32x4S(ByteVector a) {
        return a.reinterpretAsInts().convertShape(VectorOperators.I2L, LONGS, 0).reinterpretAsBytes();
    }

    public static ByteVector i64x2ExtendHighI32x4S(ByteVector a) {
        return i64x2ExtendLowI32x4S(upper(a));
    }

    public static ByteVector i64x2ExtmulLowI32x4S(ByteVector a, ByteVector b) {
        return i64x2Mul(i64x2ExtendLowI32x4S(a), i64x2ExtendLowI32x4S(b));
    }

    public static ByteVector i64x2ExtmulHighI32x4S(ByteVector a, ByteVector b) {
        return i64x2Mul(i64x2ExtendHighI32x4S(a), i64x2ExtendHighI32x4S(b));
    }

    public static ByteVector i64x2ExtendLowI32x4U(ByteVector a) {
        return a.reinterpretAsInts()
                .convertShape(VectorOperators.ZERO_EXTEND_I2L, LONGS, 0)
                .reinterpretAsBytes();
    }

    public static ByteVector i64x2ExtendHighI32x4U(ByteVector a) {
        return i64x2ExtendLowI32x4U(upper(a));
    }

    public static ByteVector i64x2ExtmulLowI32x4U(ByteVector a, ByteVector b) {
        return i64x2Mul(i64x2ExtendLowI32x4U(a), i64x2ExtendLowI32x4U(b));
    }

    public static ByteVector i64x2ExtmulHighI32x4U(ByteVector a, ByteVector b) {
        return i64x2Mul(i64x2ExtendHighI32x4U(a), i64x2ExtendHighI32x4U(b));
    }
}
