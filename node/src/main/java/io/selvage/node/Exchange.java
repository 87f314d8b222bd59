package io.selvage.node;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * One request and its response, as plain blocking streams on a virtual thread. Belongs to one thread, but {@link #log}
 * may be called from any.
 */
public interface Exchange {
    /** The request without its body. */
    RequestHead request();

    /**
     * The request's body. Reading blocks until bytes arrive, and throws {@link LimitExceededException} past the
     * function's body limit and {@link java.io.IOException} if the client goes away.
     */
    InputStream requestBody();

    /**
     * Begins the response. Writing to the stream blocks while the client is slow; closing it ends the response.
     *
     * @throws IllegalStateException if the response has begun
     */
    OutputStream respond(ResponseHead head);

    /** Whether {@link #respond} has been called. */
    boolean responded();

    /**
     * Tells what the guest has used, when it has ended; for the node's metrics.
     *
     * @param cpuNanos time on a processor
     * @param memoryBytes the size of its linear memory at the end, bytes: it never shrinks
     */
    default void used(long cpuNanos, long memoryBytes) {}

    /** Writes a line of the guest's own to the log, with the function and the request id. */
    void log(String line);
}
