package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.selvage.node.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an HTTP/1.1 message as they come: its first line, fields, the size of a chunk (RFC 9112 §2.1). Each ends with CR LF,
 * or, where that is forgiven, with LF. Not thread-safe.
 */
final class HeadLines {
    /** How many bytes are copied at once, which may be more than belong to the head. */
    private static final int STEP = 1024;

    private final int most;
    private final boolean strict;
    private byte[] lines = new byte[STEP];
    private int length;
    private int lineStart;
    private boolean hasReadHead;
    /** There is none before the second head: most idle connections have had no more than one. */
    private @Nullable LastHead last;

    /**
     * None yet.
     *
     * @param most the most bytes that all of them may have
     * @param strict whether what is forgiven an origin is not: a line that ends without CR, a field of several lines, a blank
     *     before a colon
     */
    HeadLines(int most, boolean strict) {
        this.most = most;
        this.strict = strict;
    }

    /** Forgets all of them. */
    void clear() {
        length = 0;
        lineStart = 0;
    }

    /** How many bytes they have. */
    int length() {
        return length;
    }

    /** Takes lines in up to an empty one; whether that has come. */
    boolean take(ByteBuf in) throws Malformed {
        while (in.isReadable()) {
            int count = Math.min(in.readableBytes(), STEP);
            reserve(count);
            in.getBytes(in.readerIndex(), lines, length, count);
            if (takeCopied(in, length + count)) {
                return true;
            }
        }
        return false;
    }

    /** Takes lines in that have been copied already, up to {@code end}; whether an empty one was among them. */
    private boolean takeCopied(ByteBuf in, int end) throws Malformed {
        int next = indexOf('\n', length, end) + 1;
        while (next > 0) {
            take(in, next);
            boolean empty = lineEnd(lineStart, next) == lineStart;
            lineStart = next;
            if (empty) {
                return true;
            }
            next = indexOf('\n', next, end) + 1;
        }
        take(in, end);
        return false;
    }

    /** Takes what has been copied in up to {@code end}, the end of a line or of what has come. */
    private void take(ByteBuf in, int end) throws Malformed {
        if (end > most) {
            throw new Malformed("It has a head of more than " + most + " bytes");
        }
        in.skipBytes(end - length);
        length = end;
        if (strict && end > 0 && lines[end - 1] == '\n' && (end < 2 || lines[end - 2] != '\r')) {
            throw new Malformed("It has a line that does not end with CR LF");
        }
    }

    private void reserve(int count) {
        if (length + count > lines.length) {
            lines = Arrays.copyOf(lines, Math.max(length + count, 2 * lines.length));
        }
    }

    /** Takes bytes in up to the end of a line; whether that has come. */
    boolean takeOne(ByteBuf in) throws Malformed {
        int from = in.readerIndex();
        int feed = in.indexOf(from, in.writerIndex(), (byte) '\n');
        int count = Math.min((feed < 0 ? in.writerIndex() : feed + 1) - from, most + 1 - length);
        reserve(count);
        in.getBytes(from, lines, length, count);
        take(in, length + count);
        return feed >= 0;
    }

    /** Where the text of a line ends that ends, with LF or CR LF, before {@code next}. */
    private int lineEnd(int start, int next) {
        int end = next - 1;
        return end > start && lines[end - 1] == '\r' ? end - 1 : end;
    }

    /** The first line, without its end. */
    String first() {
        return text(0, lineEnd(0, indexOf('\n', 0, length) + 1));
    }

    /** How many bytes the first line has with its end; -1 if that has not come. */
    int firstLength() {
        int feed = indexOf('\n', 0, length);
        return feed < 0 ? -1 : feed + 1;
    }

    /** Whether there is an empty line alone. */
    boolean isEmpty() {
        return length == 2 && lines[0] == '\r';
    }

    /** The minor version; the status line begins with {@code HTTP/1.x} and a space (RFC 9112 §4). */
    int version() throws Malformed {
        int end = lineEnd(0, indexOf('\n', 0, length) + 1);
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

    /** The status, of a status line whose version is known. */
    int status() throws Malformed {
        int end = lineEnd(0, indexOf('\n', 0, length) + 1);
        int status = 0;
        for (int i = 9; i < 12; i++) {
            int digit = lines[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new Malformed("Its status is not a number");
            }
            status = 10 * status + digit;
        }
        if (end > 12 && lines[12] != ' ') {
            throw new Malformed("Its status has not three digits");
        }
        if (status < 100) {
            throw new Malformed("Its status is none: " + status);
        }
        return status;
    }

    /** The fields of a head, with whose first line nothing more is done (RFC 9112 §5). */
    Headers headFields() throws Malformed {
        int start = indexOf('\n', 0, length) + 1;
        LastHead before = last;
        if (before == null) {
            last = hasReadHead ? new LastHead(new byte[STEP]) : null;
            hasReadHead = true;
            return fields(start, null);
        }
        before.begin();
        Headers fields = fields(start, before);
        lines = before.end(lines, fields);
        return fields;
    }

    /** The fields behind a content (RFC 9112 §7.1.2). */
    Headers trailers() throws Malformed {
        return fields(0, null);
    }

    private Headers fields(int first, @Nullable LastHead before) throws Malformed {
        Headers fields = new Headers();
        int start = first;
        while (true) {
            int next = indexOf('\n', start, length) + 1;
            int end = lineEnd(start, next);
            if (end == start) {
                return fields;
            }
            while (next < length && isBlank(lines[next])) {
                if (strict) {
                    throw new Malformed("It has a field of several lines");
                }
                int text = next;
                while (isBlank(lines[text])) {
                    text++;
                }
                Arrays.fill(lines, end, text, (byte) ' ');
                next = indexOf('\n', next, length) + 1;
                end = lineEnd(start, next);
            }
            if (before == null) {
                readField(start, end, fields);
            } else if (!before.add(lines, start, end, fields)) {
                readField(start, end, fields);
                before.note(start, end, fields);
            }
            start = next;
        }
    }

    /**
     * Whether a connection goes on after a message with these fields (RFC 9112 §9.3).
     *
     * @param newer whether the message is one of HTTP/1.1
     */
    static boolean keepsOpen(Headers fields, boolean newer) {
        boolean keeps = newer;
        for (String option : fields.members("connection")) {
            if (option.equalsIgnoreCase("close")) {
                return false;
            }
            keeps |= option.equalsIgnoreCase("keep-alive");
        }
        return keeps;
    }

    private void readField(int start, int end, Headers fields) throws Malformed {
        int colon = indexOf(':', start, end);
        int nameEnd = colon;
        while (nameEnd > start && isBlank(lines[nameEnd - 1])) {
            nameEnd--;
        }
        if (colon < 0 || nameEnd == start || (strict && nameEnd < colon)) {
            throw new Malformed("It has a line that is no field");
        }
        for (int i = start; i < nameEnd; i++) {
            if (!FieldSyntax.isToken((char) (lines[i] & 0xff))) {
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
}
