package io.selvage.origins;

import java.time.Duration;

/** How long to wait before a request is repeated: up to twice as long each time, at random, so that not all come at once. */
public final class Backoff {
    private static final int MOST_DOUBLINGS = 30;

    private Backoff() {}

    /**
     * A wait in nanoseconds, from 0 to the limit of this repetition ("full jitter").
     *
     * @param first the limit of the first
     * @param longest the limit of any
     * @param repetition which it is, from 1
     * @param random from 0, inclusive, to 1, exclusive
     */
    public static long nanos(Duration first, Duration longest, int repetition, double random) {
        double limit = (double) first.toNanos() * Math.pow(2, Math.min(MOST_DOUBLINGS, repetition - 1));
        return (long) (random * Math.min(limit, (double) longest.toNanos()));
    }
}
