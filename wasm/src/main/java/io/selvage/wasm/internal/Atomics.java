package io.selvage.wasm.internal;

import io.selvage.wasm.Trap;
import java.lang.invoke.VarHandle;
import jdk.internal.misc.Unsafe;

/**
 * Numbers in a shared memory, read and changed in one step and in one order for all threads. Since JDK 22 a view of a
 * {@code byte[]} by {@link VarHandle} has plain accesses only, so this asks {@code Unsafe}; where it is not to be had, one
 * lock stands for all (see RATIONALE.md).
 */
final class Atomics {
    private static final Object LOCK = new Object();

    /** Whether an aligned address in a memory is an aligned one of the machine, for numbers of 64 bits. */
    private static final boolean ALIGNED_LONG = Bytes.areDirect() && Unsafe.ARRAY_BYTE_BASE_OFFSET % Long.BYTES == 0;

    private static final boolean LOCKS_ANYWHERE = System.getProperty("os.arch").matches("amd64|x86_64");

    /** Numbers of 64 bits may lie across two words; only some processors can change those in one step. */
    private static final boolean DIRECT = Bytes.areDirect() && (ALIGNED_LONG || LOCKS_ANYWHERE);

    private Atomics() {}

    private static long place(int at) {
        return (long) Unsafe.ARRAY_BYTE_BASE_OFFSET + at;
    }

    /**
     * Where an access of {@code size} bytes is, which lies inside the memory.
     *
     * @throws Trap if it does not, or if its address is not a multiple of {@code size}
     */
    static int at(int address, int offset, int size, byte[] memory) {
        int at = address + offset;
        if (address < 0 || at < 0 || at > memory.length - size) {
            throw Ops.outOfBounds(address, offset, memory);
        }
        if ((at & (size - 1)) != 0) {
            throw new Trap(Trap.Kind.UNALIGNED_ATOMIC);
        }
        return at;
    }

    static void fence() {
        VarHandle.fullFence();
    }

    // byte

    static byte getByte(byte[] memory, int at) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getByteVolatile(memory, place(at));
        }
        synchronized (LOCK) {
            return memory[at];
        }
    }

    static void setByte(byte[] memory, int at, byte value) {
        if (DIRECT) {
            Unsafe.getUnsafe().putByteVolatile(memory, place(at), value);
            return;
        }
        synchronized (LOCK) {
            memory[at] = value;
        }
    }

    static byte compareAndExchangeByte(byte[] memory, int at, byte expected, byte value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().compareAndExchangeByte(memory, place(at), expected, value);
        }
        synchronized (LOCK) {
            byte before = memory[at];
            if (before == expected) {
                memory[at] = value;
            }
            return before;
        }
    }

    static byte getAndAddByte(byte[] memory, int at, byte delta) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndAddByte(memory, place(at), delta);
        }
        synchronized (LOCK) {
            byte before = memory[at];
            setByte(memory, at, (byte) (before + delta));
            return before;
        }
    }

    static byte getAndSetByte(byte[] memory, int at, byte value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndSetByte(memory, place(at), value);
        }
        synchronized (LOCK) {
            byte before = memory[at];
            memory[at] = value;
            return before;
        }
    }

    static byte getAndAndByte(byte[] memory, int at, byte mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseAndByte(memory, place(at), mask);
        }
        synchronized (LOCK) {
            byte before = memory[at];
            setByte(memory, at, (byte) (before & mask));
            return before;
        }
    }

    static byte getAndOrByte(byte[] memory, int at, byte mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseOrByte(memory, place(at), mask);
        }
        synchronized (LOCK) {
            byte before = memory[at];
            setByte(memory, at, (byte) (before | mask));
            return before;
        }
    }

    static byte getAndXorByte(byte[] memory, int at, byte mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseXorByte(memory, place(at), mask);
        }
        synchronized (LOCK) {
            byte before = memory[at];
            setByte(memory, at, (byte) (before ^ mask));
            return before;
        }
    }

    // short

    static short getShort(byte[] memory, int at) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getShortVolatile(memory, place(at));
        }
        synchronized (LOCK) {
            return Bytes.getShort(memory, at);
        }
    }

    static void setShort(byte[] memory, int at, short value) {
        if (DIRECT) {
            Unsafe.getUnsafe().putShortVolatile(memory, place(at), value);
            return;
        }
        synchronized (LOCK) {
            Bytes.putShort(memory, at, value);
        }
    }

    static short compareAndExchangeShort(byte[] memory, int at, short expected, short value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().compareAndExchangeShort(memory, place(at), expected, value);
        }
        synchronized (LOCK) {
            short before = Bytes.getShort(memory, at);
            if (before == expected) {
                Bytes.putShort(memory, at, value);
            }
            return before;
        }
    }

    static short getAndAddShort(byte[] memory, int at, short delta) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndAddShort(memory, place(at), delta);
        }
        synchronized (LOCK) {
            short before = Bytes.getShort(memory, at);
            setShort(memory, at, (short) (before + delta));
            return before;
        }
    }

    static short getAndSetShort(byte[] memory, int at, short value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndSetShort(memory, place(at), value);
        }
        synchronized (LOCK) {
            short before = Bytes.getShort(memory, at);
            Bytes.putShort(memory, at, value);
            return before;
        }
    }

    static short getAndAndShort(byte[] memory, int at, short mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseAndShort(memory, place(at), mask);
        }
        synchronized (LOCK) {
            short before = Bytes.getShort(memory, at);
            setShort(memory, at, (short) (before & mask));
            return before;
        }
    }

    static short getAndOrShort(byte[] memory, int at, short mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseOrShort(memory, place(at), mask);
        }
        synchronized (LOCK) {
            short before = Bytes.getShort(memory, at);
            setShort(memory, at, (short) (before | mask));
            return before;
        }
    }

    static short getAndXorShort(byte[] memory, int at, short mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseXorShort(memory, place(at), mask);
        }
        synchronized (LOCK) {
            short before = Bytes.getShort(memory, at);
            setShort(memory, at, (short) (before ^ mask));
            return before;
        }
    }

    // int

    static int getInt(byte[] memory, int at) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getIntVolatile(memory, place(at));
        }
        synchronized (LOCK) {
            return Bytes.getInt(memory, at);
        }
    }

    static void setInt(byte[] memory, int at, int value) {
        if (DIRECT) {
            Unsafe.getUnsafe().putIntVolatile(memory, place(at), value);
            return;
        }
        synchronized (LOCK) {
            Bytes.putInt(memory, at, value);
        }
    }

    static int compareAndExchangeInt(byte[] memory, int at, int expected, int value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().compareAndExchangeInt(memory, place(at), expected, value);
        }
        synchronized (LOCK) {
            int before = Bytes.getInt(memory, at);
            if (before == expected) {
                Bytes.putInt(memory, at, value);
            }
            return before;
        }
    }

    static int getAndAddInt(byte[] memory, int at, int delta) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndAddInt(memory, place(at), delta);
        }
        synchronized (LOCK) {
            int before = Bytes.getInt(memory, at);
            setInt(memory, at, before + delta);
            return before;
        }
    }

    static int getAndSetInt(byte[] memory, int at, int value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndSetInt(memory, place(at), value);
        }
        synchronized (LOCK) {
            int before = Bytes.getInt(memory, at);
            Bytes.putInt(memory, at, value);
            return before;
        }
    }

    static int getAndAndInt(byte[] memory, int at, int mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseAndInt(memory, place(at), mask);
        }
        synchronized (LOCK) {
            int before = Bytes.getInt(memory, at);
            setInt(memory, at, before & mask);
            return before;
        }
    }

    static int getAndOrInt(byte[] memory, int at, int mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseOrInt(memory, place(at), mask);
        }
        synchronized (LOCK) {
            int before = Bytes.getInt(memory, at);
            setInt(memory, at, before | mask);
            return before;
        }
    }

    static int getAndXorInt(byte[] memory, int at, int mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseXorInt(memory, place(at), mask);
        }
        synchronized (LOCK) {
            int before = Bytes.getInt(memory, at);
            setInt(memory, at, before ^ mask);
            return before;
        }
    }

    // long

    static long getLong(byte[] memory, int at) {
        if (DIRECT) {
            return ALIGNED_LONG
                    ? Unsafe.getUnsafe().getLongVolatile(memory, place(at))
                    : Unsafe.getUnsafe().compareAndExchangeLong(memory, place(at), 0, 0);
        }
        synchronized (LOCK) {
            return Bytes.getLong(memory, at);
        }
    }

    static void setLong(byte[] memory, int at, long value) {
        if (DIRECT) {
            if (ALIGNED_LONG) {
                Unsafe.getUnsafe().putLongVolatile(memory, place(at), value);
            } else {
                Unsafe.getUnsafe().getAndSetLong(memory, place(at), value);
            }
            return;
        }
        synchronized (LOCK) {
            Bytes.putLong(memory, at, value);
        }
    }

    static long compareAndExchangeLong(byte[] memory, int at, long expected, long value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().compareAndExchangeLong(memory, place(at), expected, value);
        }
        synchronized (LOCK) {
            long before = Bytes.getLong(memory, at);
            if (before == expected) {
                Bytes.putLong(memory, at, value);
            }
            return before;
        }
    }

    static long getAndAddLong(byte[] memory, int at, long delta) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndAddLong(memory, place(at), delta);
        }
        synchronized (LOCK) {
            long before = Bytes.getLong(memory, at);
            setLong(memory, at, before + delta);
            return before;
        }
    }

    static long getAndSetLong(byte[] memory, int at, long value) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndSetLong(memory, place(at), value);
        }
        synchronized (LOCK) {
            long before = Bytes.getLong(memory, at);
            Bytes.putLong(memory, at, value);
            return before;
        }
    }

    static long getAndAndLong(byte[] memory, int at, long mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseAndLong(memory, place(at), mask);
        }
        synchronized (LOCK) {
            long before = Bytes.getLong(memory, at);
            setLong(memory, at, before & mask);
            return before;
        }
    }

    static long getAndOrLong(byte[] memory, int at, long mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseOrLong(memory, place(at), mask);
        }
        synchronized (LOCK) {
            long before = Bytes.getLong(memory, at);
            setLong(memory, at, before | mask);
            return before;
        }
    }

    static long getAndXorLong(byte[] memory, int at, long mask) {
        if (DIRECT) {
            return Unsafe.getUnsafe().getAndBitwiseXorLong(memory, place(at), mask);
        }
        synchronized (LOCK) {
            long before = Bytes.getLong(memory, at);
            setLong(memory, at, before ^ mask);
            return before;
        }
    }
}
