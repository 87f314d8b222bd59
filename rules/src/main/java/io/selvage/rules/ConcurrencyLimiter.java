package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Rule;
import java.util.List;

/**
 * Refuses at once, with 503, what the destination cannot take now; has its turn when the cache does not answer. Thread-safe.
 */
final class ConcurrencyLimiter implements Step {
    /** One request that is under way. Used by one thread at a time. */
    private final class Permit implements ResponseStep {
        private final ConcurrencyLimit.Entry entry;
        private final long began = System.nanoTime();
        private long took = -1;
        private boolean cached;

        Permit(ConcurrencyLimit.Entry entry) {
            this.entry = entry;
        }

        @Override
        public String key() {
            return "concurrency";
        }

        @Override
        public void apply(Passage passage, int status, Headers fields) {
            if (took < 0) {
                took = System.nanoTime() - began;
                cached = fields.first("cache-status")
                        .filter(s -> s.contains("; hit") || s.contains("detail=stale-if-error"))
                        .isPresent();
            }
        }

        void over(int status) {
            if (cached || took < 0 && status == 499) {
                limit.release(entry);
            } else {
                long nanos = took < 0 ? System.nanoTime() - began : took;
                limit.release(entry, nanos, status == 503 || status == 504 || status == 429);
            }
        }
    }

    private final ConcurrencyLimit limit;

    ConcurrencyLimiter(Rule.Concurrency rule) {
        limit = new ConcurrencyLimit(rule);
    }

    @Override
    public String key() {
        return "concurrency";
    }

    @Override
    public Outcome apply(Passage passage) {
        ConcurrencyLimit.Entry entry = limit.tryAcquire();
        boolean allowed = entry != ConcurrencyLimit.Entry.REFUSED;
        if (passage.isExplained()) {
            passage.say(key(), (allowed ? "within" : "past") + " the limit of " + limit.limit() + " to begin with");
        }
        if (!allowed) {
            return Outcome.refuse(new Problem(
                    503,
                    "concurrency-limit",
                    "The service is busy",
                    "As many requests as it can take are under way. Try again.",
                    "",
                    1,
                    List.of()));
        }
        Permit permit = new Permit(entry);
        passage.whenAnswered(permit);
        passage.whenEnded(permit::over);
        return Outcome.PASS;
    }
}
