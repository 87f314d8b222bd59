package io.selvage.gateway;

/**
 * Tells whether a client sends its request's content too slowly: each moment in which it is waited for adds to a debt of bytes,
 * each byte that comes lowers it. Belongs to an event loop.
 */
final class BodyPace {
    private final double rate;
    private final double allowed;
    private long checkedAt;
    private long checkedBytes;
    private double debt;

    /**
     * A watch that begins now.
     *
     * @param rate the least, bytes a second; 0 for none
     * @param graceNanos how long it may be slower
     */
    BodyPace(long rate, long graceNanos, long now) {
        this.rate = rate;
        this.allowed = rate * (graceNanos / 1e9);
        this.checkedAt = now;
    }

    /**
     * Whether it has been too slow for too long.
     *
     * @param bytes how many have come so far
     * @param waits whether someone waits for more
     */
    boolean isTooSlow(long now, long bytes, boolean waits) {
        debt = waits ? Math.max(0, debt + rate * (now - checkedAt) / 1e9 - (bytes - checkedBytes)) : 0;
        checkedAt = now;
        checkedBytes = bytes;
        return debt > allowed;
    }
}
