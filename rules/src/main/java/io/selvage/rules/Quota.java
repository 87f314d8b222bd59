package io.selvage.rules;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.selvage.node.Rule;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts the requests of many keys against one limit, in bounded memory: past the most keys, those go that were used least
 * often and longest ago. Thread-safe.
 */
final class Quota {
    /**
     * What is left after a request.
     *
     * @param allowed whether it is within the limit
     * @param remaining how many more could come now
     * @param reset seconds until one more could come than now, at least 1
     */
    record Left(boolean allowed, long remaining, long reset) {}

    /** What is counted for one key. Guarded by itself. */
    private static final class Count {
        /** Tokens, or requests in the window that runs. */
        private double value;

        /** Requests in the window before (sliding window). */
        private double before;

        /** When {@link #value} was right, or when the window began; nanoseconds. */
        private long at;
    }

    private final Rule.RateLimit limit;
    private final long window;
    private final LongSupplier clock;
    private final Cache<String, Count> counts;

    Quota(Rule.RateLimit limit, LongSupplier clock) {
        this.limit = limit;
        this.window = limit.per().toNanos();
        this.clock = clock;
        long kept = limit.sliding() ? 2 * window : (long) Math.ceil((double) window * limit.burst() / limit.requests());
        counts = Caffeine.newBuilder()
                .maximumSize(limit.keys())
                .expireAfterAccess(kept, TimeUnit.NANOSECONDS)
                .ticker(clock::getAsLong)
                .executor(Runnable::run)
                .build();
    }

    Rule.RateLimit limit() {
        return limit;
    }

    /** How many keys are counted. */
    long keys() {
        counts.cleanUp();
        return counts.estimatedSize();
    }

    /** The most that can come at once. */
    int quota() {
        return limit.sliding() ? limit.requests() : limit.burst();
    }

    /** The time in which a whole quota comes back; seconds, at least 1. */
    long windowSeconds() {
        double nanos = limit.sliding() ? window : (double) window * limit.burst() / limit.requests();
        return Math.max(1, Math.round(nanos / 1e9));
    }

    /** Counts a request, unless it is too many. */
    Left take(String key) {
        long now = clock.getAsLong();
        Count count = counts.get(key, _ -> begin(now));
        synchronized (count) {
            return limit.sliding() ? slide(count, now) : spend(count, now);
        }
    }

    private Count begin(long now) {
        Count count = new Count();
        count.at = now;
        count.value = limit.sliding() ? 0 : limit.burst();
        return count;
    }

    /** Tokens come at an even rate and are kept up to the burst; each request takes one. */
    private Left spend(Count count, long now) {
        double perNano = (double) limit.requests() / window;
        count.value = Math.min(limit.burst(), count.value + Math.max(0, now - count.at) * perNano);
        count.at = now;
        boolean allowed = count.value >= 1;
        if (allowed) {
            count.value--;
        }
        long remaining = (long) count.value;
        return new Left(allowed, remaining, seconds((remaining + 1 - count.value) / perNano));
    }

    /**
     * Counts in windows of fixed length, of which the one before weighs as much as still overlaps with the time that ends
     * now: never more than twice the memory of one window, and at most the limit in every window if requests come evenly.
     */
    private Left slide(Count count, long now) {
        long past = now - count.at;
        if (past >= 2 * window) {
            count.before = 0;
            count.value = 0;
            count.at = now;
        } else if (past >= window) {
            count.before = count.value;
            count.value = 0;
            count.at += window;
        }
        double overlap = 1 - (double) (now - count.at) / window;
        double used = count.value + count.before * overlap;
        boolean allowed = used + 1 <= limit.requests();
        if (allowed) {
            count.value++;
            used++;
        }
        long remaining = (long) Math.max(0, limit.requests() - used);
        return new Left(allowed, remaining, seconds(untilFewer(limit.requests() - remaining - 1, count, now)));
    }

    /** Nanoseconds until a sliding window holds no more than so many requests. */
    private double untilFewer(long requests, Count count, long now) {
        double room = requests - count.value;
        if (room >= 0 && count.before > 0) {
            double overlap = Math.min(1, room / count.before);
            return Math.max(0, count.at + window * (1 - overlap) - now);
        }
        double overlap = Math.min(1, requests / Math.max(1, count.value));
        return count.at + window + window * (1 - overlap) - now;
    }

    private static long seconds(double nanos) {
        return Math.max(1, (long) Math.ceil(nanos / 1e9));
    }
}
