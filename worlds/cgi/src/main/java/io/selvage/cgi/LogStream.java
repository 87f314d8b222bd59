package io.selvage.cgi;

import io.selvage.node.Exchange;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A program's standard error output: each line becomes one of the log. Lines are cut at {@value #MOST_LINE} bytes, between
 * characters, and a request has {@value #MOST_TOTAL} bytes of log; then one last line says so.
 */
final class LogStream extends OutputStream {
    static final int MOST_LINE = 4_096;
    static final int MOST_TOTAL = 256 << 10;

    private static final int FIRST_SIZE = 128;
    private static final byte[] NONE = {};

    private final Exchange exchange;
    private byte[] line = NONE;
    private int length;
    private int total;

    LogStream(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        int start = offset;
        int end = offset + count;
        for (int i = offset; i < end && total <= MOST_TOTAL; i++) {
            if (source[i] == '\n') {
                append(source, start, i - start);
                emit(length);
                start = i + 1;
            }
        }
        if (total <= MOST_TOTAL) {
            append(source, start, end - start);
        }
    }

    /** The program has ended: a last line without an end is one too. */
    void finish() {
        if (length > 0 && total <= MOST_TOTAL) {
            emit(length);
        }
    }

    private void append(byte[] source, int from, int count) {
        int start = from;
        int left = count;
        while (left > 0 && total <= MOST_TOTAL) {
            int taken = Math.min(left, MOST_LINE - length);
            if (length + taken > line.length) {
                line = Arrays.copyOf(line, Math.max(Math.max(length + taken, FIRST_SIZE), 2 * line.length));
            }
            System.arraycopy(source, start, line, length, taken);
            length += taken;
            start += taken;
            left -= taken;
            if (length == MOST_LINE && left > 0) {
                emit(wholeCharacters());
            }
        }
    }

    /** How much of the line does not end in the middle of a character of UTF-8. */
    private int wholeCharacters() {
        int whole = length;
        while (whole > length - 4 && (line[whole - 1] & 0xc0) == 0x80) {
            whole--;
        }
        boolean lead = (line[whole - 1] & 0xc0) == 0xc0;
        return lead && whole - 1 + size(line[whole - 1]) > length ? whole - 1 : length;
    }

    private static int size(byte lead) {
        return (lead & 0xf0) == 0xf0 ? 4 : (lead & 0xe0) == 0xe0 ? 3 : 2;
    }

    /** Logs the first {@code count} bytes; what is behind them begins the next line. */
    private void emit(int count) {
        total += count + 1;
        int end = count > 0 && line[count - 1] == '\r' ? count - 1 : count;
        if (end > 0) {
            exchange.log(new String(line, 0, end, StandardCharsets.UTF_8));
        }
        System.arraycopy(line, count, line, 0, length - count);
        length -= count;
        if (total > MOST_TOTAL) {
            exchange.log("… the function logged more than " + (MOST_TOTAL >> 10)
                    + " KiB for this request; the rest is dropped");
        }
    }
}
