package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the responses in what comes over an HTTP/1.1 connection (RFC 9112). Lenient where that is safe and usual (a line may
 * end without CR, a folded line is joined), strict in everything that says where a response ends. Not thread-safe.
 */
final class ResponseReader {
    /** What is found. */
    interface Found {
        /** An interim response (1xx), in front of the one that is waited for. */
        void interim(int status, Headers fields);

        /** The head of the response, with all its fields. */
        void head(int status, Headers fields);

        /** A part of its content, which nobody changes any more. */
        void content(Buffer part);

        /** The response is complete. */
        void end(Headers trailers);
    }

    private enum State {
        /** Nothing is waited for. */
        IDLE,
        HEAD,
        /** Content of a known length. */
        FIXED,
        CHUNK_SIZE,
        CHUNK,
        /** The end of the line after a chunk. */
        CHUNK_END,
        TRAILERS,
        /** Content that ends with the connection. */
        UNTIL_CLOSE
    }

    /** The transfer codings that there are (RFC 9112 §7). */
    private static final Set<String> CHANGING =
            Set.of("chunked", "gzip", "x-gzip", "deflate", "compress", "x-compress");

    private static final Headers NO_TRAILERS = new Headers();

    private final int largestHead;
    private final HeadLines lines;
    private final Found found;
    private State state = State.IDLE;
    private boolean withoutContent;
    private boolean persists = true;
    private long left;
    private int interimBytes;

    /**
     * A reader that waits for nothing yet.
     *
     * @param largestHead the most bytes that a head may have, with the interim ones before it, or the trailers
     */
    ResponseReader(int largestHead, Found found) {
        this.largestHead = largestHead;
        this.lines = new HeadLines(largestHead);
        this.found = found;
    }

    /** From now on it waits for the response to a request with this method. */
    void expect(String method) {
        if (state != State.IDLE) {
            throw new IllegalStateException("there is a response that is not complete");
        }
        withoutContent = method.equals("HEAD");
        persists = true;
        interimBytes = 0;
        restart(State.HEAD);
    }

    /** Whether no response is waited for. */
    boolean isIdle() {
        return state == State.IDLE;
    }

    /** Whether the connection may be used for another request, as far as the last response says. */
    boolean persists() {
        return persists;
    }

    /**
     * Reads what has come, as far as it belongs to the response that is waited for.
     *
     * @throws Malformed if it is no response, or its end cannot be found for certain
     */
    void read(ByteBuf in) throws Malformed {
        while (state != State.IDLE && in.isReadable()) {
            switch (state) {
                case HEAD -> {
                    if (lines.take(in)) {
                        readHead();
                    }
                }
                case FIXED, CHUNK -> readContent(in);
                case UNTIL_CLOSE -> found.content(part(in, in.readableBytes()));
                case CHUNK_SIZE -> {
                    if (lines.takeOne(in)) {
                        readChunkSize();
                    }
                }
                case CHUNK_END -> {
                    if (lines.takeOne(in)) {
                        if (!lines.first().isEmpty()) {
                            throw new Malformed("A chunk is longer than it says");
                        }
                        restart(State.CHUNK_SIZE);
                    }
                }
                case TRAILERS -> {
                    if (lines.take(in)) {
                        end(lines.fields(false));
                    }
                }
                case IDLE -> throw new IllegalStateException();
            }
        }
    }

    /**
     * The connection has come to its end.
     *
     * @throws Malformed if the response that is waited for is not complete
     */
    void close() throws Malformed {
        if (state == State.UNTIL_CLOSE) {
            end(NO_TRAILERS);
        } else if (state != State.IDLE) {
            throw new Malformed("It ends in the middle");
        }
    }

    /** Waits for nothing any more: what still comes is nobody's. */
    void abandon() {
        persists = false;
        state = State.IDLE;
    }

    private void restart(State next) {
        state = next;
        lines.clear();
    }

    private void readHead() throws Malformed {
        int version = lines.version();
        int status = lines.status();
        Headers fields = lines.fields(true);
        if (status < 200) {
            if (status == 101) {
                throw new Malformed("It changes the protocol, which nobody asked for");
            }
            restartWithin();
            found.interim(status, fields);
            return;
        }
        persists = keepsOpen(fields, version);
        long declared = frame(fields, status, version);
        lines.clear();
        found.head(status, fields);
        if (state == State.FIXED && declared == 0) {
            end(NO_TRAILERS);
        }
    }

    /** Interim responses count as one head with what follows, so that there is an end of them. */
    private void restartWithin() throws Malformed {
        interimBytes += lines.length();
        if (interimBytes > largestHead) {
            throw new Malformed("It has interim responses of more than " + largestHead + " bytes");
        }
        restart(State.HEAD);
    }

    /** RFC 9112 §9.3. */
    private static boolean keepsOpen(Headers fields, int version) {
        boolean keeps = version >= 1;
        for (String line : fields.all("connection")) {
            for (String option : line.split(",")) {
                if (option.strip().equalsIgnoreCase("close")) {
                    return false;
                }
                keeps |= option.strip().equalsIgnoreCase("keep-alive");
            }
        }
        return keeps;
    }

    /** Finds out where the content ends (RFC 9112 §6.3), and its length; -1 if that is not known. */
    private long frame(Headers fields, int status, int version) throws Malformed {
        String coding = String.join(",", fields.all("transfer-encoding")).strip();
        long declared = length(fields);
        left = 0;
        if (withoutContent || status == 204 || status == 304) {
            state = State.FIXED;
        } else if (!coding.isEmpty()) {
            if (!coding.equalsIgnoreCase("chunked")) {
                return frameOther(coding, fields);
            }
            // Either is a sign of something on the way that reads it otherwise.
            persists &= declared < 0 && version >= 1;
            fields.remove("content-length");
            state = State.CHUNK_SIZE;
        } else if (declared >= 0) {
            left = declared;
            state = State.FIXED;
            return declared;
        } else {
            persists = false;
            state = State.UNTIL_CLOSE;
            return -1;
        }
        return state == State.FIXED ? 0 : -1;
    }

    /** A coding that ends with the connection, if it changes no content: {@code identity} of old, and what nobody knows. */
    private long frameOther(String coding, Headers fields) throws Malformed {
        for (String name : coding.split(",")) {
            if (CHANGING.contains(name.strip().toLowerCase(Locale.ROOT))) {
                throw new Malformed("Its transfer coding is not \"chunked\" alone");
            }
        }
        persists = false;
        fields.remove("content-length");
        state = State.UNTIL_CLOSE;
        return -1;
    }

    /** What {@code Content-Length} says, as one line; -1 without one. */
    private static long length(Headers fields) throws Malformed {
        String first = fields.first("content-length").orElse(null);
        if (first == null) {
            return -1;
        }
        String text = first.split(",", 2)[0].strip();
        for (String line : fields.all("content-length")) {
            for (String value : line.split(",", -1)) {
                if (!value.strip().equals(text)) {
                    throw new Malformed("It has two lengths");
                }
            }
        }
        boolean valid = !text.isEmpty() && text.length() <= 18;
        for (int i = 0; i < text.length() && valid; i++) {
            valid = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!valid) {
            throw new Malformed("Its length is not a number");
        }
        if (!first.equals(text) || fields.all("content-length").size() > 1) {
            fields.set("Content-Length", text);
        }
        return Long.parseLong(text);
    }

    private void readContent(ByteBuf in) {
        int count = (int) Math.min(left, in.readableBytes());
        left -= count;
        boolean last = left == 0;
        boolean chunk = state == State.CHUNK;
        if (last && chunk) {
            restart(State.CHUNK_END);
        }
        found.content(part(in, count));
        if (last && !chunk) {
            end(NO_TRAILERS);
        }
    }

    private void readChunkSize() throws Malformed {
        String line = lines.first();
        long size = 0;
        int i = 0;
        while (i < line.length() && Character.digit(line.charAt(i), 16) >= 0) {
            size = 16 * size + Character.digit(line.charAt(i), 16);
            i++;
        }
        if (i == 0 || i > 15 || (i < line.length() && ";\t ".indexOf(line.charAt(i)) < 0)) {
            throw new Malformed("A chunk does not begin with its size");
        }
        left = size;
        restart(size == 0 ? State.TRAILERS : State.CHUNK);
    }

    private static Buffer part(ByteBuf in, int count) {
        byte[] bytes = new byte[count];
        in.readBytes(bytes);
        return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
    }

    private void end(Headers trailers) {
        state = State.IDLE;
        found.end(trailers);
    }
}
