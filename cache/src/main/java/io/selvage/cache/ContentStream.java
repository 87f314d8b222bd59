package io.selvage.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A content on its way from the disk to one reader: a checked block at a time, so that no more than that is held of it.
 * Nothing waits: the disk's threads read. Its file stays readable until {@link #close}, even if it is removed meanwhile.
 */
public final class ContentStream implements AutoCloseable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final DiskStore store;
    private final DiskEntry entry;
    private final @Nullable DiskWriter writer;
    private final long to;
    private @Nullable FileChannel channel;
    private long next;
    private volatile boolean closed;

    private ContentStream(DiskStore store, DiskEntry entry, @Nullable DiskWriter writer, long from, long to) {
        this.store = store;
        this.entry = entry;
        this.writer = writer;
        this.next = from;
        this.to = to;
    }

    /**
     * A part of a whole content.
     *
     * @param from the first byte that is read
     * @param to the byte after the last one
     */
    static ContentStream of(DiskStore store, DiskEntry entry, long from, long to) {
        return new ContentStream(store, entry, null, from, to);
    }

    /** A content that is being written, from a byte on. */
    static ContentStream of(DiskStore store, DiskWriter writer, long from) {
        return new ContentStream(store, writer.entry(), writer, from, Long.MAX_VALUE);
    }

    /**
     * The next bytes, none at the end; to be asked for when the ones before have come. Fails with an {@link IOException} if
     * the file cannot be read, is not what was written, or is never going to be whole, or if this is closed meanwhile.
     * Completes on a thread of the disk's.
     */
    public CompletableFuture<ByteBuffer> next() {
        CompletableFuture<ByteBuffer> result = new CompletableFuture<>();
        DiskWriter growing = writer;
        if (growing == null) {
            store.execute(() -> read(result));
            return store.health().mind(result);
        } else {
            growing.whenMore(next, () -> store.execute(() -> read(result)));
        }
        return result;
    }

    private void read(CompletableFuture<ByteBuffer> result) {
        try {
            result.complete(read());
        } catch (ClosedChannelException e) {
            result.completeExceptionally(e);
        } catch (IOException e) {
            if (writer == null) {
                store.unreadable(entry, e);
            }
            result.completeExceptionally(e);
        }
    }

    private synchronized ByteBuffer read() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        DiskWriter growing = writer;
        long known = growing == null ? entry.length : growing.written();
        long end = Math.min(known, to);
        if (next >= end) {
            return NOTHING;
        }
        FileChannel file = channel;
        if (file == null) {
            file = growing == null ? store.open(entry) : growing.open();
            channel = file;
        }
        long index = next / Blocks.SIZE;
        long start = index * Blocks.SIZE;
        int length = (int) Math.min(Blocks.SIZE, known - start);
        byte[] block = Blocks.read(file, entry.id(), index, length);
        int from = (int) (next - start);
        int until = (int) Math.min(length, end - start);
        next = start + until;
        return ByteBuffer.wrap(block, from, until - from).slice();
    }

    /** Lets the file go. */
    @Override
    public void close() {
        closed = true;
        store.execute(this::release);
    }

    private synchronized void release() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            store.unreadable(entry, e);
        }
    }
}
