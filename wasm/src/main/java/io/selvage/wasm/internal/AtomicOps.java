package io.selvage.wasm.internal;

/**
 * The atomic instructions that load, store or change a number (threads proposal, "Atomic Memory Accesses"), one static
 * method each, for compiled code.
 */
public final class AtomicOps {
    private AtomicOps() {}

    public static void atomicFence() {
        Atomics.fence();
    }

    public static int memoryAtomicNotify(int address, int count, int offset, InstanceState state, int memory) {
        return state.memories[memory].notifyWaiters(
                Atomics.at(address, offset, Integer.BYTES, state.memories[memory].bytes()), count);
    }

    public static int memoryAtomicWait32(
            int address, int expected, long timeout, int offset, InstanceState state, int memory) {
        int at = Atomics.at(address, offset, Integer.BYTES, state.memories[memory].bytes());
        byte[] bytes = state.memories[memory].bytes();
        return state.support.atomicWait(memory, at, () -> Atomics.getInt(bytes, at) == expected, timeout);
    }

    public static int memoryAtomicWait64(
            int address, long expected, long timeout, int offset, InstanceState state, int memory) {
        int at = Atomics.at(address, offset, Long.BYTES, state.memories[memory].bytes());
        byte[] bytes = state.memories[memory].bytes();
        return state.support.atomicWait(memory, at, () -> Atomics.getLong(bytes, at) == expected, timeout);
    }

    public static int i32AtomicLoad(int address, int offset, byte[] memory) {
        return Atomics.getInt(memory, Atomics.at(address, offset, 4, memory));
    }

    public static void i32AtomicStore(int address, int value, int offset, byte[] memory) {
        Atomics.setInt(memory, Atomics.at(address, offset, 4, memory), value);
    }

    public static long i64AtomicLoad(int address, int offset, byte[] memory) {
        return Atomics.getLong(memory, Atomics.at(address, offset, 8, memory));
    }

    public static void i64AtomicStore(int address, long value, int offset, byte[] memory) {
        Atomics.setLong(memory, Atomics.at(address, offset, 8, memory), value);
    }

    public static int i32AtomicLoad8U(int address, int offset, byte[] memory) {
        return Atomics.getByte(memory, Atomics.at(address, offset, 1, memory)) & 0xff;
    }

    public static void i32AtomicStore8(int address, int value, int offset, byte[] memory) {
        Atomics.setByte(memory, Atomics.at(address, offset, 1, memory), (byte) value);
    }

    public static int i32AtomicLoad16U(int address, int offset, byte[] memory) {
        return Atomics.getShort(memory, Atomics.at(address, offset, 2, memory)) & 0xffff;
    }

    public static void i32AtomicStore16(int address, int value, int offset, byte[] memory) {
        Atomics.setShort(memory, Atomics.at(address, offset, 2, memory), (short) value);
    }

    public static long i64AtomicLoad8U(int address, int offset, byte[] memory) {
        return Atomics.getByte(memory, Atomics.at(address, offset, 1, memory)) & 0xffL;
    }

    public static void i64AtomicStore8(int address, long value, int offset, byte[] memory) {
        Atomics.setByte(memory, Atomics.at(address, offset, 1, memory), (byte) value);
    }

    public static long i64AtomicLoad16U(int address, int offset, byte[] memory) {
        return Atomics.getShort(memory, Atomics.at(address, offset, 2, memory)) & 0xffffL;
    }

    public static void i64AtomicStore16(int address, long value, int offset, byte[] memory) {
        Atomics.setShort(memory, Atomics.at(address, offset, 2, memory), (short) value);
    }

    public static long i64AtomicLoad32U(int address, int offset, byte[] memory) {
        return Atomics.getInt(memory, Atomics.at(address, offset, 4, memory)) & 0xffff_ffffL;
    }

    public static void i64AtomicStore32(int address, long value, int offset, byte[] memory) {
        Atomics.setInt(memory, Atomics.at(address, offset, 4, memory), (int) value);
    }

    public static int i32AtomicRmwAdd(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAddInt(memory, Atomics.at(address, offset, 4, memory), value);
    }

    public static long i64AtomicRmwAdd(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddLong(memory, Atomics.at(address, offset, 8, memory), value);
    }

    public static int i32AtomicRmw8AddU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAddByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xff;
    }

    public static int i32AtomicRmw16AddU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAddShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffff;
    }

    public static long i64AtomicRmw8AddU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xffL;
    }

    public static long i64AtomicRmw16AddU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffffL;
    }

    public static long i64AtomicRmw32AddU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddInt(memory, Atomics.at(address, offset, 4, memory), (int) value) & 0xffff_ffffL;
    }

    public static int i32AtomicRmwSub(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAddInt(memory, Atomics.at(address, offset, 4, memory), -value);
    }

    public static long i64AtomicRmwSub(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddLong(memory, Atomics.at(address, offset, 8, memory), -value);
    }

    public static int i32AtomicRmw8SubU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAddByte(memory, Atomics.at(address, offset, 1, memory), (byte) -value) & 0xff;
    }

    public static int i32AtomicRmw16SubU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAddShort(memory, Atomics.at(address, offset, 2, memory), (short) -value) & 0xffff;
    }

    public static long i64AtomicRmw8SubU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddByte(memory, Atomics.at(address, offset, 1, memory), (byte) -value) & 0xffL;
    }

    public static long i64AtomicRmw16SubU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddShort(memory, Atomics.at(address, offset, 2, memory), (short) -value) & 0xffffL;
    }

    public static long i64AtomicRmw32SubU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAddInt(memory, Atomics.at(address, offset, 4, memory), (int) -value) & 0xffff_ffffL;
    }

    public static int i32AtomicRmwAnd(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAndInt(memory, Atomics.at(address, offset, 4, memory), value);
    }

    public static long i64AtomicRmwAnd(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAndLong(memory, Atomics.at(address, offset, 8, memory), value);
    }

    public static int i32AtomicRmw8AndU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAndByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xff;
    }

    public static int i32AtomicRmw16AndU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndAndShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffff;
    }

    public static long i64AtomicRmw8AndU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAndByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xffL;
    }

    public static long i64AtomicRmw16AndU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAndShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffffL;
    }

    public static long i64AtomicRmw32AndU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndAndInt(memory, Atomics.at(address, offset, 4, memory), (int) value) & 0xffff_ffffL;
    }

    public static int i32AtomicRmwOr(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndOrInt(memory, Atomics.at(address, offset, 4, memory), value);
    }

    public static long i64AtomicRmwOr(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndOrLong(memory, Atomics.at(address, offset, 8, memory), value);
    }

    public static int i32AtomicRmw8OrU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndOrByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xff;
    }

    public static int i32AtomicRmw16OrU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndOrShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffff;
    }

    public static long i64AtomicRmw8OrU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndOrByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xffL;
    }

    public static long i64AtomicRmw16OrU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndOrShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffffL;
    }

    public static long i64AtomicRmw32OrU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndOrInt(memory, Atomics.at(address, offset, 4, memory), (int) value) & 0xffff_ffffL;
    }

    public static int i32AtomicRmwXor(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndXorInt(memory, Atomics.at(address, offset, 4, memory), value);
    }

    public static long i64AtomicRmwXor(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndXorLong(memory, Atomics.at(address, offset, 8, memory), value);
    }

    public static int i32AtomicRmw8XorU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndXorByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xff;
    }

    public static int i32AtomicRmw16XorU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndXorShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffff;
    }

    public static long i64AtomicRmw8XorU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndXorByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xffL;
    }

    public static long i64AtomicRmw16XorU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndXorShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffffL;
    }

    public static long i64AtomicRmw32XorU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndXorInt(memory, Atomics.at(address, offset, 4, memory), (int) value) & 0xffff_ffffL;
    }

    public static int i32AtomicRmwXchg(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndSetInt(memory, Atomics.at(address, offset, 4, memory), value);
    }

    public static long i64AtomicRmwXchg(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndSetLong(memory, Atomics.at(address, offset, 8, memory), value);
    }

    public static int i32AtomicRmw8XchgU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndSetByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xff;
    }

    public static int i32AtomicRmw16XchgU(int address, int value, int offset, byte[] memory) {
        return Atomics.getAndSetShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffff;
    }

    public static long i64AtomicRmw8XchgU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndSetByte(memory, Atomics.at(address, offset, 1, memory), (byte) value) & 0xffL;
    }

    public static long i64AtomicRmw16XchgU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndSetShort(memory, Atomics.at(address, offset, 2, memory), (short) value) & 0xffffL;
    }

    public static long i64AtomicRmw32XchgU(int address, long value, int offset, byte[] memory) {
        return Atomics.getAndSetInt(memory, Atomics.at(address, offset, 4, memory), (int) value) & 0xffff_ffffL;
    }

    public static int i32AtomicRmwCmpxchg(int address, int expected, int replacement, int offset, byte[] memory) {
        return Atomics.compareAndExchangeInt(memory, Atomics.at(address, offset, 4, memory), expected, replacement);
    }

    public static long i64AtomicRmwCmpxchg(int address, long expected, long replacement, int offset, byte[] memory) {
        return Atomics.compareAndExchangeLong(memory, Atomics.at(address, offset, 8, memory), expected, replacement);
    }

    // Narrow ones compare the low bits of what is expected: they wrap it first
    // (github.com/WebAssembly/threads/issues/195).

    public static int i32AtomicRmw8CmpxchgU(int address, int expected, int replacement, int offset, byte[] memory) {
        int at = Atomics.at(address, offset, 1, memory);
        return Atomics.compareAndExchangeByte(memory, at, (byte) expected, (byte) replacement) & 0xff;
    }

    public static int i32AtomicRmw16CmpxchgU(int address, int expected, int replacement, int offset, byte[] memory) {
        int at = Atomics.at(address, offset, 2, memory);
        return Atomics.compareAndExchangeShort(memory, at, (short) expected, (short) replacement) & 0xffff;
    }

    public static long i64AtomicRmw8CmpxchgU(int address, long expected, long replacement, int offset, byte[] memory) {
        int at = Atomics.at(address, offset, 1, memory);
        return Atomics.compareAndExchangeByte(memory, at, (byte) expected, (byte) replacement) & 0xffL;
    }

    public static long i64AtomicRmw16CmpxchgU(int address, long expected, long replacement, int offset, byte[] memory) {
        int at = Atomics.at(address, offset, 2, memory);
        return Atomics.compareAndExchangeShort(memory, at, (short) expected, (short) replacement) & 0xffffL;
    }

    public static long i64AtomicRmw32CmpxchgU(int address, long expected, long replacement, int offset, byte[] memory) {
        int at = Atomics.at(address, offset, 4, memory);
        return Atomics.compareAndExchangeInt(memory, at, (int) expected, (int) replacement) & 0xffff_ffffL;
    }
}
