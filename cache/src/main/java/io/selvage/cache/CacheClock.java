package io.selvage.cache;

import java.security.SecureRandom;

/**
 * The time by which stored responses grow old. It begins with the clock on the wall and then only goes forward, second by
 * second: a wall clock that jumps makes nothing fresh or stale.
 */
public final class CacheClock {
    private static final long START_MILLIS = System.currentTimeMillis();
    private static final long START_NANOS = System.nanoTime();

    /** Tells this process's times from those of others: they begin with another clock. */
    static final long RUN = new SecureRandom().nextLong();

    private CacheClock() {}

    /** Milliseconds, about since 1970. */
    public static long millis() {
        return START_MILLIS + (System.nanoTime() - START_NANOS) / 1_000_000;
    }
}
