package io.selvage.gateway;

import io.netty.buffer.Unpooled;
import io.selvage.node.GuestException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A response's body as a blocking stream. A small response leaves in one piece when it is closed; a large one in chunks,
 * of which only a few may be under way, so a slow client slows the guest down instead of filling the heap.
 */
final class ResponseBody extends OutputStream {
    private static final int FIRST = 512;
    private static final int CHUNK = 16 << 10;
    private static final int UNDER_WAY = 4;

    private final BodySink sink;
    private final long declared;
    private final boolean discards;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] buffer = new byte[FIRST];
    private int length;
    private long written;
    private int underWay;
    private boolean begun;
    private boolean closed;
    private volatile @Nullable String failure;

    /**
     * The body of a response that goes to {@code sink}.
     *
     * @param declared the length that the guest declared; -1 if it did not
     * @param discards whether there is no body on the wire, whatever the guest writes (HEAD, 204, 304)
     */
    ResponseBody(BodySink sink, long declared, boolean discards) {
        this.sink = sink;
        this.declared = declared;
        this.discards = discards;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, source.length);
        checkOpen();
        written += count;
        if (declared >= 0 && written > declared && !discards) {
            throw new GuestException(
                    "The function declared a Content-Length of " + declared + " and wrote more than that");
        }
        if (discards) {
            return;
        }
        int from = offset;
        int left = count;
        while (left > 0) {
            int part = Math.min(left, CHUNK - length);
            reserve(length + part);
            System.arraycopy(source, from, buffer, length, part);
            length += part;
            from += part;
            left -= part;
            if (length == CHUNK) {
                send();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        checkOpen();
        if (!discards && (length > 0 || !begun)) {
            send();
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (declared >= 0 && written != declared && !discards) {
            closed = true;
            throw new GuestException("The function declared a Content-Length of " + declared + " and wrote " + written
                    + (written == 1 ? " byte" : " bytes"));
        }
        closed = true;
        if (failure == null) {
            sink.finish(content(), written);
        }
    }

    /** A chunk has left, or is so near to it that the next may come; on the event loop. */
    void sent(int chunks) {
        lock.lock();
        try {
            underWay -= chunks;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more can be sent; from any thread. */
    void fail(String cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void send() throws IOException {
        lock.lock();
        try {
            while (underWay >= UNDER_WAY && failure == null) {
                changed.await();
            }
            underWay++;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the request was ended while its response was written");
        } finally {
            lock.unlock();
        }
        checkOpen();
        sink.send(content());
        begun = true;
        buffer = new byte[Math.max(FIRST, Math.min(CHUNK, 2 * length))];
        length = 0;
    }

    /** What has been gathered, without a copy: the array is not used again. */
    private Buffer content() {
        return BufferInternal.buffer(Unpooled.wrappedBuffer(buffer, 0, length));
    }

    private void reserve(int needed) {
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.min(CHUNK, Math.max(needed, 2 * buffer.length)));
        }
    }

    private void checkOpen() throws IOException {
        String cause = failure;
        if (cause != null) {
            throw new IOException(cause);
        }
        if (closed) {
            throw new IOException("the response is complete");
        }
    }
}
