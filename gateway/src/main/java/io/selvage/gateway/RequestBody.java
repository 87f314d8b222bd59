package io.selvage.gateway;

import io.selvage.node.LimitExceededException;
import io.selvage.node.Quantity;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request's body as a blocking stream: the event loop puts buffers in, the guest's thread takes them out. Only as many
 * buffers as have been asked for are on their way, so a slow guest slows its client down instead of filling the heap.
 */
final class RequestBody extends InputStream {
    private static final int WINDOW = 16;

    private final IntConsumer fetch;
    private final long limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Buffer> buffers = new ArrayDeque<>();
    private int asked;
    private long received;
    private volatile boolean waiting;
    private boolean ended;
    private @Nullable String failure;
    private @Nullable Buffer current;
    private int position;

    /**
     * A body of which nothing has come.
     *
     * @param fetch lets so many further buffers come; called on the guest's thread
     * @param limit the most bytes that it may have
     */
    RequestBody(IntConsumer fetch, long limit) {
        this.fetch = fetch;
        this.limit = limit;
    }

    /** What had come before the body was read; on the event loop. */
    void begin(Buffer before) {
        lock.lock();
        try {
            received += before.length();
            buffers.add(before);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes have arrived; on the event loop. */
    void put(Buffer buffer) {
        lock.lock();
        try {
            asked--;
            received += buffer.length();
            buffers.add(buffer);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes; on the event loop. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes because the client or the exchange is gone; from any thread. */
    void fail(String cause) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = cause;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the guest's thread waits for the client. */
    boolean isWaiting() {
        return waiting;
    }

    /** How many bytes have arrived. */
    long received() {
        return received;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        java.util.Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        Buffer buffer = current;
        if (buffer == null || position == buffer.length()) {
            buffer = next();
            if (buffer == null) {
                return -1;
            }
        }
        int count = Math.min(length, buffer.length() - position);
        buffer.getBytes(position, position + count, target, offset);
        position += count;
        return count;
    }

    @Override
    public int available() {
        Buffer buffer = current;
        return buffer == null ? 0 : buffer.length() - position;
    }

    private @Nullable Buffer next() throws IOException {
        lock.lock();
        try {
            Buffer buffer = buffers.poll();
            while (buffer == null || buffer.length() == 0) {
                if (received > limit) {
                    throw tooLarge(limit);
                }
                if (buffer == null) {
                    if (failure != null) {
                        throw new IOException(failure);
                    }
                    if (ended) {
                        return null;
                    }
                    ask();
                    await();
                }
                buffer = buffers.poll();
            }
            if (received > limit) {
                throw tooLarge(limit);
            }
            if (buffers.size() < WINDOW / 2) {
                ask();
            }
            current = buffer;
            position = 0;
            return buffer;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the client send until as many buffers are here or on their way as may be. */
    private void ask() {
        int more = WINDOW - asked - buffers.size();
        if (!ended && failure == null && (asked == 0 || more >= WINDOW / 2)) {
            asked += more;
            fetch.accept(more);
        }
    }

    /** Called in a loop. */
    @SuppressWarnings("WaitNotInLoop")
    private void await() throws InterruptedIOException {
        waiting = true;
        try {
            changed.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the request was ended while its body was read");
        } finally {
            waiting = false;
        }
    }

    static LimitExceededException tooLarge(long limit) {
        return new LimitExceededException(
                LimitExceededException.Limit.BODY, "the request body is larger than " + Quantity.sizeText(limit));
    }
}
