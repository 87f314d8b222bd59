package io.selvage.rules;

import io.selvage.node.Rule;

/**
 * How many requests may be under way at once, which follows what the destination can take. Thread-safe.
 *
 * <p>{@code gradient}: compares how long responses take with how long they take when nothing waits. While the two are alike
 * the limit grows by the square root of itself, which leaves room for bursts; when responses take longer, it falls in
 * proportion. How long they take when nothing waits is measured from time to time with half the limit, for under a steady
 * overload nothing else tells a slow destination from a queue. {@code aimd}: the limit grows by one a limit's worth of good
 * responses, and falls by a tenth with each that is late or says overload. A limit grows only while at least half of it is
 * in use, or a quiet time would raise it without a reason.
 */
final class ConcurrencyLimit {
    private static final double TOLERANCE = 1.5;
    private static final double SMOOTHING = 0.2;
    private static final double BACKOFF = 0.9;

    /** After how many responses the time without a queue is measured. */
    private static final int BETWEEN_PROBES = 500;

    /** How many responses it is measured with. */
    private static final int PROBE = 20;

    /** How much a response that is faster than the time without a queue lowers it. */
    private static final double FASTER = 1.0 / 300;

    private final Rule.Concurrency rule;
    private double limit;
    private int running;
    private double unqueued;

    /** Responses until the next probe is over; while it is less than {@link #PROBE}, they are measured. */
    private int untilMeasured = BETWEEN_PROBES;

    private double measured;

    ConcurrencyLimit(Rule.Concurrency rule) {
        this.rule = rule;
        this.limit = Math.clamp(rule.initial(), rule.least(), rule.most());
    }

    /** Whether one more may be under way; if so, it is, until {@link #release}. */
    synchronized boolean tryAcquire() {
        if (running >= limit()) {
            return false;
        }
        running++;
        return true;
    }

    /** One is over, and tells nothing about the destination: its client went away, or the cache has answered. */
    synchronized void release() {
        running--;
    }

    /**
     * One is over.
     *
     * @param nanos how long the response took
     * @param overloaded whether the destination has said that it is overloaded, or not answered in time
     */
    synchronized void release(long nanos, boolean overloaded) {
        boolean inUse = 2 * running >= limit;
        running--;
        switch (rule.algorithm()) {
            case "aimd" -> aimd(overloaded || nanos > rule.timeout().toNanos(), inUse);
            case "gradient" -> gradient((double) Math.max(1, nanos), overloaded, inUse);
            default -> {}
        }
    }

    private void aimd(boolean overloaded, boolean inUse) {
        if (overloaded) {
            set(limit * BACKOFF);
        } else if (inUse) {
            set(limit + 1 / limit);
        }
    }

    private void gradient(double nanos, boolean overloaded, boolean inUse) {
        if (overloaded) {
            set(limit * BACKOFF);
            return;
        }
        measure(nanos);
        if (inUse && unqueued > 0) {
            double gradient = Math.clamp(TOLERANCE * unqueued / nanos, 0.5, 1.0);
            double next = limit * gradient + Math.sqrt(limit);
            set(limit * (1 - SMOOTHING) + next * SMOOTHING);
        }
    }

    private void measure(double nanos) {
        if (unqueued == 0 || nanos < unqueued) {
            unqueued += (unqueued == 0 ? 1 : FASTER) * (nanos - unqueued);
        }
        untilMeasured--;
        if (untilMeasured < PROBE) {
            measured += nanos / PROBE;
        }
        if (untilMeasured == 0) {
            unqueued = measured;
            measured = 0;
            untilMeasured = BETWEEN_PROBES + (int) limit + PROBE;
        }
    }

    /** Whether the limit is halved: as long as what began before is coming to an end, and while it is measured. */
    private boolean isProbing() {
        return rule.algorithm().equals("gradient") && untilMeasured <= (int) limit + PROBE;
    }

    private void set(double next) {
        limit = Math.clamp(next, rule.least(), rule.most());
    }

    /** The limit now. */
    synchronized int limit() {
        return isProbing() ? Math.max(rule.least(), (int) (limit / 2)) : (int) limit;
    }

    /** How many are under way. */
    synchronized int running() {
        return running;
    }
}
