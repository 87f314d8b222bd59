package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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

    /** What comes is no response. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }
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

    private static final Headers NO_TRAILERS = new Headers();

    private final int largestHead;
    private final Found found;
    private State state = State.IDLE;
    private boolean withoutContent;
    private boolean persists = true;
    private long left;
    private byte[] lines = new byte[1024];
    private int length;
    private int lineStart;
    private int interimBytes;

    /**
     * A reader that waits for nothing yet.
     *
     * @param largestHead the most bytes that a head may have, with the interim ones before it, or the trailers
     */
    ResponseReader(int largestHead, Found found) {
        this.largestHead = largestHead;
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
                    if (readLines(in)) {
                        readHead();
                    }
                }
                case FIXED, CHUNK -> readContent(in);
                case UNTIL_CLOSE -> found.content(part(in, in.readableBytes()));
                case CHUNK_SIZE -> {
                    if (readLine(in)) {
                        readChunkSize();
                    }
                }
                case CHUNK_END -> {
                    if (readLine(in)) {
                        if (lineEnd(0, length) != 0) {
                            throw new Malformed("A chunk is longer than it says");
                        }
                        restart(State.CHUNK_SIZE);
                    }
                }
                case TRAILERS -> {
                    if (readLines(in)) {
                        Headers trailers = new Headers();
                        readFields(0, trailers);
                        end(trailers);
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
        length = 0;
        lineStart = 0;
    }

    /** Takes lines in up to an empty one; whether that has come. */
    private boolean readLines(ByteBuf in) throws Malformed {
        while (in.isReadable()) {
            if (!readLine(in)) {
                return false;
            }
            boolean empty = lineEnd(lineStart, length) == lineStart;
            lineStart = length;
            if (empty) {
                return true;
            }
        }
        return false;
    }

    /** Takes bytes in up to the end of a line; whether that has come. */
    private boolean readLine(ByteBuf in) throws Malformed {
        int from = in.readerIndex();
        int feed = in.indexOf(from, in.writerIndex(), (byte) '\n');
        int count = (feed < 0 ? in.writerIndex() : feed + 1) - from;
        if (length + count > largestHead) {
            throw new Malformed("It has a head of more than " + largestHead + " bytes");
        }
        if (length + count > lines.length) {
            lines = Arrays.copyOf(lines, Math.max(length + count, 2 * lines.length));
        }
        in.readBytes(lines, length, count);
        length += count;
        return feed >= 0;
    }

    /** Where the text of a line ends that ends, with LF or CR LF, before {@code next}. */
    private int lineEnd(int start, int next) {
        int end = next - 1;
        return end > start && lines[end - 1] == '\r' ? end - 1 : end;
    }

    private void readHead() throws Malformed {
        int next = indexOf('\n', 0, length) + 1;
        int end = lineEnd(0, next);
        int version = version(end);
        int status = status(end);
        Headers fields = new Headers();
        readFields(next, fields);
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
        length = 0;
        lineStart = 0;
        found.head(status, fields);
        if (state == State.FIXED && declared == 0) {
            end(NO_TRAILERS);
        }
    }

    /** Interim responses count as one head with what follows, so that there is an end of them. */
    private void restartWithin() throws Malformed {
        interimBytes += length;
        if (interimBytes > largestHead) {
            throw new Malformed("It has interim responses of more than " + largestHead + " bytes");
        }
        restart(State.HEAD);
    }

    /** The minor version; the status line begins with {@code HTTP/1.x} and a space (RFC 9112 §4). */
    private int version(int end) throws Malformed {
        boolean known = end >= 12
                && lines[0] == 'H'
                && lines[1] == 'T'
                && lines[2] == 'T'
                && lines[3] == 'P'
                && lines[4] == '/'
                && lines[5] == '1'
                && lines[6] == '.'
                && lines[7] >= '0'
                && lines[7] <= '9'
                && lines[8] == ' ';
        if (!known) {
            throw new Malformed("It does not begin as HTTP/1.1 does");
        }
        return lines[7] - '0';
    }

    private int status(int end) throws Malformed {
        int status = 0;
        for (int i = 9; i < 12; i++) {
            int digit = lines[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new Malformed("Its status is not a number");
            }
            status = 10 * status + digit;
        }
        if (status < 100 || (end > 12 && lines[12] != ' ')) {
            throw new Malformed("Its status is none: " + status);
        }
        return status;
    }

    /** Reads field lines up to the empty one (RFC 9112 §5). */
    private void readFields(int from, Headers fields) throws Malformed {
        int start = from;
        while (true) {
            int next = indexOf('\n', start, length) + 1;
            int end = lineEnd(start, next);
            if (end == start) {
                return;
            }
            while (next < length && isBlank(lines[next])) {
                int text = next;
                while (isBlank(lines[text])) {
                    text++;
                }
                Arrays.fill(lines, end, text, (byte) ' ');
                next = indexOf('\n', next, length) + 1;
                end = lineEnd(start, next);
            }
            readField(start, end, fields);
            start = next;
        }
    }

    private void readField(int start, int end, Headers fields) throws Malformed {
        int colon = indexOf(':', start, end);
        int nameEnd = colon;
        while (nameEnd > start && isBlank(lines[nameEnd - 1])) {
            nameEnd--;
        }
        if (colon < 0 || nameEnd == start) {
            throw new Malformed("It has a line that is no field");
        }
        for (int i = start; i < nameEnd; i++) {
            if (!ResponseFields.isToken((char) (lines[i] & 0xff))) {
                throw new Malformed("It has a field whose name is not a token");
            }
        }
        int valueStart = colon + 1;
        int valueEnd = end;
        while (valueStart < valueEnd && isBlank(lines[valueStart])) {
            valueStart++;
        }
        while (valueEnd > valueStart && isBlank(lines[valueEnd - 1])) {
            valueEnd--;
        }
        for (int i = valueStart; i < valueEnd; i++) {
            byte b = lines[i];
            if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7f) {
                throw new Malformed("It has a field with a control character");
            }
        }
        fields.add(text(start, nameEnd), text(valueStart, valueEnd));
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private String text(int from, int to) {
        return new String(lines, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private int indexOf(char c, int from, int to) {
        for (int i = from; i < to; i++) {
            if (lines[i] == c) {
                return i;
            }
        }
        return -1;
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
                throw new Malformed("Its transfer coding is not \"chunked\" alone");
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
        int end = lineEnd(0, length);
        long size = 0;
        int i = 0;
        while (i < end && Character.digit(lines[i], 16) >= 0) {
            size = 16 * size + Character.digit(lines[i], 16);
            i++;
        }
        if (i == 0 || i > 15 || (i < end && lines[i] != ';' && !isBlank(lines[i]))) {
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
