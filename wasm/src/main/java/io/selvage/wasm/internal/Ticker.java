package io.selvage.wasm.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The clock that compiled guests watch. One thread counts {@link #now} up every few milliseconds; a guest that sees
 * another number than last time looks at its limits and lets others run. So a request costs no timer of its own.
 *
 * <p>Loops compare the numbers; functions, which are entered much more often, look at a flag of their instance that the
 * thread sets when the epoch is over. It knows the instances that have run since, and forgets them then: one that still
 * runs finds its flag set and reports again.
 */
public final class Ticker {
    /** How long one epoch lasts, in nanoseconds. */
    public static final long PERIOD_NANOS = 2_000_000;

    @SuppressWarnings("NonFinalStaticField")
    private static int epoch;

    private static final VarHandle EPOCH;
    private static final VarHandle DUE;
    private static final VarHandle WATCHED;

    /** After how many epochs in which nothing has run the clock stands still. */
    private static final int IDLE = 100;

    /** The last of the instances that have run in this epoch, each linked to the one before. */
    private static final AtomicReference<@Nullable InstanceState> RUNNING = new AtomicReference<>();

    private static final Thread THREAD = Thread.ofPlatform()
            .daemon()
            .name("selvage-ticker")
            .priority(Thread.MAX_PRIORITY)
            .unstarted(Ticker::run);

    /** For how many epochs a guest that computes is remembered. */
    private static final int BUSY = 5;

    /** The last epoch in which a guest that had computed for a whole one was seen. */
    private static volatile int busy = -BUSY - 1;

    /** Whether the clock stands still until something runs. */
    private static volatile boolean resting;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            EPOCH = lookup.findStaticVarHandle(Ticker.class, "epoch", int.class);
            DUE = lookup.findVarHandle(InstanceState.class, "due", int.class);
            WATCHED = lookup.findVarHandle(InstanceState.class, "watched", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
        THREAD.start();
    }

    private Ticker() {}

    /**
     * The number of the present epoch, in no order with what other threads do: a guest may be late by an epoch, never by
     * more. Opaque, so that compiled code reads it where it is asked for, and not before the loop around.
     */
    public static int now() {
        return (int) EPOCH.getOpaque();
    }

    /**
     * The instance runs, or is about to: it is told when the epoch is over, once. By the thread that the instance
     * belongs to, if {@link InstanceState#watched} is false. Who reads true there may run on as well: the flag is
     * taken back before {@link InstanceState#due} is set.
     */
    public static void watch(InstanceState state) {
        state.watched = true;
        InstanceState last;
        do {
            last = RUNNING.get();
            state.nextWatched = last;
        } while (!RUNNING.compareAndSet(last, state));
        if (resting) {
            LockSupport.unpark(THREAD);
        }
    }

    /** The instance has looked at its limits, and is told of the end of the epoch. */
    public static void renew(InstanceState state) {
        state.due = 0;
        VarHandle.fullFence();
        if (!state.watched) {
            watch(state);
        }
    }

    /** A guest is running that has computed for a whole epoch or longer. */
    public static void busy() {
        busy = now();
    }

    /** Whether such a guest has been seen lately. */
    public static boolean isBusy() {
        return now() - busy <= BUSY;
    }

    private static void run() {
        int idle = 0;
        while (true) {
            LockSupport.parkNanos(PERIOD_NANOS);
            EPOCH.setVolatile((int) EPOCH.getVolatile() + 1);
            InstanceState last = RUNNING.getAndSet(null);
            tell(last);
            idle = last == null ? idle + 1 : 0;
            if (idle >= IDLE) {
                rest();
                idle = 0;
            }
        }
    }

    /** What has run and looks at no clock for long, as in a call of the host, reports again as soon as it does. */
    private static void rest() {
        resting = true;
        while (RUNNING.get() == null) {
            LockSupport.park();
        }
        resting = false;
    }

    private static void tell(@Nullable InstanceState last) {
        InstanceState state = last;
        while (state != null) {
            InstanceState before = state.nextWatched;
            state.nextWatched = null;
            WATCHED.setVolatile(state, false);
            DUE.setVolatile(state, 1);
            state = before;
        }
    }
}
