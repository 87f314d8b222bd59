package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/** Finds the content of a message, and its end, in what comes over an HTTP/1.1 connection (RFC 9112 §6 and §7). Not thread-safe. */
final class ContentReader {
    /** What is found. */
    interface Found {
        /** Whether more content may come now. */
        default boolean wantsContent() {
            return true;
        }

        /** A part of the content, which nobody changes any more. */
        void content(Buffer part);

        /** The message is complete. */
        void end(Headers trailers);
    }

    private enum State {
        /** Content of a known length. */
        FIXED,
        CHUNK_SIZE,
        CHUNK,
        /** The end of the line after a chunk. */
        CHUNK_END,
        TRAILERS,
        /** Content that ends with the connection. */
        UNTIL_CLOSE,
        OVER
    }

    private static final Headers NO_TRAILERS = new Headers();

    private final HeadLines lines;
    private final Found found;
    private State state = State.OVER;
    private long left;

    /**
     * A reader that expects nothing yet.
     *
     * @param lines holds what has come of a line
     */
    ContentReader(HeadLines lines, Found found) {
        this.lines = lines;
        this.found = found;
    }

    /** Expects so many bytes; without any, the message is complete. */
    void begin(long length) {
        left = length;
        if (length == 0) {
            end(NO_TRAILERS);
        } else {
            restart(State.FIXED);
        }
    }

    /** Expects chunks. */
    void beginChunks() {
        restart(State.CHUNK_SIZE);
    }

    /** Expects whatever comes until the connection ends. */
    void beginUntilClose() {
        restart(State.UNTIL_CLOSE);
    }

    /** Whether nothing is expected. */
    boolean isOver() {
        return state == State.OVER;
    }

    /** Expects nothing any more. */
    void abandon() {
        state = State.OVER;
    }

    /**
     * Reads what has come, as far as it is wanted and belongs to the content.
     *
     * @throws Malformed if the content's end cannot be found for certain
     */
    void read(ByteBuf in) throws Malformed {
        while (state != State.OVER && in.isReadable()) {
            switch (state) {
                case FIXED, CHUNK, UNTIL_CLOSE -> {
                    if (!found.wantsContent()) {
                        return;
                    }
                    readContent(in);
                }
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
                        end(lines.trailers());
                    }
                }
                case OVER -> throw new IllegalStateException();
            }
        }
    }

    /**
     * The connection has come to its end.
     *
     * @throws Malformed if the content has not
     */
    void close() throws Malformed {
        if (state == State.UNTIL_CLOSE) {
            end(NO_TRAILERS);
        } else if (state != State.OVER) {
            throw new Malformed("It ends in the middle");
        }
    }

    private void restart(State next) {
        state = next;
        lines.clear();
    }

    private void readContent(ByteBuf in) {
        if (state == State.UNTIL_CLOSE) {
            found.content(part(in, in.readableBytes()));
            return;
        }
        int count = (int) Math.min(left, in.readableBytes());
        left -= count;
        boolean chunk = state == State.CHUNK;
        if (left == 0 && chunk) {
            restart(State.CHUNK_END);
        }
        found.content(part(in, count));
        if (left == 0 && !chunk && state == State.FIXED) {
            end(NO_TRAILERS);
        }
    }

    private void readChunkSize() throws Malformed {
        String line = lines.first();
        long size = 0;
        int i = 0;
        while (i < line.length() && line.charAt(i) < 0x80 && Character.digit(line.charAt(i), 16) >= 0) {
            size = 16 * size + Character.digit(line.charAt(i), 16);
            i++;
        }
        String rest = line.substring(i).stripLeading();
        if (i == 0 || i > 15 || !(rest.isEmpty() || rest.startsWith(";"))) {
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
        state = State.OVER;
        found.end(trailers);
    }
}
