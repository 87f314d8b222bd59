package io.selvage.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The stored responses on disk, up to a number of bytes: one file each, found again after a restart however the node ended;
 * what was used the longest ago goes first. What is damaged is removed and never served. Thread-safe; what touches the disk
 * does so on threads of its own, except where a method says that it waits.
 */
public final class DiskStore implements AutoCloseable {
    private static final int THREADS = 4;

    /** How long {@link #close} waits for what is still to be written, seconds. */
    private static final int CLOSING_SECONDS = 5;

    private final DiskFiles files;
    private final long largest;
    private final long mostQueued;
    private final DiskIndex index;
    private final DiskLoader loader;
    private final DiskHealth health;
    private final DiskRoom room;
    private final DiskHeads heads;
    private final ExecutorService threads;
    private final AtomicLong queued = new AtomicLong();
    private final LongAdder hits = new LongAdder();
    private final LongAdder damaged = new LongAdder();
    private final LongAdder skipped = new LongAdder();

    /**
     * Opens a store, and begins to find what is in it on a thread of its own.
     *
     * @param folder where it is; made when it is first needed
     * @param maximumBytes how much of the disk it may take
     * @param largest the largest content that it takes, bytes; never more than half of it all
     * @param mostQueued how much may wait to be written, bytes; past it copies of what is in memory are not written
     * @param warn is told what is wrong with a file or the disk
     */
    public DiskStore(
            Path folder, long maximumBytes, long largest, long mostQueued, BiConsumer<String, IOException> warn) {
        files = new DiskFiles(folder);
        this.largest = Math.min(largest, maximumBytes / 2);
        this.mostQueued = mostQueued;
        health = new DiskHealth(warn);
        index = new DiskIndex(maximumBytes);
        room = new DiskRoom(files, index, health);
        heads = new DiskHeads(this, files);
        threads = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon().name("cache-disk-", 0).factory());
        loader = new DiskLoader(this, folder);
    }

    /** Whom to ask whether a response is still in use, and whom to tell that one has made place for others. */
    void watch(Predicate<DiskEntry> used, Consumer<DiskEntry> gone) {
        room.watch(used, gone);
    }

    /** How many bytes of the disk it may take. */
    public long maximumBytes() {
        return index.maximumBytes();
    }

    /** How many bytes of the disk it takes. */
    public long bytes() {
        return index.taken();
    }

    /** How many responses it has. */
    public long size() {
        return index.size();
    }

    /** How many responses were read from it. */
    public long hits() {
        return hits.sum();
    }

    /** How many files were removed because they were damaged. */
    public long damaged() {
        return damaged.sum();
    }

    /** How often the disk has refused to read or write, or has not answered. */
    public long failures() {
        return health.failures();
    }

    /** How many responses were not written because too much was waiting. */
    public long skipped() {
        return skipped.sum();
    }

    /** How many responses have made place for others. */
    public long evictions() {
        return room.evictions();
    }

    /** The largest content that it takes, bytes. */
    long largest() {
        return largest;
    }

    DiskIndex index() {
        return index;
    }

    DiskHealth health() {
        return health;
    }

    DiskHeads heads() {
        return heads;
    }

    /** Whether it can be used: no other process has the folder. */
    public boolean isOpen() {
        return loader.isOpen();
    }

    /** Waits until all that is on disk is known; not for ever if another process has it. */
    public void awaitLoaded() {
        loader.await();
    }

    /** Begins to write a content of {@code length} bytes, -1 if that is not known; nothing if it cannot be kept. */
    Optional<DiskWriter> begin(CacheKey key, CachedResponse head, long length) {
        if (!loader.isOpen() || length > largest || !health.takesWrites()) {
            return Optional.empty();
        }
        DiskEntry entry = new DiskEntry(key, head);
        loader.own(entry.id());
        index.add(entry);
        return Optional.of(new DiskWriter(this, entry, files.begun(entry), files.whole(entry)));
    }

    /**
     * Ends a file, from when on its response is found, unless it has been removed meanwhile.
     *
     * @param response the response; its content may be elsewhere
     * @param isOutdated whether it is not to be stored after all
     * @param done gets the response if it is found, with its content on disk; on a thread of the disk's
     */
    void commit(
            DiskWriter writer,
            CachedResponse response,
            BooleanSupplier isOutdated,
            Consumer<Optional<CachedResponse>> done) {
        DiskEntry entry = writer.entry();
        writer.commit(response, whole -> {
            boolean found = whole && !isOutdated.getAsBoolean() && complete(entry);
            if (found) {
                heads.written(entry, response);
            } else if (whole) {
                index.remove(entry);
                room.delete(entry);
            }
            done.accept(
                    found ? Optional.of(entry.now(response.with(new Content.OnDisk(entry.length)))) : Optional.empty());
        });
    }

    /** Writes a copy of what is stored in memory, unless too much waits to be written. */
    void copy(CacheKey key, CachedResponse response, BooleanSupplier isOutdated) {
        if (!(response.content() instanceof Content.InMemory memory)) {
            return;
        }
        Runnable over = () -> queued.addAndGet(-memory.length());
        if (queued.addAndGet(memory.length()) > mostQueued) {
            skipped.increment();
            over.run();
            return;
        }
        Optional<DiskWriter> begun = begin(key, response, memory.length());
        begun.ifPresentOrElse(
                writer -> {
                    memory.parts().forEach(writer::write);
                    commit(writer, response, isOutdated, _ -> over.run());
                },
                over);
    }

    /**
     * Takes up what the loader has found, unless it has been changed since.
     *
     * @return false if its file is not needed
     */
    boolean found(DiskEntry entry, long fileBytes, BooleanSupplier isChanged) {
        index.add(entry);
        if (isChanged.getAsBoolean() || !reserve(entry, DiskFiles.rounded(fileBytes)) || !complete(entry)) {
            forget(entry);
            return false;
        }
        return true;
    }

    private boolean complete(DiskEntry entry) {
        Optional<List<DiskEntry>> replaced = index.complete(entry);
        replaced.orElse(List.of()).forEach(old -> execute(() -> room.delete(old)));
        room.fitMemory();
        return replaced.isPresent();
    }

    /**
     * Reads a response; waits for the disk.
     *
     * @param largestWhole up to which length the content is read too, bytes; what is longer stays on disk
     * @return the response; nothing if its file cannot be used
     */
    Optional<CachedResponse> read(DiskEntry entry, long largestWhole) {
        Optional<CachedResponse> read = tryRead(entry, largestWhole);
        if (read.isPresent()) {
            index.touch(entry);
            hits.increment();
        }
        return read;
    }

    /** Reads a response without its content; waits for the disk. Nothing if its file cannot be used. */
    Optional<CachedResponse> readHead(DiskEntry entry) {
        return tryRead(entry, -1);
    }

    private Optional<CachedResponse> tryRead(DiskEntry entry, long largestWhole) {
        try {
            return Optional.of(files.read(entry, largestWhole));
        } catch (IOException e) {
            unreadable(entry, e);
            return Optional.empty();
        }
    }

    /** Opens a response's file; waits for the disk. */
    FileChannel open(DiskEntry entry) throws IOException {
        index.touch(entry);
        return files.open(entry);
    }

    /** Removes a response; its file goes a little later. */
    void remove(DiskEntry entry) {
        boolean whole = entry.isWhole();
        if (index.remove(entry) && whole) {
            execute(() -> room.delete(entry));
        }
    }

    /** Lets responses be found no more; returns those whose files are still to be deleted. */
    List<DiskEntry> detach(List<DiskEntry> entries) {
        List<DiskEntry> whole = entries.stream().filter(DiskEntry::isWhole).toList();
        List<DiskEntry> removed = entries.stream().filter(index::remove).toList();
        return removed.stream().filter(whole::contains).toList();
    }

    /** Deletes the files of {@link #detach}; waits for the disk. */
    void delete(List<DiskEntry> detached) {
        detached.forEach(room::delete);
    }

    /** Removes what is known of a URL, and lets nothing be used that is found of it later; returns its keys. */
    Set<CacheKey> invalidate(CacheKey url) {
        loader.distrust(url);
        List<DiskEntry> known = index.ofUrl(url);
        known.forEach(this::remove);
        return known.stream().map(DiskEntry::key).collect(Collectors.toSet());
    }

    /** What a choice fits, of all that is on disk; waits until that is known. */
    List<DiskEntry> find(BiPredicate<CacheKey, Set<String>> chosen) {
        awaitLoaded();
        return index.find(chosen);
    }

    /** The same of what is to be removed: what is not known yet, for another process has it, is not taken up later. */
    List<DiskEntry> findForRemoval(BiPredicate<CacheKey, Set<String>> chosen) {
        awaitLoaded();
        loader.distrust(chosen);
        return index.find(chosen);
    }

    /** A newer response takes the place of those of its variant, also of those that are being written or found later. */
    void supersede(CacheKey key, Variant variant) {
        loader.distrust(key);
        index.all(key).stream().filter(entry -> entry.variant().equals(variant)).forEach(this::remove);
    }

    /** Counts bytes that a file is about to take, and makes room for them; false if what is being written takes it all. */
    boolean reserve(DiskEntry entry, long bytes) {
        boolean fits = room.reserve(entry, bytes);
        if (!fits) {
            skipped.increment();
        }
        return fits;
    }

    /** The disk has refused to write: what is there makes room if it is full, and else nothing is written for a while. */
    void failed(DiskEntry entry, IOException cause) {
        boolean full = files.isFull(entry.taken);
        forget(entry);
        health.failed("the cache's disk cannot be written, and the node goes on from memory", cause);
        if (full && index.size() > 0) {
            room.shrink();
        } else {
            health.pause();
        }
    }

    /** A file that was being written is gone. */
    void forget(DiskEntry entry) {
        index.remove(entry);
        index.release(entry);
    }

    /** A file cannot be read: it is removed if that is what is wrong with it. */
    void unreadable(DiskEntry entry, IOException cause) {
        if (!entry.isWhole()) {
            return;
        }
        if (cause instanceof DamagedException) {
            damaged(files.whole(entry), cause);
            room.gone(entry);
            remove(entry);
        } else {
            health.failed("a stored response cannot be read", cause);
            if (cause instanceof NoSuchFileException) {
                room.gone(entry);
                remove(entry);
            }
        }
    }

    /** Counts and tells of a damaged file. */
    void damaged(Path file, IOException cause) {
        damaged.increment();
        health.tell("a stored response is damaged, and is removed: " + file, cause);
    }

    /** Does something on a thread of the disk's; nothing once this is closed. */
    void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException _) {
            // it is closed, and what is not written now is not stored
        }
    }

    /** Writes what waits, for a few seconds at most, and lets another process have the folder. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        loader.close();
    }
}
