package io.selvage.cgi;

import io.selvage.node.Exchange;
import io.selvage.node.GuestException;
import io.selvage.node.ResponseHead;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A program's standard output: its head becomes the response's, the bytes behind it the response's body.
 *
 * <p>The response begins late: when there is more body than one piece holds, or when the {@link Flusher} finds that
 * bytes have waited long enough, or at the end. So a program that fails early can still be answered for, and a short
 * response goes out whole. The program's thread and the flusher's take turns by a lock.
 */
final class ResponseStream extends OutputStream {
    /** The largest head, in bytes. */
    static final int MOST_HEAD = 64 << 10;

    /** How much body is gathered before it is passed on, in bytes. */
    private static final int PIECE = 16 << 10;

    private static final int FIRST_SIZE = 512;

    private final Exchange exchange;
    private final Flusher flusher;
    private final ReentrantLock lock = new ReentrantLock();

    /** The head so far, or the body that waits, from {@code start} to {@code end}. */
    private byte[] buffer = new byte[FIRST_SIZE];

    private int start;
    private int end;
    private @Nullable ResponseHead head;
    private @Nullable OutputStream body;

    /** Whether this response has a body at all, whatever the program writes. */
    private boolean bodiless;

    /** The program's own Content-Length, or -1. */
    private long declared = -1;

    /** How many bytes of body the program has written. */
    private long written;

    private boolean ended;
    private @Nullable IOException failure;

    /** When what waits was first there, by {@link System#nanoTime}. */
    private long waitingSince;

    private boolean watched;

    ResponseStream(Exchange exchange, Flusher flusher) {
        this.exchange = exchange;
        this.flusher = flusher;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /**
     * Takes what the program writes.
     *
     * @throws GuestException if it is no head, or more body than declared
     * @throws UncheckedIOException if the client is gone: it ends the program, as the signal would that other systems
     *     send
     */
    @Override
    public void write(byte[] source, int offset, int length) {
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
            int taken = head == null ? takeHead(source, offset, length) : 0;
            if (head != null && length > taken) {
                takeBody(source, offset + taken, length - taken);
            }
        } catch (IOException e) {
            failure = e;
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing: programs flush after every line, and the flusher sees to it that nothing waits long. */
    @Override
    public void flush() {}

    /** Answers how many bytes belong to the head, the empty line included. */
    private int takeHead(byte[] source, int offset, int length) {
        int taken = Math.min(length, MOST_HEAD - end);
        int before = end;
        append(source, offset, taken);
        int line = lineStart(before);
        for (int i = before; i < end; i++) {
            if (buffer[i] != '\n') {
                continue;
            }
            if (i == line || i == line + 1 && buffer[line] == '\r') {
                begin(HeadParser.parse(buffer, line));
                end = 0;
                return i + 1 - before;
            }
            line = i + 1;
        }
        if (end == MOST_HEAD) {
            throw new GuestException("the function wrote " + (MOST_HEAD >> 10) + " KiB without the empty line that ends"
                    + " the response's head; it begins with " + firstLine());
        }
        return length;
    }

    private int lineStart(int from) {
        int line = from;
        while (line > 0 && buffer[line - 1] != '\n') {
            line--;
        }
        return line;
    }

    private void begin(ResponseHead parsed) {
        head = parsed;
        int status = parsed.status();
        bodiless = status == 204 || status == 304 || exchange.request().method().equals("HEAD");
        parsed.headers().first("content-length").ifPresent(text -> {
            if (!text.matches("[0-9]{1,18}")
                    || parsed.headers().all("content-length").size() > 1) {
                throw new GuestException("the function wrote " + HeadParser.show("Content-Length: " + text)
                        + "; it is the number of bytes of the body, once, or may be left out");
            }
            declared = Long.parseLong(text);
        });
        waitingSince = System.nanoTime();
        watched = true;
        flusher.watch(this);
    }

    private void takeBody(byte[] source, int offset, int length) throws IOException {
        written += length;
        if (bodiless) {
            return;
        }
        if (declared >= 0 && written > declared) {
            throw new GuestException("the function wrote more than the " + declared
                    + " bytes of body that its Content-Length says; leave that field out, or count right");
        }
        if (end - start + length > PIECE) {
            pass();
            if (length > PIECE / 2) {
                begun().write(source, offset, length);
                return;
            }
        }
        if (start == end && body != null) {
            waitingSince = System.nanoTime();
        }
        append(source, offset, length);
    }

    private void append(byte[] source, int offset, int length) {
        if (end + length > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(end + length, 2 * buffer.length));
        }
        System.arraycopy(source, offset, buffer, end, length);
        end += length;
    }

    /** Passes on what waits. */
    private void pass() throws IOException {
        OutputStream stream = begun();
        if (end > start) {
            stream.write(buffer, start, end - start);
        }
        start = 0;
        end = 0;
    }

    private OutputStream begun() {
        OutputStream stream = body;
        if (stream == null) {
            if (head == null) {
                throw new IllegalStateException("no head yet");
            }
            stream = exchange.respond(head);
            body = stream;
        }
        return stream;
    }

    /** Whether the program has written a whole head. */
    boolean hasHead() {
        lock.lock();
        try {
            return head != null;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a head or bytes wait since before {@code deadline}; never waits itself. */
    boolean isStale(long deadline) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            return isWaiting() && waitingSince - deadline < 0;
        } finally {
            lock.unlock();
        }
    }

    private boolean isWaiting() {
        return !ended && failure == null && head != null && (body == null || end > start);
    }

    /** Sends what waits. */
    void passNow() {
        lock.lock();
        try {
            if (isWaiting()) {
                pass();
                begun().flush();
            }
        } catch (IOException e) {
            failure = e;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The program has ended by itself.
     *
     * @param exitCode an unsigned number
     * @throws GuestException if it wrote no whole head, or not the body that it declared
     */
    void finish(int exitCode) throws IOException {
        lock.lock();
        try {
            end();
            if (failure != null) {
                throw failure;
            }
            ResponseHead whole = head;
            if (whole == null) {
                throw new GuestException(incomplete(exitCode));
            }
            if (declared >= 0 && written < declared && !bodiless) {
                throw new GuestException("the function wrote " + written + " of the " + declared
                        + " bytes of body that its Content-Length says" + afterCode(exitCode));
            }
            if (body == null && declared < 0 && !(bodiless && written == 0)) {
                addLength(whole);
            }
            pass();
            begun().close();
        } finally {
            lock.unlock();
        }
        if (exitCode != 0) {
            exchange.log("exited" + afterCode(exitCode));
        }
    }

    /** The body is whole: its length is known. 204 and 304 speak of none (RFC 9110 §8.6). */
    private void addLength(ResponseHead whole) {
        if (whole.status() != 204 && whole.status() != 304) {
            whole.headers().set("Content-Length", Long.toString(written));
        }
    }

    /** The program has been ended: nothing more is sent. */
    void abandon() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        ended = true;
        if (watched) {
            flusher.forget(this);
        }
    }

    private String incomplete(int exitCode) {
        String expected = "; it is to write a head such as \"Content-Type: text/plain\", an empty line, and the body";
        return end == 0
                ? "the function ended" + afterCode(exitCode) + " without writing a response" + expected
                : "the function ended" + afterCode(exitCode)
                        + " in the middle of the response's head, which begins with " + firstLine() + expected;
    }

    private String firstLine() {
        return HeadParser.show(new String(buffer, 0, Math.min(end, 200), StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse(""));
    }

    private static String afterCode(int exitCode) {
        return exitCode == 0 ? "" : " with code " + Integer.toUnsignedString(exitCode);
    }
}
