package io.selvage.gateway;

import io.netty.channel.Channel;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/**
 * One request of a client and the way its response goes, whatever version of HTTP carries them. Its content comes only when it
 * is asked for. Belongs to the event loop of its connection.
 */
interface ClientStream {
    /** No fields behind a content; nobody adds one. */
    Headers NO_TRAILERS = new Headers();

    /** The connection. */
    Channel channel();

    /** {@code HTTP/1.0}, {@code HTTP/1.1}, {@code HTTP/2} or {@code HTTP/3}. */
    String protocol();

    /** Whether many requests share its connection, each with a stream of its own: HTTP/2 or HTTP/3. */
    default boolean isMultiplexed() {
        return !protocol().startsWith("HTTP/1");
    }

    String method();

    /** What stands behind the method (RFC 9112 §3.2), or {@code :path} (RFC 9113 §8.3.1). */
    String target();

    /** What {@code :authority} says; empty in HTTP/1. */
    String authority();

    /** The fields as they came; nobody changes them. */
    Headers fields();

    /** Whether the connection is one of TLS. */
    boolean isSecure();

    /**
     * How many bytes of content the head declares: 0 for none, -1 if it is not known.
     *
     * @throws Refused if that cannot be said for certain
     */
    long length();

    /** Takes the content from now on; nothing comes before {@link #resume} or {@link #fetch}. */
    void read(Consumer<Buffer> part, Runnable end);

    /** Lets so many further parts of the content come. */
    void fetch(int parts);

    /** Lets the content come. */
    void resume();

    /** Holds the content back. */
    void pause();

    /** Whether the content has come to its end. */
    boolean isEnded();

    /** The fields behind the content, once that has come to its end; none where they cannot be had. */
    default Headers trailers() {
        return NO_TRAILERS;
    }

    /** How many bytes of the content have come. */
    long received();

    /**
     * What is done when the client goes away, or breaks the framing of its content, before the response is complete; it is told
     * how that is malformed, or nothing ("") of a client that is gone.
     */
    void whenGone(Consumer<String> action);

    /** Whether nothing can be sent any more. */
    boolean isClosed();

    /** Adds a field to the response, whatever it will be. */
    void always(String name, String value);

    /** Sends an interim response, where that is possible: 100 without fields, or one that an origin has sent. */
    void interim(int status, Headers fields);

    /** Lets the connection end with this response, where that is possible: the client is not told that it goes on. */
    void endsConnection();

    /**
     * Begins the response; it leaves with the first of its content, with its end, or by {@link #sendHead}.
     *
     * @param fields without those that are of a connection; how long the content is, if that is known
     * @throws IllegalArgumentException if one of them cannot be sent; then nothing has begun
     */
    void head(int status, Headers fields);

    /**
     * Begins a response from the cache, as {@link #head(int, Headers)} does.
     *
     * @param age seconds
     * @param cached what {@code Cache-Status} says; empty for nothing
     */
    default void head(int status, ServedFields fields, long age, String cached) {
        head(status, fields.with(age, cached));
    }

    /** Sends the head of a response whose content takes its time. */
    void sendHead();

    /** Takes a head back that has not left, so that another can begin the response; whether it could. */
    boolean retract();

    /** Sends a part of the content. */
    void write(Buffer part);

    /** Tells whoever watches a part of the content before it is compressed; what is written is then not of interest. */
    default void uncoded(Buffer part) {}

    /** Whether the client is slower than what is sent to it. */
    boolean isFull();

    /** What is done, once, when it is no longer {@linkplain #isFull full}. */
    void whenDrained(Runnable action);

    /** Completes the response with the last of its content; what is left of the request's is thrown away, or refused. */
    default void end(Buffer last) {
        end(last, NO_TRAILERS);
    }

    /** Completes the response as {@link #end(Buffer)} does, with fields behind its content where the framing allows that. */
    void end(Buffer last, Headers trailers);

    /** Breaks the response off. */
    void reset(StreamError why);

    /**
     * Answers that the connection goes on in another protocol (101); only in HTTP/1.1.
     *
     * @return the connection without HTTP, from which nothing comes before {@link Pipe#resume}
     */
    default Pipe switchProtocols(Headers fields) {
        throw new IllegalStateException(protocol() + " does not change its protocol");
    }
}
