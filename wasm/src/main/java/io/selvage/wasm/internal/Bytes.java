package io.selvage.wasm.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.internal.misc.Unsafe;

/**
 * Numbers in a linear memory: little-endian, at any address, checked against the array's bounds.
 *
 * <p>Where {@code java.base} exports its internal {@code Unsafe} to this module (the launcher and the jar's manifest see
 * to it), an access is a bounds check and one load or store even before the JIT compiler's last stage, and large
 * functions stay small enough for it. Elsewhere it goes through a {@link VarHandle}: the same in the end, but heavy on
 * the way.
 */
public final class Bytes {
    private static final boolean DIRECT = direct();
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}

    private static boolean direct() {
        return Object.class.getModule().isExported("jdk.internal.misc", Bytes.class.getModule())
                && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                && Unsafe.getUnsafe().unalignedAccess();
    }

    /** Whether accesses go the fast way. */
    public static boolean areDirect() {
        return DIRECT;
    }

    /** Where the bytes of an array begin; only used if accesses are direct. */
    private static long at(int address) {
        return (long) Unsafe.ARRAY_BYTE_BASE_OFFSET + address;
    }

    public static short getShort(byte[] memory, int address) {
        if (DIRECT) {
            Objects.checkIndex(address, memory.length - 1);
            return Unsafe.getUnsafe().getShort(memory, at(address));
        }
        return (short) SHORT.get(memory, address);
    }

    public static int getInt(byte[] memory, int address) {
        if (DIRECT) {
            Objects.checkIndex(address, memory.length - 3);
            return Unsafe.getUnsafe().getInt(memory, at(address));
        }
        return (int) INT.get(memory, address);
    }

    public static long getLong(byte[] memory, int address) {
        if (DIRECT) {
            Objects.checkIndex(address, memory.length - 7);
            return Unsafe.getUnsafe().getLong(memory, at(address));
        }
        return (long) LONG.get(memory, address);
    }

    public static void putShort(byte[] memory, int address, short value) {
        if (DIRECT) {
            Objects.checkIndex(address, memory.length - 1);
            Unsafe.getUnsafe().putShort(memory, at(address), value);
        } else {
            SHORT.set(memory, address, value);
        }
    }

    public static void putInt(byte[] memory, int address, int value) {
        if (DIRECT) {
            Objects.checkIndex(address, memory.length - 3);
            Unsafe.getUnsafe().putInt(memory, at(address), value);
        } else {
            INT.set(memory, address, value);
        }
    }

    public static void putLong(byte[] memory, int address, long value) {
        if (DIRECT) {
            Objects.checkIndex(address, memory.length - 7);
            Unsafe.getUnsafe().putLong(memory, at(address), value);
        } else {
            LONG.set(memory, address, value);
        }
    }
}
