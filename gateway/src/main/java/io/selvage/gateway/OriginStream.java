package io.selvage.gateway;

import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;

/** One request on a connection to an origin, from which it has got a place. Belongs to the event loop of who asks. */
interface OriginStream {
    /** Why there is no connection. */
    enum Unreachable {
        /** Too many wait for one. */
        BUSY,
        /** It took too long. */
        LATE,
        /** It was refused, or is not what it should be. */
        REFUSED
    }

    /** Which connections will do that were kept open from a request before. */
    enum Kept {
        /** Any: should it turn out to be closed, the request can be sent once more. */
        ANY,
        /** One that was in use a moment ago, unless no other can be made: the request can be sent only once. */
        RECENT,
        /** None: one has turned out to be closed, and others may be. */
        NONE
    }

    /** What is told, on the event loop of who asks; after {@link #complete} or {@link #broken}, nothing more. */
    interface Told {
        /** Whether anything is still to be told. */
        boolean isWanted();

        /** Which connections will do that were kept. */
        Kept kept();

        /** There is a connection: the request may be sent. */
        void connected(OriginStream stream);

        /** There is none. */
        void unreachable(Unreachable why);

        /** An interim response other than 100 and 101. */
        void interim(int status, Headers fields);

        /** The head of the response, with all its fields. */
        void head(int status, Headers fields);

        /** A part of the content, which nobody changes any more. */
        void content(Buffer part);

        /** The response is complete, with these fields behind its content. */
        void complete(Headers trailers);

        /** There is room for more of the request's content again. */
        void drained();

        /**
         * There is no response, or no more of it.
         *
         * @param malformed what is wrong with what came; empty if the connection has ended
         */
        void broken(String malformed);
    }

    /** Whether the connection was kept open from a request before. */
    boolean isKept();

    /**
     * Sends the head of the request.
     *
     * @param target path and query
     * @param fields with {@code Host}; of those that frame content, at most {@code Content-Length}
     * @param content whether content follows
     * @throws IllegalArgumentException if it would be another request, or more than one; then nothing is sent
     */
    void send(String method, String target, Headers fields, boolean content);

    /** Sends a part of the content. */
    void write(Buffer part);

    /** Whether no more should be written until {@link Told#drained}. */
    boolean isFull();

    /** Ends the content; fields behind it are sent where the framing allows that. */
    void end(Headers trailers);

    /** Holds the response's content back until {@link #resume}. */
    void pause();

    /** Lets content come again. */
    void resume();

    /** Nobody wants the response any more. */
    void reset();
}
