package io.selvage.node;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An upstream HTTP server, as the manifest says.
 *
 * @param name unique within the app
 * @param urls where it can be reached, {@code http} or {@code https}, each with a host and no path; requests go to them in
 *     turn
 * @param host the {@code Host} that it is asked for; without one, what the client has asked for
 * @param connectTimeout how long to wait for a connection
 * @param firstByteTimeout how long to wait for the head of a response
 * @param betweenBytesTimeout how long a body may be silent
 * @param connections the most connections to one of the addresses
 */
public record OriginDefinition(
        String name,
        List<URI> urls,
        Optional<String> host,
        Duration connectTimeout,
        Duration firstByteTimeout,
        Duration betweenBytesTimeout,
        int connections) {}
