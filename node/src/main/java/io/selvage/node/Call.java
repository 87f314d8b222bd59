package io.selvage.node;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One request on its way through a function: waits for its turn, runs, and can be cancelled at any time. Thread-safe. */
public final class Call {
    /** Why a call was cancelled. */
    public enum Reason {
        /** The client closed the connection or the stream. */
        CLIENT_GONE,
        /** The client was slower than the node allows. */
        CLIENT_SLOW,
        /** The function's wall-clock limit has passed. */
        WALL,
        /** The node stops and the time to drain is over. */
        SHUTDOWN
    }

    private final Dispatcher dispatcher;
    final DeployedFunction function;
    final Inbound exchange;
    final long arrival;
    private final AtomicReference<@Nullable Reason> cancelled = new AtomicReference<>();
    private final AtomicBoolean failed = new AtomicBoolean();
    private volatile @Nullable Thread thread;

    Call(Dispatcher dispatcher, DeployedFunction function, Inbound exchange, long arrival) {
        this.dispatcher = dispatcher;
        this.function = function;
        this.exchange = exchange;
        this.arrival = arrival;
    }

    /** Which function. */
    public DeployedFunction function() {
        return function;
    }

    /**
     * Ends the call soon: one that waits is given up, one that runs is interrupted. The client is answered at once if
     * that is still possible. Only the first call counts.
     */
    public void cancel(Reason reason) {
        if (cancelled.compareAndSet(null, reason)) {
            dispatcher.cancelled(this, reason);
            Thread running = thread;
            if (running != null) {
                running.interrupt();
            }
        }
    }

    /** Says that it has failed; false if it had before, for one failure is answered, logged and counted once. */
    boolean fail() {
        return failed.compareAndSet(false, true);
    }

    /** This thread handles it from now on; whether it is still wanted. */
    boolean begin() {
        thread = Thread.currentThread();
        return cancelled.get() == null;
    }

    /** No thread handles it any more. */
    void end() {
        thread = null;
    }
}
