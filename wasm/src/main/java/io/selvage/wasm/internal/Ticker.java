package io.selvage.wasm.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * The clock that compiled guests watch. One thread counts {@link #epoch} up every few milliseconds; a guest that sees
 * another number than last time looks at its limits and lets others run. So a request costs no timer of its own.
 */
public final class Ticker {
    /** How long one epoch lasts, in nanoseconds. */
    public static final long PERIOD_NANOS = 4_000_000;

    /** Read without any ordering by compiled code: a guest may be late by an epoch, never by more. */
    @SuppressWarnings("NonFinalStaticField")
    public static int epoch;

    private static final VarHandle EPOCH;

    static {
        try {
            EPOCH = MethodHandles.lookup().findStaticVarHandle(Ticker.class, "epoch", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
        Thread.ofPlatform()
                .daemon()
                .name("selvage-ticker")
                .priority(Thread.MAX_PRIORITY)
                .start(Ticker::run);
    }

    private Ticker() {}

    private static void run() {
        while (true) {
            LockSupport.parkNanos(PERIOD_NANOS);
            EPOCH.setVolatile((int) EPOCH.getVolatile() + 1);
        }
    }
}
