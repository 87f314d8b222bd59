package io.selvage.node;

import java.time.Duration;

/**
 * When an address is passed over because requests to it failed.
 *
 * @param failures how many in a row
 * @param time for how long the first time; each time in a row it is so much longer, ten times at most
 * @param share how many of a hundred addresses may be out at once; one at least, if there is another
 */
public record OriginEjection(int failures, Duration time, int share) {
    /** Three failures in a row put an address out for ten seconds, and no more than half of them. */
    public static final OriginEjection DEFAULT = new OriginEjection(3, Duration.ofSeconds(10), 50);
}
