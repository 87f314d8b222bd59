package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.selvage.node.Headers;

/**
 * Finds the requests in what comes over an HTTP/1.1 connection (RFC 9112), one after the other. Strict: what something on the way
 * may have read in another way is no request. Not thread-safe.
 */
final class RequestReader {
    /** What is found. */
    interface Found extends ContentReader.Found {
        /** The head of a request; its content comes next. */
        void head(Line line, Headers fields, long length);
    }

    /**
     * A request line (RFC 9112 §3).
     *
     * @param protocol {@code HTTP/1.0} or {@code HTTP/1.1}
     */
    record Line(String method, String target, String protocol) {
        /** Of a request whose line cannot be read. */
        static final Line UNKNOWN = new Line("?", "?", "HTTP/1.1");
    }

    /** What a connection of TLS begins with (RFC 8446 §5.1). */
    private static final byte TLS_HANDSHAKE = 22;

    private final int largestLine;
    private final int largestFields;
    private final HeadLines lines;
    private final ContentReader content;
    private final Found found;
    private boolean waits = true;
    private Line line = Line.UNKNOWN;

    /**
     * A reader that waits for the first request.
     *
     * @param largestLine the most bytes that a request line may have
     * @param largestFields the most bytes that the fields may have, or the trailers
     */
    RequestReader(int largestLine, int largestFields, Found found) {
        this.largestLine = largestLine;
        this.largestFields = largestFields;
        this.lines = new HeadLines(largestLine + largestFields, true);
        this.found = found;
        this.content = new ContentReader(lines, found);
    }

    /** Waits for the next request. */
    void next() {
        waits = true;
        line = Line.UNKNOWN;
        lines.clear();
    }

    /** Whether a head is waited for. */
    boolean waits() {
        return waits;
    }

    /** The line of the request that is read, as far as it is known. */
    Line line() {
        return line;
    }

    /**
     * Reads what has come, as far as it is wanted and belongs to one request.
     *
     * @throws Refused if it does not begin as a request does
     * @throws Malformed if the content's end cannot be found for certain
     */
    void read(ByteBuf in) throws Malformed {
        while (waits && in.isReadable()) {
            if (takeHead(in)) {
                readHead();
            }
        }
        if (!waits) {
            content.read(in);
        }
    }

    private boolean takeHead(ByteBuf in) {
        byte begin = in.getByte(in.readerIndex());
        if (lines.length() == 0 && begin != '\r' && !FieldSyntax.isToken((char) (begin & 0xff))) {
            throw begin == TLS_HANDSHAKE
                    ? Refused.malformed("It begins as TLS does, and this port speaks HTTP in clear text")
                    : malformed("It does not begin with a method");
        }
        boolean complete;
        try {
            complete = lines.take(in);
        } catch (Malformed e) {
            checkSizes(lines.length() + in.readableBytes());
            throw malformed(e);
        }
        checkSizes(lines.length());
        if (complete && lines.isEmpty()) {
            lines.clear(); // RFC 9112 §2.2: an empty line before a request is no part of it
            return false;
        }
        return complete;
    }

    /** Looks whether {@code length} bytes with the line that has come are too many. */
    private void checkSizes(int length) {
        int first = lines.firstLength();
        if ((first < 0 ? length : first) - 2 > largestLine) {
            throw new Refused(
                    414,
                    "target-too-long",
                    "The request line is too long",
                    "The node takes request lines of up to " + largestLine + " bytes.");
        }
        if (first >= 0 && length - first > largestFields) {
            throw new Refused(
                    431,
                    "fields-too-large",
                    "The header fields are too large",
                    "The node takes " + largestFields + " bytes of header fields.");
        }
    }

    private void readHead() throws Malformed {
        line = line(lines.first());
        Headers fields;
        try {
            fields = lines.headFields();
        } catch (Malformed e) {
            throw malformed(e);
        }
        long length = RequestFraming.length(fields, false);
        if (length < 0 && line.protocol.equals("HTTP/1.0")) {
            throw Refused.malformed("HTTP/1.0 has no Transfer-Encoding (RFC 9112 \u00a76.1)");
        }
        waits = false;
        found.head(line, fields, length);
        if (length >= 0) {
            content.begin(length);
        } else {
            content.beginChunks();
        }
    }

    /** RFC 9112 §3: three parts, with one space between them. */
    private static Line line(String text) {
        int first = text.indexOf(' ');
        int last = text.lastIndexOf(' ');
        if (first <= 0 || last <= first + 1 || text.indexOf(' ', first + 1) != last) {
            throw malformed("Its first line is not a method, a target and a version");
        }
        if (!FieldSyntax.isToken(text.substring(0, first))) {
            throw malformed("Its method is not a token");
        }
        for (int i = first + 1; i < last; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7f) {
                throw malformed("Its target holds a control character");
            }
        }
        return new Line(text.substring(0, first), text.substring(first + 1, last), protocol(text, last + 1));
    }

    private static String protocol(String text, int start) {
        boolean known = text.length() == start + 8
                && text.startsWith("HTTP/", start)
                && Character.isDigit(text.charAt(start + 5))
                && text.charAt(start + 6) == '.'
                && Character.isDigit(text.charAt(start + 7));
        if (!known) {
            throw malformed("Its first line does not end with a version of HTTP");
        }
        if (text.charAt(start + 5) != '1') {
            throw new Refused(
                    505,
                    "version",
                    "The HTTP version is not supported",
                    "The node speaks HTTP/1.0, HTTP/1.1, HTTP/2 and HTTP/3.");
        }
        return text.charAt(start + 7) == '0' ? "HTTP/1.0" : "HTTP/1.1";
    }

    private static Refused malformed(Malformed why) {
        return malformed(String.valueOf(why.getMessage()));
    }

    private static Refused malformed(String why) {
        return Refused.malformed("It is not HTTP/1.1 as RFC 9112 has it. " + why);
    }
}
