package io.selvage.origins;

import java.time.Duration;

/**
 * Keeps repeated requests to a share of those that came, so that an origin in trouble does not get more work than usual.
 * Looks back ten seconds. Thread-safe.
 */
public final class RetryBudget {
    private static final int SECONDS = 10;

    private final int percent;
    private final int least;
    private final Window window = new Window(Duration.ofSeconds(SECONDS));

    /**
     * A budget of which nothing is spent.
     *
     * @param percent how many repetitions there may be for each hundred requests
     * @param least how many there may always be in a second, on the average
     */
    public RetryBudget(int percent, int least) {
        this.percent = percent;
        this.least = least;
    }

    /** A request has come. */
    public void request(long now) {
        window.add(false, now);
    }

    /** Whether a request may be repeated now; if so, it is counted. */
    public boolean tryRetry(long now) {
        synchronized (window) {
            long retries = window.marked(now);
            long requests = window.all(now) - retries;
            boolean allowed = retries < Math.max((long) least * SECONDS, requests * percent / 100);
            if (allowed) {
                window.add(true, now);
            }
            return allowed;
        }
    }
}
