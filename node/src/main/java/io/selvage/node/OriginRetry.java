package io.selvage.node;

import java.time.Duration;
import java.util.Set;

/**
 * When a request is sent to an origin once more. Only what is safe is repeated, whatever this says: requests that never left,
 * and those without content whose method is idempotent (RFC 9110 §9.2.2).
 *
 * @param attempts how often at most; 0 for never
 * @param on the failures that lead to another attempt
 * @param statuses the statuses that lead to another attempt
 * @param budget how many further attempts there may be for each hundred requests, hedges included
 * @param least how many there may always be in a second
 * @param backoff the longest wait before the first further attempt; doubled for each one after it
 * @param longest the longest wait before any
 */
public record OriginRetry(
        int attempts,
        Set<Failure> on,
        Set<Integer> statuses,
        int budget,
        int least,
        Duration backoff,
        Duration longest) {
    /** A way in which an attempt can fail. */
    public enum Failure {
        /** No connection could be made. */
        CONNECT,
        /** The connection was closed before the head of a response came, or what came is no HTTP. */
        RESET,
        /** The head of a response did not come in time. */
        TIMEOUT
    }

    /** Two further attempts, after failures that an origin has not acted on as far as one can know. */
    public static final OriginRetry DEFAULT = new OriginRetry(
            2, Set.of(Failure.CONNECT, Failure.RESET), Set.of(), 20, 10, Duration.ofMillis(25), Duration.ofSeconds(1));
}
