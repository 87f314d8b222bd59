package io.selvage.node;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An upstream HTTP server, as the manifest says, or the admin listener.
 *
 * @param name unique within the app
 * @param addresses where it can be reached
 * @param host the {@code Host} that it is asked for; without one, what the client has asked for
 * @param protocol which HTTP it speaks
 * @param tls how TLS is spoken with addresses that are {@code https}
 * @param resolve how often the names of its addresses are looked up
 * @param timeouts how long it may take
 * @param connections the most connections to one address
 * @param waiting the most requests that wait for a connection
 * @param balance which address gets a request
 * @param retry when a request is sent once more
 * @param hedge how long an answer may take before another address is asked too; without it, for ever
 * @param breaker when it is left alone, if ever
 * @param ejection when an address is passed over because requests to it failed, if ever
 * @param health how its addresses are asked whether they are well, if they are
 * @param fallbacks what answers in its place, the first that can
 * @param fallbackStatuses the statuses of its answers that count as failures for that
 * @param shield the origin whose addresses are other nodes through which it is asked; without one, none
 * @param trailers whether it gets the fields behind the content of requests
 */
public record OriginDefinition(
        String name,
        List<OriginAddress> addresses,
        Optional<String> host,
        OriginProtocol protocol,
        OriginTls tls,
        Duration resolve,
        Timeouts timeouts,
        int connections,
        int waiting,
        OriginBalance balance,
        OriginRetry retry,
        Optional<Duration> hedge,
        Optional<OriginBreaker> breaker,
        Optional<OriginEjection> ejection,
        Optional<OriginHealth> health,
        List<OriginFallback> fallbacks,
        Set<Integer> fallbackStatuses,
        Optional<String> shield,
        boolean trailers) {
    /**
     * How long an origin may take.
     *
     * @param connect for a connection
     * @param firstByte for the head of a response
     * @param betweenBytes for the next part of a body
     */
    public record Timeouts(Duration connect, Duration firstByte, Duration betweenBytes) {}

    /** The same at other addresses. */
    public OriginDefinition withAddresses(List<OriginAddress> other) {
        return new OriginDefinition(
                name,
                List.copyOf(other),
                host,
                protocol,
                tls,
                resolve,
                timeouts,
                connections,
                waiting,
                balance,
                retry,
                hedge,
                breaker,
                ejection,
                health,
                fallbacks,
                fallbackStatuses,
                shield,
                trailers);
    }
}
