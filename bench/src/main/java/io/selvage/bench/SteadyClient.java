package io.selvage.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Asks the same over HTTP/1.1 again and again, at a steady rate or as soon as there is an answer, and takes as little of the
 * processors as it can: those whom it asks have the same ones. For one thread.
 */
final class SteadyClient implements AutoCloseable {
    /** One answer: when it was asked for, its status (0 if there was none), and how long it took. */
    record Answer(long asked, int status, long nanos) {}

    /** How long answers are waited for when nothing is asked any more. */
    private static final long LAST_NANOS = 10_000_000_000L;

    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_CHUNK = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** A connection, which asks one thing at a time. */
    private final class Connection {
        final SocketChannel channel;
        final SelectionKey key;
        final ByteBuffer out = request.duplicate();
        final ByteBuffer in = ByteBuffer.allocate(64 << 10);
        long asked;

        Connection() throws IOException {
            channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        void ask(long now) throws IOException {
            asked = now;
            out.rewind();
            write();
        }

        /** Writes what can be; who has been refused before all was sent sends the rest, and can then ask again. */
        void write() throws IOException {
            channel.write(out);
            key.interestOps(out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            if (asked == 0 && !out.hasRemaining()) {
                idle.push(this);
            }
        }

        /** Reads what is there; true if the connection goes on. */
        boolean read() throws IOException {
            boolean ended = channel.read(in) < 0;
            if (asked == 0 || in.position() == 0 || !isWhole(ended)) {
                return !ended;
            }
            boolean goesOn = !ended && !closes();
            answered(status());
            in.clear();
            if (goesOn && !out.hasRemaining()) {
                idle.push(this);
            }
            return goesOn;
        }

        private boolean isWhole(boolean ended) {
            int head = indexOf(HEAD_END, 0);
            if (head < 0) {
                return false;
            }
            int content = head + HEAD_END.length;
            String fields = fields(head);
            int length = fields.indexOf("\r\ncontent-length:");
            if (length >= 0) {
                int from = length + "\r\ncontent-length:".length();
                int to = fields.indexOf('\r', from);
                int expected = Integer.parseInt(
                        fields.substring(from, to < 0 ? fields.length() : to).strip());
                if (content + expected > in.capacity()) {
                    throw new BenchmarkException("an answer of " + expected + " bytes is more than this client takes");
                }
                return in.position() >= content + expected;
            }
            return fields.contains("\r\ntransfer-encoding:") ? indexOf(LAST_CHUNK, head + 2) >= 0 : ended;
        }

        private String fields(int head) {
            return new String(in.array(), 0, head, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        }

        private boolean closes() {
            return fields(indexOf(HEAD_END, 0)).contains("\r\nconnection: close");
        }

        private int status() {
            return Integer.parseInt(new String(in.array(), "HTTP/1.1 ".length(), 3, StandardCharsets.US_ASCII));
        }

        private int indexOf(byte[] what, int from) {
            for (int at = from; at <= in.position() - what.length; at++) {
                if (Arrays.equals(in.array(), at, at + what.length, what, 0, what.length)) {
                    return at;
                }
            }
            return -1;
        }

        void answered(int status) {
            answers.add(new Answer(asked, status, System.nanoTime() - asked));
            asked = 0;
            waiting--;
        }

        void close() throws IOException {
            if (asked != 0) {
                answered(0);
            }
            channel.close();
        }
    }

    private final InetSocketAddress address;
    private final ByteBuffer request;
    private final Selector selector;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final List<Answer> answers = new ArrayList<>();
    private int waiting;

    /**
     * One that has not asked yet.
     *
     * @param url what it asks for with GET, or with POST if there is content
     */
    SteadyClient(String url, byte[] content) {
        URI uri = URI.create(url);
        address = new InetSocketAddress(uri.getHost(), uri.getPort());
        byte[] head = ((content.length == 0 ? "GET " : "POST ") + uri.getRawPath() + " HTTP/1.1\r\nHost: "
                        + uri.getAuthority() + "\r\n"
                        + (content.length == 0 ? "" : "Content-Length: " + content.length + "\r\n") + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        request = ByteBuffer.allocateDirect(head.length + content.length)
                .put(head)
                .put(content)
                .flip();
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new BenchmarkException("cannot open a selector: " + e.getMessage(), e);
        }
    }

    /** What came when so many clients asked again as soon as they had their answers. */
    List<Answer> closed(int clients, int seconds) {
        return run(Integer.MAX_VALUE, clients, seconds);
    }

    /** What came when so many requests a second began, whatever became of those before. */
    List<Answer> steady(double perSecond, int seconds) {
        return run(perSecond, Integer.MAX_VALUE, seconds);
    }

    private List<Answer> run(double perSecond, int clients, int seconds) {
        answers.clear();
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        long begun = 0;
        try {
            for (long now = begin; now < end || waiting > 0 && now < end + LAST_NANOS; now = System.nanoTime()) {
                while (now < end && waiting < clients && begun <= (now - begin) / 1e9 * perSecond) {
                    begun++;
                    ask();
                }
                selector.select(this::ready, 1);
            }
            for (SelectionKey key : selector.keys()) {
                ((Connection) key.attachment()).close();
            }
            selector.selectNow();
        } catch (IOException e) {
            throw new BenchmarkException("cannot ask " + address + ": " + e.getMessage(), e);
        }
        idle.clear();
        return List.copyOf(answers);
    }

    private void ask() throws IOException {
        waiting++;
        Connection connection = idle.isEmpty() ? new Connection() : idle.pop();
        connection.ask(System.nanoTime());
    }

    private void ready(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        try {
            if (key.isReadable() && !connection.read()) {
                drop(connection);
            } else if (key.isWritable()) {
                connection.write();
            }
        } catch (IOException _) {
            drop(connection);
        }
    }

    private void drop(Connection connection) {
        idle.remove(connection);
        try {
            connection.close();
        } catch (IOException e) {
            throw new BenchmarkException("cannot close a connection: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            selector.close();
        } catch (IOException e) {
            throw new BenchmarkException("cannot close a selector: " + e.getMessage(), e);
        }
    }
}
