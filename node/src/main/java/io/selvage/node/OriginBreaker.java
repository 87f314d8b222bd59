package io.selvage.node;

import java.time.Duration;

/**
 * When an origin is left alone for a while because most of what it is asked fails.
 *
 * @param failures how many of a hundred requests must fail
 * @param requests how many requests there must be in the window before that counts
 * @param window how far back one looks
 * @param open how long it is left alone
 * @param trials how many requests must then succeed, no more than so many at a time, before it is trusted again
 */
public record OriginBreaker(int failures, int requests, Duration window, Duration open, int trials) {
    /** Half of at least twenty requests in ten seconds. */
    public static final OriginBreaker DEFAULT =
            new OriginBreaker(50, 20, Duration.ofSeconds(10), Duration.ofSeconds(5), 3);
}
