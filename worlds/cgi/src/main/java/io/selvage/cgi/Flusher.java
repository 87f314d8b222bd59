package io.selvage.cgi;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a program has written and then let lie: a response streams although its program computes, or waits, for a
 * while. One thread looks at all responses that have begun to gather bytes, and sleeps while there are none.
 */
final class Flusher {
    /** How long bytes may wait, in nanoseconds. */
    private final long patience;

    private final Set<ResponseStream> watched = ConcurrentHashMap.newKeySet();
    private volatile boolean asleep;
    private volatile @Nullable Thread thread;

    Flusher(Duration patience) {
        this.patience = patience.toNanos();
    }

    /** Looks after {@code stream} until {@link #forget}. */
    void watch(ResponseStream stream) {
        watched.add(stream);
        if (thread == null) {
            start();
        }
        if (asleep) {
            LockSupport.unpark(thread);
        }
    }

    void forget(ResponseStream stream) {
        watched.remove(stream);
    }

    private synchronized void start() {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("selvage-cgi-flusher").start(this::run);
        }
    }

    private void run() {
        while (true) {
            asleep = true;
            if (watched.isEmpty()) {
                LockSupport.park(this);
            }
            asleep = false;
            LockSupport.parkNanos(this, patience);
            long deadline = System.nanoTime() - patience;
            for (ResponseStream stream : watched) {
                if (stream.isStale(deadline)) {
                    // A slow client must not keep the others waiting.
                    Thread.startVirtualThread(stream::passNow);
                }
            }
        }
    }
}
