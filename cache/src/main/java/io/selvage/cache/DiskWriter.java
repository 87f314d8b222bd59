package io.selvage.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one content as it comes, and lets it be read as far as it is written. Its methods do not wait: what they are given
 * is written in turn on the disk's threads, and its user minds how much {@link #waiting} there is. Thread-safe.
 */
public final class DiskWriter {
    private final DiskStore store;
    private final DiskEntry entry;
    private final Path begun;
    private final Path whole;
    private final byte[] block = new byte[Blocks.SIZE];
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Runnable> drained = new ArrayList<>();
    private @Nullable FileChannel channel;
    private int filled;
    private long blocks;
    private boolean running;
    private boolean failed;
    private boolean discarded;
    private boolean moved;
    private boolean ended;
    private long waiting;
    private long written;

    /** Who waits for more than the first {@code known} bytes. */
    private record Reader(long known, Runnable action) {}

    DiskWriter(DiskStore store, DiskEntry entry, Path begun, Path whole) {
        this.store = store;
        this.entry = entry;
        this.begun = begun;
        this.whole = whole;
    }

    /** How many bytes wait to be written. */
    public synchronized long waiting() {
        return waiting;
    }

    /** Completes, on any thread, when nothing waits to be written; fails if the disk takes too long for that. */
    public CompletableFuture<Boolean> drained() {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        synchronized (this) {
            if (waiting > 0) {
                drained.add(() -> result.complete(true));
                return store.health().mind(result);
            }
        }
        result.complete(true);
        return result;
    }

    /** Writes a further part, which nobody changes any more. */
    public void write(byte[] part) {
        synchronized (this) {
            waiting += part.length;
        }
        submit(() -> {
            try {
                append(part);
            } catch (IOException e) {
                fail(e);
            }
            settle(part.length);
        });
    }

    /** Whether it cannot become whole any more. */
    public synchronized boolean hasFailed() {
        return failed;
    }

    /** Reads the content from {@code from} on, as far as it is written, and then as it comes. */
    public ContentStream read(long from) {
        return ContentStream.of(store, this, from);
    }

    /** Gives up; what was written goes, and those who read it get to know at once. */
    public void abort() {
        synchronized (this) {
            failed = !ended;
        }
        wake();
        submit(this::giveUp);
    }

    /**
     * Ends the file.
     *
     * @param response what it is the content of, its length included
     * @param done gets whether it is whole; on a thread of the disk's
     */
    void commit(CachedResponse response, Consumer<Boolean> done) {
        submit(() -> {
            try {
                end(response);
            } catch (IOException e) {
                fail(e);
            }
            done.accept(hasEnded());
        });
    }

    DiskEntry entry() {
        return entry;
    }

    private synchronized boolean hasEnded() {
        return ended;
    }

    /** Opens the file to read it, wherever it is now. */
    synchronized FileChannel open() throws IOException {
        return FileChannel.open(moved ? whole : begun, StandardOpenOption.READ);
    }

    /** How many bytes of the content can be read. */
    synchronized long written() throws IOException {
        if (failed) {
            throw new IOException("the rest of the content does not come");
        }
        return written;
    }

    /** Does something once, on any thread, when there is more than {@code known} bytes, or never will be; at once if so. */
    void whenMore(long known, Runnable action) {
        synchronized (this) {
            if (!hasMore(known)) {
                readers.add(new Reader(known, action));
                return;
            }
        }
        action.run();
    }

    private synchronized boolean hasMore(long known) {
        return written > known || ended || failed;
    }

    private void append(byte[] part) throws IOException {
        int from = 0;
        while (!hasFailed() && from < part.length) {
            int count = Math.min(part.length - from, block.length - filled);
            System.arraycopy(part, from, block, filled, count);
            filled += count;
            from += count;
            if (filled == block.length) {
                flush();
            }
        }
    }

    private void flush() throws IOException {
        if (!store.reserve(entry, Blocks.end(filled))) {
            giveUp();
            return;
        }
        Blocks.write(file(), entry.id(), blocks, block, filled);
        blocks++;
        synchronized (this) {
            written += filled;
        }
        filled = 0;
        wake();
    }

    private FileChannel file() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open = create();
            channel = open;
        }
        return open;
    }

    private FileChannel create() throws IOException {
        try {
            return FileChannel.open(begun, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (NoSuchFileException _) {
            Files.createDirectories(begun.getParent());
            return FileChannel.open(begun, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
    }

    private void end(CachedResponse response) throws IOException {
        if (hasFailed()) {
            return;
        }
        if (filled > 0) {
            flush();
        }
        StoredHead head = new StoredHead(entry.key(), response.with(new Content.OnDisk(written)));
        if (hasFailed() || !store.reserve(entry, DiskFiles.rounded(head.fileSize()) - Blocks.end(written))) {
            giveUp();
            return;
        }
        FileChannel open = file();
        head.write(open);
        open.close();
        entry.length = written;
        synchronized (this) {
            Files.move(begun, whole, StandardCopyOption.ATOMIC_MOVE);
            moved = true;
            ended = true;
        }
        wake();
    }

    private void giveUp() {
        if (discard()) {
            store.forget(entry);
        }
    }

    private void fail(IOException cause) {
        if (discard()) {
            store.failed(entry, cause);
        }
    }

    /** The file goes, and those who read it get to know; false if it is whole or gone already. */
    private boolean discard() {
        synchronized (this) {
            if (discarded || ended) {
                return false;
            }
            discarded = true;
            failed = true;
        }
        try {
            if (channel != null) {
                channel.close();
            }
            Files.deleteIfExists(begun);
        } catch (IOException e) {
            store.health().tell("a file of the cache cannot be removed", e);
        }
        wake();
        return true;
    }

    private void wake() {
        List<Reader> woken;
        synchronized (this) {
            woken = readers.stream().filter(reader -> hasMore(reader.known)).toList();
            readers.removeAll(woken);
        }
        woken.forEach(reader -> reader.action.run());
    }

    private void settle(long bytes) {
        List<Runnable> actions = List.of();
        synchronized (this) {
            waiting -= bytes;
            if (waiting == 0) {
                actions = List.copyOf(drained);
                drained.clear();
            }
        }
        actions.forEach(Runnable::run);
    }

    private void submit(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        store.execute(this::work);
    }

    private void work() {
        while (true) {
            Runnable task;
            synchronized (this) {
                task = tasks.poll();
                if (task == null) {
                    running = false;
                    return;
                }
            }
            task.run();
        }
    }
}
