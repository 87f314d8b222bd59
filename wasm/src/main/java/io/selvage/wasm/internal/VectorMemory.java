package io.selvage.wasm.internal;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;

/** The vector instructions that go to memory (core spec §4.4.7), one static method each, for compiled code. */
public final class VectorMemory {
    private VectorMemory() {}

    /** Where an access is; the array's own check does the rest. */
    private static int at(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw Ops.outOfBounds(address, offset, memory);
        }
        return address + offset;
    }

    public static ByteVector v128Load(int address, int offset, byte[] memory) {
        return ByteVector.fromArray(IntegerLanes.BYTES, memory, at(address, offset, memory));
    }

    public static ByteVector v128Load8x8S(int address, int offset, byte[] memory) {
        return IntegerLanes.i16x8ExtendLowI8x16S(v128Load64Zero(address, offset, memory));
    }

    public static ByteVector v128Load8x8U(int address, int offset, byte[] memory) {
        return IntegerLanes.i16x8ExtendLowI8x16U(v128Load64Zero(address, offset, memory));
    }

    public static ByteVector v128Load16x4S(int address, int offset, byte[] memory) {
        return IntegerLanes.i32x4ExtendLowI16x8S(v128Load64Zero(address, offset, memory));
    }

    public static ByteVector v128Load16x4U(int address, int offset, byte[] memory) {
        return IntegerLanes.i32x4ExtendLowI16x8U(v128Load64Zero(address, offset, memory));
    }

    public static ByteVector v128Load32x2S(int address, int offset, byte[] memory) {
        return IntegerLanes.i64x2ExtendLowI32x4S(v128Load64Zero(address, offset, memory));
    }

    public static ByteVector v128Load32x2U(int address, int offset, byte[] memory) {
        return IntegerLanes.i64x2ExtendLowI32x4U(v128Load64Zero(address, offset, memory));
    }

    public static ByteVector v128Load8Splat(int address, int offset, byte[] memory) {
        return IntegerLanes.i8x16Splat(memory[at(address, offset, memory)]);
    }

    public static ByteVector v128Load16Splat(int address, int offset, byte[] memory) {
        return IntegerLanes.i16x8Splat(Bytes.getShort(memory, at(address, offset, memory)));
    }

    public static ByteVector v128Load32Splat(int address, int offset, byte[] memory) {
        return IntegerLanes.i32x4Splat(Bytes.getInt(memory, at(address, offset, memory)));
    }

    public static ByteVector v128Load64Splat(int address, int offset, byte[] memory) {
        return IntegerLanes.i64x2Splat(Bytes.getLong(memory, at(address, offset, memory)));
    }

    public static ByteVector v128Load32Zero(int address, int offset, byte[] memory) {
        return IntVector.zero(IntegerLanes.INTS)
                .withLane(0, Bytes.getInt(memory, at(address, offset, memory)))
                .reinterpretAsBytes();
    }

    public static ByteVector v128Load64Zero(int address, int offset, byte[] memory) {
        return LongVector.zero(IntegerLanes.LONGS)
                .withLane(0, Bytes.getLong(memory, at(address, offset, memory)))
                .reinterpretAsBytes();
    }

    public static void v128Store(int address, ByteVector a, int offset, byte[] memory) {
        a.intoArray(memory, at(address, offset, memory));
    }

    public static ByteVector v128Load8Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        return IntegerLanes.i8x16ReplaceLane(a, memory[at(address, offset, memory)], lane);
    }

    public static ByteVector v128Load16Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        return IntegerLanes.i16x8ReplaceLane(a, Bytes.getShort(memory, at(address, offset, memory)), lane);
    }

    public static ByteVector v128Load32Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        return IntegerLanes.i32x4ReplaceLane(a, Bytes.getInt(memory, at(address, offset, memory)), lane);
    }

    public static ByteVector v128Load64Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        return IntegerLanes.i64x2ReplaceLane(a, Bytes.getLong(memory, at(address, offset, memory)), lane);
    }

    public static void v128Store8Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        memory[at(address, offset, memory)] = a.lane(lane);
    }

    public static void v128Store16Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        Bytes.putShort(
                memory, at(address, offset, memory), a.reinterpretAsShorts().lane(lane));
    }

    public static void v128Store32Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        Bytes.putInt(memory, at(address, offset, memory), a.reinterpretAsInts().lane(lane));
    }

    public static void v128Store64Lane(int address, ByteVector a, int offset, int lane, byte[] memory) {
        Bytes.putLong(
                memory, at(address, offset, memory), a.reinterpretAsLongs().lane(lane));
    }
}
