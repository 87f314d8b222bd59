package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the responses in what comes over an HTTP/1.1 connection (RFC 9112). Lenient where that is safe and usual (a line may
 * end without CR, a folded line is joined), strict in everything that says where a response ends. Not thread-safe.
 */
final class ResponseReader {
    /** What is found. */
    interface Found extends ContentReader.Found {
        /** An interim response (1xx), in front of the one that is waited for. */
        void interim(int status, Headers fields);

        /** The head of the response, with all its fields. */
        void head(int status, Headers fields);
    }

    private enum State {
        /** Nothing is waited for. */
        IDLE,
        HEAD,
        CONTENT
    }

    /** The transfer codings that there are (RFC 9112 §7). */
    private static final Set<String> CHANGING =
            Set.of("chunked", "gzip", "x-gzip", "deflate", "compress", "x-compress");

    private static final long UNTIL_CLOSE = -1;
    private static final long CHUNKS = -2;

    private final int largestHead;
    private final HeadLines lines;
    private final ContentReader content;
    private final Found found;
    private State state = State.IDLE;
    private boolean withoutContent;
    private boolean persists = true;
    private int interimBytes;

    /**
     * A reader that waits for nothing yet.
     *
     * @param largestHead the most bytes that a head may have, with the interim ones before it, or the trailers
     */
    ResponseReader(int largestHead, Found found) {
        this.largestHead = largestHead;
        this.lines = new HeadLines(largestHead, false);
        this.found = found;
        this.content = new ContentReader(lines, new ContentReader.Found() {
            @Override
            public void content(Buffer part) {
                found.content(part);
            }

            @Override
            public void end(Headers trailers) {
                state = State.IDLE;
                found.end(trailers);
            }
        });
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
            if (state == State.CONTENT) {
                content.read(in);
            } else if (lines.take(in)) {
                readHead();
            }
        }
    }

    /**
     * The connection has come to its end.
     *
     * @throws Malformed if the response that is waited for is not complete
     */
    void close() throws Malformed {
        if (state == State.CONTENT) {
            content.close();
        } else if (state == State.HEAD) {
            throw new Malformed("It ends in the middle");
        }
    }

    /** Waits for nothing any more: what still comes is nobody's. */
    void abandon() {
        persists = false;
        state = State.IDLE;
        content.abandon();
    }

    private void restart(State next) {
        state = next;
        lines.clear();
    }

    private void readHead() throws Malformed {
        int version = lines.version();
        int status = lines.status();
        Headers fields = lines.headFields();
        if (status < 200) {
            if (status == 101) {
                throw new Malformed("It changes the protocol, which nobody asked for");
            }
            restartWithin();
            found.interim(status, fields);
            return;
        }
        persists = HeadLines.keepsOpen(fields, version >= 1);
        long length = frame(fields, status, version);
        found.head(status, fields);
        if (state == State.IDLE) {
            return;
        }
        state = State.CONTENT;
        if (length >= 0) {
            content.begin(length);
        } else if (length == CHUNKS) {
            content.beginChunks();
        } else {
            content.beginUntilClose();
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

    /** Finds out where the content ends (RFC 9112 §6.3): its length, or {@link #CHUNKS} or {@link #UNTIL_CLOSE}. */
    private long frame(Headers fields, int status, int version) throws Malformed {
        String coding = fields.contains("transfer-encoding")
                ? String.join(",", fields.all("transfer-encoding")).strip()
                : "";
        long declared = length(fields);
        if (withoutContent || status == 204 || status == 304) {
            return 0;
        }
        if (coding.isEmpty()) {
            persists &= declared >= 0;
            return declared >= 0 ? declared : UNTIL_CLOSE;
        }
        fields.remove("content-length");
        if (!coding.equalsIgnoreCase("chunked")) {
            checkOther(coding);
            persists = false;
            return UNTIL_CLOSE;
        }
        // Either is a sign of something on the way that reads it otherwise.
        persists &= declared < 0 && version >= 1;
        return CHUNKS;
    }

    /** A coding that ends with the connection must change no content: {@code identity} of old, and what nobody knows. */
    private static void checkOther(String coding) throws Malformed {
        for (String name : coding.split(",")) {
            if (CHANGING.contains(name.strip().toLowerCase(Locale.ROOT))) {
                throw new Malformed("Its transfer coding is not \"chunked\" alone");
            }
        }
    }

    /** What {@code Content-Length} says, as one line; -1 without one. */
    private static long length(Headers fields) throws Malformed {
        List<String> all = fields.all("content-length");
        if (all.isEmpty()) {
            return -1;
        }
        String first = all.getFirst();
        if (all.size() == 1 && FieldSyntax.isLength(first)) {
            return Long.parseLong(first);
        }
        String text = first.split(",", 2)[0].strip();
        for (String line : all) {
            for (String value : line.split(",", -1)) {
                if (!value.strip().equals(text)) {
                    throw new Malformed("It has two lengths");
                }
            }
        }
        if (!FieldSyntax.isLength(text)) {
            throw new Malformed("Its length is not a number");
        }
        fields.set("Content-Length", text);
        return Long.parseLong(text);
    }
}
