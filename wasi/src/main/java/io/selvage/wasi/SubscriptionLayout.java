package io.selvage.wasi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Where the fields of a subscription lie, in bytes from its beginning. The user's data and the kind are first in both
 * modules.
 */
enum SubscriptionLayout {
    /** {@code wasi_snapshot_preview1}. */
    SNAPSHOT(48, 16),
    /** {@code wasi_unstable}: a clock begins with an identifier of 8 bytes that nobody uses. */
    UNSTABLE(56, 24);

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int FD = 16;

    private final int size;
    private final int clock;

    SubscriptionLayout(int size, int clock) {
        this.size = size;
        this.clock = clock;
    }

    int size() {
        return size;
    }

    long userData(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    int kind(byte[] bytes, int at) {
        return bytes[at + 8] & 0xff;
    }

    int fd(byte[] bytes, int at) {
        return (int) INT.get(bytes, at + FD);
    }

    int clock(byte[] bytes, int at) {
        return (int) INT.get(bytes, at + clock);
    }

    /** In nanoseconds, unsigned. */
    long timeout(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at + clock + 8);
    }

    int clockFlags(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at + clock + 24) & 0xffff;
    }
}
