package io.selvage.wasm;

import io.selvage.wasm.internal.InstanceState;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * A linear memory (core spec §4.2.8): bytes from address 0, in pages of 64 KiB, little-endian.
 *
 * <p>Addresses are {@code int}s that stand for unsigned 32-bit numbers; a memory of the engine ends before 2 GiB, so a
 * negative one is always out of bounds. Every access outside the memory throws a {@link Trap} and changes nothing.
 *
 * <p>Not thread-safe: a memory belongs to the thread that runs its instance. But threads can have a {@linkplain
 * MemoryType#shared shared} one together, each with an instance of its own. Its array never changes: it is as long as the
 * memory can become, and growth moves the end up to which it may be used.
 */
public final class Memory implements Extern {
    /** The size of a page in bytes. */
    public static final int PAGE_SIZE = 65_536;

    /** The most pages a memory of this engine can have: as many as fit in a Java array. */
    public static final int MAXIMUM_PAGES = 32_767;

    private static final VarHandle SHORT = handle(short[].class);
    private static final VarHandle INT = handle(int[].class);
    private static final VarHandle LONG = handle(long[].class);

    private byte[] bytes;
    private final ValueType address;
    private final OptionalLong maximum;
    private final long limit;
    /** Other memories, with which this one has {@link #commonLimit} pages together. */
    private List<Memory> others = List.of();

    private long commonLimit = MAXIMUM_PAGES;
    private final boolean shared;
    /** The size in bytes of a shared memory. */
    private volatile int sharedSize;

    private final Waiters waiters = new Waiters();
    private boolean growthRefused;
    private InstanceState[] users = {};

    /** A memory of the minimum size of {@code type}, all zeros. */
    public Memory(MemoryType type) {
        this(type, MAXIMUM_PAGES, Optional.empty());
    }

    /**
     * A memory of the minimum size of {@code type} that may not outgrow {@code limitPages}, whatever its type allows.
     *
     * @param pool what gives it its first contents; without one they are zeros
     * @throws Trap {@link Trap.Kind#OUT_OF_MEMORY} if the minimum is past the limit or does not fit in the heap
     */
    Memory(MemoryType type, int limitPages, Optional<MemoryPool> pool) {
        address = type.address();
        maximum = type.limits().maximum();
        limit = Math.min(limitPages, Math.min(MAXIMUM_PAGES, maximum.orElse(MAXIMUM_PAGES)));
        shared = type.shared();
        bytes = shared ? capacity(type.limits().minimum(), limit) : initial(type, limitPages, pool);
        sharedSize = shared ? (int) type.limits().minimum() * PAGE_SIZE : 0;
    }

    /** An array for a shared memory: as long as its maximum, if that is not more than a quarter of the heap. */
    private static byte[] capacity(long minimum, long maximum) {
        if (minimum > maximum) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the module asks for " + minimum + " pages of memory to begin with; its limit is " + maximum);
        }
        long affordable = Runtime.getRuntime().maxMemory() / 4 / PAGE_SIZE;
        try {
            return new byte[(int) Math.max(minimum, Math.min(maximum, affordable)) * PAGE_SIZE];
        } catch (OutOfMemoryError e) {
            throw new Trap(Trap.Kind.OUT_OF_MEMORY, "no heap left for " + minimum + " to " + maximum + " pages", e);
        }
    }

    private static byte[] initial(MemoryType type, int limitPages, Optional<MemoryPool> pool) {
        long pages = type.limits().minimum();
        if (pages > Math.min(limitPages, MAXIMUM_PAGES)) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the module asks for " + pages + " pages of memory to begin with; its limit is "
                            + Math.min(limitPages, MAXIMUM_PAGES));
        }
        try {
            return pool.isPresent() ? pool.get().take() : new byte[(int) pages * PAGE_SIZE];
        } catch (OutOfMemoryError e) {
            throw new Trap(Trap.Kind.OUT_OF_MEMORY, "no heap left for " + pages + " pages of memory", e);
        }
    }

    @Override
    public MemoryType type() {
        return new MemoryType(address, new Limits(pages(), maximum), shared);
    }

    /** The size in pages, 0 to {@link #MAXIMUM_PAGES}. */
    public int pages() {
        return size() / PAGE_SIZE;
    }

    /** The size in bytes. */
    public int size() {
        return shared ? sharedSize : bytes.length;
    }

    /**
     * The array that holds the memory, without a copy. It is this memory's only until the next {@link #grow}; that of a
     * shared memory is always the same, and longer than {@link #size} as long as the memory can grow.
     */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Adds {@code delta} pages of zeros (core spec §4.5.3.5).
     *
     * @param delta how many pages, an unsigned number
     * @return the size in pages before, or -1 if the memory may not or cannot grow so far
     */
    public int grow(int delta) {
        if (shared) {
            return growShared(delta);
        }
        int before = pages();
        long after = before + Integer.toUnsignedLong(delta);
        if (after > limit || pagesOfOthers() + after > commonLimit) {
            growthRefused = true;
            return -1;
        }
        if (delta != 0) {
            try {
                bytes = Arrays.copyOf(bytes, (int) after * PAGE_SIZE);
                for (InstanceState user : users) {
                    user.memory = bytes;
                }
            } catch (OutOfMemoryError _) {
                growthRefused = true;
                return -1;
            }
        }
        return before;
    }

    private long pagesOfOthers() {
        long pages = 0;
        for (Memory other : others) {
            pages += other.pages();
        }
        return pages;
    }

    /**
     * Lets the memories of an instance have no more than {@code limitPages} together.
     *
     * @throws Trap {@link Trap.Kind#OUT_OF_MEMORY} if they have more already
     */
    static void shareLimit(List<Memory> memories, int limitPages) {
        for (Memory memory : memories) {
            memory.others = memories.stream().filter(other -> other != memory).toList();
            memory.commonLimit = limitPages;
            if (memory.pagesOfOthers() + memory.pages() > limitPages) {
                throw new Trap(
                        Trap.Kind.OUT_OF_MEMORY,
                        "the module's memories begin with more pages than their limit together, which is "
                                + limitPages);
            }
        }
    }

    private synchronized int growShared(int delta) {
        int before = pages();
        long after = before + Integer.toUnsignedLong(delta);
        if (after > Math.min(limit, bytes.length / PAGE_SIZE) || pagesOfOthers() + after > commonLimit) {
            growthRefused = true;
            return -1;
        }
        sharedSize = (int) after * PAGE_SIZE;
        return before;
    }

    /** Wakes up to {@code count}, an unsigned number, of the threads that wait at an address; answers how many. */
    public int notifyWaiters(int address, int count) {
        return shared ? waiters.wake(address, count) : 0;
    }

    /**
     * Waits at an address until another thread notifies this one.
     *
     * @param unchanged whether the memory has what the thread expects
     * @param nanos how long at most, for ever if negative
     * @param check is called whenever the thread has been woken for another reason, and may throw
     * @return 0 if it was notified, 1 if the memory has another value, 2 if the time is over
     * @throws Trap {@link Trap.Kind#EXPECTED_SHARED_MEMORY} if no other thread can have this memory
     */
    int await(int address, BooleanSupplier unchanged, long nanos, Waiters.Check check) {
        if (!shared) {
            throw new Trap(Trap.Kind.EXPECTED_SHARED_MEMORY);
        }
        return waiters.await(address, unchanged, nanos, check);
    }

    /** Lets go of the array, if only one instance has used it; the memory is empty from then on. */
    Optional<byte[]> release() {
        if (shared || users.length > 1) {
            return Optional.empty();
        }
        byte[] released = bytes;
        bytes = new byte[0];
        for (InstanceState user : users) {
            user.memory = bytes;
        }
        return Optional.of(released);
    }

    /** Keeps the array that an instance's compiled code sees up to date. */
    synchronized void attach(InstanceState user) {
        user.memory = bytes;
        if (shared) {
            return;
        }
        users = Arrays.copyOf(users, users.length + 1);
        users[users.length - 1] = user;
    }

    /** Whether {@link #grow} has answered -1 at least once: a guest that fails afterwards has probably run out. */
    public boolean growthRefused() {
        return growthRefused;
    }

    /** The byte at {@code address}, 0 to 255. */
    public int readByte(int address) {
        check(address, 1);
        return bytes[address] & 0xff;
    }

    /** Sets the byte at {@code address} to the low eight bits of {@code value}. */
    public void writeByte(int address, int value) {
        check(address, 1);
        bytes[address] = (byte) value;
    }

    /** The two bytes at {@code address}, 0 to 65,535. */
    public int readShort(int address) {
        check(address, 2);
        return (short) SHORT.get(bytes, address) & 0xffff;
    }

    /** Sets the two bytes at {@code address} to the low sixteen bits of {@code value}. */
    public void writeShort(int address, int value) {
        check(address, 2);
        SHORT.set(bytes, address, (short) value);
    }

    /** The four bytes at {@code address}. */
    public int readInt(int address) {
        check(address, 4);
        return (int) INT.get(bytes, address);
    }

    /** Sets the four bytes at {@code address}. */
    public void writeInt(int address, int value) {
        check(address, 4);
        INT.set(bytes, address, value);
    }

    /** The eight bytes at {@code address}. */
    public long readLong(int address) {
        check(address, 8);
        return (long) LONG.get(bytes, address);
    }

    /** Sets the eight bytes at {@code address}. */
    public void writeLong(int address, long value) {
        check(address, 8);
        LONG.set(bytes, address, value);
    }

    /** A copy of {@code length} bytes from {@code address}; both are unsigned. */
    public byte[] read(int address, int length) {
        check(address, length);
        return Arrays.copyOfRange(bytes, address, address + length);
    }

    /** Copies {@code length} bytes from {@code address} to {@code target} from {@code offset}. */
    public void read(int address, byte[] target, int offset, int length) {
        check(address, length);
        System.arraycopy(bytes, address, target, offset, length);
    }

    /** Copies all of {@code source} to {@code address}. */
    public void write(int address, byte[] source) {
        write(address, source, 0, source.length);
    }

    /** Copies {@code length} bytes of {@code source} from {@code offset} to {@code address}. */
    public void write(int address, byte[] source, int offset, int length) {
        check(address, length);
        System.arraycopy(source, offset, bytes, address, length);
    }

    /** The text in {@code length} bytes of UTF-8 at {@code address}; malformed bytes become U+FFFD. */
    public String readString(int address, int length) {
        check(address, length);
        return new String(bytes, address, length, StandardCharsets.UTF_8);
    }

    /**
     * Checks that {@code length} bytes from {@code address} lie inside the memory; both are unsigned.
     *
     * @throws Trap {@link Trap.Kind#MEMORY_OUT_OF_BOUNDS} if they do not
     */
    public void check(int address, int length) {
        if ((address | length) < 0 || address > size() - length) {
            throw new Trap(
                    Trap.Kind.MEMORY_OUT_OF_BOUNDS,
                    Trap.Kind.MEMORY_OUT_OF_BOUNDS.text() + ": " + Integer.toUnsignedString(length) + " bytes at "
                            + Integer.toUnsignedString(address) + " of " + size());
        }
    }

    private static VarHandle handle(Class<?> array) {
        return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
    }
}
