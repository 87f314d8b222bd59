package io.selvage.rules;

import io.selvage.node.Rule;

/**
 * How many requests may be under way at once, which follows what the destination can take. Thread-safe.
 *
 * <p>The limit changes at most once while as many responses come as there were requests under way: only those tell what the
 * last change has done. {@code gradient}: compares how long responses take with how long they take when nothing waits. While
 * the two are alike the limit grows by a share of the square root of itself (at first it is doubled), which leaves room for
 * bursts; when responses take longer, it falls in proportion. How long they take when nothing waits is measured from time to time with half the limit, for
 * under a steady overload nothing else tells a slow destination from a queue. {@code aimd}: the limit grows by one a limit's
 * worth of good responses, and falls by a tenth with one that is late or says overload. A limit grows only while at least half
 * of it is in use, or a quiet time would raise it without a reason.
 */
final class ConcurrencyLimit {
    /** What becomes of a request. */
    enum Entry {
        /** It is one too many. */
        REFUSED,
        /** It may be under way. */
        USUAL,
        /** It may be under way, and tells how long a response takes when nothing waits. */
        PROBE
    }

    private static final double TOLERANCE = 1.5;
    /** How much of the way to where the limit should be is gone at once. */
    private static final double GROWTH = 0.3;

    private static final double FALL = 0.6;
    private static final double BACKOFF = 0.9;

    /** After how many responses the time without a queue is measured again. */
    private static final int BETWEEN_PROBES = 1_000;

    /** How many requests, one after the other, it is measured with; the fewest responses that the limit changes after. */
    private static final int PROBE = 20;

    private final Rule.Concurrency rule;
    private double limit;
    private int running;

    /** How long a response takes when nothing waits, nanoseconds; 0 if that is not known. */
    private double unqueued;

    /** How many requests are still to measure that, under half the limit. */
    private int toProbe;

    /** How many of them are under way. */
    private int probing;

    private double probed;

    /** Responses that are not counted, because their requests began under another limit. */
    private int before;

    private int untilProbe;

    /** How long the responses took that count, nanoseconds in all. */
    private double sum;

    private int count;
    private boolean overload;
    private boolean used;

    /** Whether nothing has waited yet: then the limit is doubled rather than raised slowly. */
    private boolean searching = true;

    ConcurrencyLimit(Rule.Concurrency rule) {
        this.rule = rule;
        this.limit = Math.clamp(rule.initial(), rule.least(), rule.most());
        this.toProbe = rule.algorithm().equals("gradient") ? PROBE : 0;
    }

    /** Whether one more may be under way; if so, it is, until {@link #release}. */
    synchronized Entry tryAcquire() {
        if (running >= limit()) {
            return Entry.REFUSED;
        }
        running++;
        if (toProbe == 0) {
            return Entry.USUAL;
        }
        toProbe--;
        probing++;
        return Entry.PROBE;
    }

    /** One is over, and tells nothing about the destination: its client went away, or the cache has answered. */
    synchronized void release(Entry entry) {
        running--;
        if (entry == Entry.PROBE) {
            probing--;
            toProbe++;
        }
    }

    /**
     * One is over.
     *
     * @param nanos how long the response took
     * @param overloaded whether the destination has said that it is overloaded, or not answered in time
     */
    synchronized void release(Entry entry, long nanos, boolean overloaded) {
        boolean inUse = 2 * running >= limit;
        running--;
        switch (rule.algorithm()) {
            case "aimd" -> aimd(overloaded || nanos > rule.timeout().toNanos(), inUse);
            case "gradient" -> gradient(entry, Math.max(1, nanos), overloaded, inUse);
            default -> {}
        }
    }

    private void aimd(boolean overloaded, boolean inUse) {
        if (overloaded) {
            fall();
        } else if (inUse) {
            set(limit + 1 / limit);
        }
        before--;
    }

    /** Lowers the limit, unless that has been done since the requests that run began. */
    private void fall() {
        if (before <= 0) {
            set(limit * BACKOFF);
            before = running + 1;
        }
    }

    private void gradient(Entry entry, double nanos, boolean overloaded, boolean inUse) {
        untilProbe--;
        if (entry == Entry.PROBE && overloaded) {
            probing--;
            toProbe++;
            fall();
        } else if (entry == Entry.PROBE) {
            probed += nanos / PROBE;
            probing--;
            if (!isProbing()) {
                unqueued = probed;
                untilProbe = BETWEEN_PROBES;
                restart((int) limit);
            }
        } else if (before > 0 || isProbing()) {
            before--;
        } else {
            sum += nanos;
            count++;
            overload |= overloaded;
            used |= inUse;
            if (count >= Math.max(PROBE, running)) {
                step(sum / count);
                restart(0);
                if (untilProbe <= 0) {
                    toProbe = PROBE;
                    probed = 0;
                }
            }
        }
    }

    private boolean isProbing() {
        return toProbe > 0 || probing > 0;
    }

    private void restart(int skipped) {
        before = skipped;
        sum = 0;
        count = 0;
        overload = false;
        used = false;
    }

    /** Changes the limit by how long responses take on average. */
    private void step(double mean) {
        unqueued = Math.min(unqueued, mean);
        if (overload) {
            searching = false;
            set(limit * BACKOFF);
        } else if (used) {
            double gradient = Math.clamp(TOLERANCE * unqueued / mean, 0.5, 1.0);
            searching &= gradient == 1;
            double next = limit * gradient + Math.sqrt(limit);
            double share = next > limit ? GROWTH : FALL;
            set(searching ? 2 * limit : limit + share * (next - limit));
        }
    }

    private void set(double next) {
        limit = Math.clamp(next, rule.least(), rule.most());
    }

    /** The limit now. */
    synchronized int limit() {
        return isProbing() && unqueued > 0 ? Math.max(rule.least(), (int) (limit / 2)) : (int) limit;
    }

    /** How many are under way. */
    synchronized int running() {
        return running;
    }
}
