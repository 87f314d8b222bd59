package io.selvage.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    /** What a response on disk takes of the heap at most, about, bytes; all may take an eighth. */
    private static final long HEAP_EACH = 1 << 10;

    private static final int THREADS = 4;

    /** What the file system gives to files at a time, bytes. */
    private static final int UNIT = 4 << 10;

    /** For how long nothing is written after the disk has refused something. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A disk with less than this left is full, bytes. */
    private static final long FULL = 1 << 20;

    /** How long the disk may take for one answer, seconds. */
    private static final int PATIENCE_SECONDS = 2;

    /** How long {@link #close} waits for what is still to be written, seconds. */
    private static final int CLOSING_SECONDS = 5;

    private final Path folder;
    private final long largest;
    private final long mostQueued;
    private final DiskIndex index;
    private final DiskLoader loader;
    private final BiConsumer<String, IOException> warn;
    private final ExecutorService threads;
    private final AtomicLong queued = new AtomicLong();
    private final LongAdder hits = new LongAdder();
    private final LongAdder damaged = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private volatile Predicate<DiskEntry> isUsed = _ -> false;
    private volatile Consumer<DiskEntry> whenGone = _ -> {};
    private volatile long pausedUntil = System.nanoTime();
    private volatile long stalledUntil = System.nanoTime();

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
        this.folder = folder;
        this.largest = Math.min(largest, maximumBytes / 2);
        this.mostQueued = mostQueued;
        this.warn = warn;
        index = new DiskIndex(maximumBytes);
        threads = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon().name("cache-disk-", 0).factory());
        loader = new DiskLoader(this, folder);
    }

    /** Whom to ask whether a response is still in use, and whom to tell that one has made place for others. */
    void watch(Predicate<DiskEntry> used, Consumer<DiskEntry> gone) {
        isUsed = used;
        whenGone = gone;
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

    /** How often the disk has refused to read or write. */
    public long failures() {
        return failures.sum();
    }

    /** How many responses were not written because too much was waiting. */
    public long skipped() {
        return skipped.sum();
    }

    /** How many responses have made place for others. */
    public long evictions() {
        return evictions.sum();
    }

    /** The largest content that it takes, bytes. */
    long largest() {
        return largest;
    }

    DiskIndex index() {
        return index;
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
        if (!loader.isOpen() || length > largest || isStalled() || System.nanoTime() - pausedUntil < 0) {
            return Optional.empty();
        }
        DiskEntry entry = new DiskEntry(key, head);
        loader.own(entry.id());
        index.add(entry);
        return Optional.of(new DiskWriter(this, entry, path(entry.id(), DiskLoader.BEGUN), path(entry.id())));
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
            boolean found = whole && !isOutdated.getAsBoolean() && index.complete(entry);
            if (found) {
                index.replacedBy(entry).forEach(this::remove);
                makeRoom(index.size() - mostEntries());
                if (entry.outdated) {
                    refresh(entry, response.asOutdated());
                }
            } else if (whole) {
                index.remove(entry);
                delete(entry);
            }
            done.accept(found ? Optional.of(response.with(new Content.OnDisk(entry.length))) : Optional.empty());
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
        if (isChanged.getAsBoolean() || !reserve(entry, rounded(fileBytes)) || !index.complete(entry)) {
            forget(entry);
            return false;
        }
        index.replacedBy(entry).forEach(this::remove);
        makeRoom(index.size() - mostEntries());
        return true;
    }

    /**
     * Reads a response; waits for the disk.
     *
     * @param largestWhole up to which length the content is read too, bytes; what is longer stays on disk
     * @return the response; nothing if its file cannot be used
     */
    Optional<CachedResponse> read(DiskEntry entry, long largestWhole) {
        try (FileChannel file = open(entry)) {
            CachedResponse head = head(entry, file);
            CachedResponse response = head.length() <= largestWhole ? head.with(whole(file, head)) : head;
            hits.increment();
            return Optional.of(entry.outdated ? response.asOutdated() : response);
        } catch (IOException e) {
            unreadable(entry, e);
            return Optional.empty();
        }
    }

    /** Reads a response without its content; waits for the disk. Nothing if its file cannot be used. */
    Optional<CachedResponse> readHead(DiskEntry entry) {
        try (FileChannel file = open(entry)) {
            CachedResponse head = head(entry, file);
            return Optional.of(entry.outdated ? head.asOutdated() : head);
        } catch (IOException e) {
            unreadable(entry, e);
            return Optional.empty();
        }
    }

    private static CachedResponse head(DiskEntry entry, FileChannel file) throws IOException {
        synchronized (entry) {
            StoredHead head = StoredHead.read(file);
            if (!head.key().equals(entry.key()) || head.response().id() != entry.id()) {
                throw new DamagedException("it is another response's");
            }
            return head.response();
        }
    }

    private static Content whole(FileChannel file, CachedResponse response) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        for (long at = 0; at < response.length(); at += Blocks.SIZE) {
            int length = (int) Math.min(Blocks.SIZE, response.length() - at);
            byte[] block = Blocks.read(file, response.id(), at / Blocks.SIZE, length);
            parts.add(Arrays.copyOf(block, length));
        }
        return Content.InMemory.of(parts);
    }

    /** Opens a response's file; waits for the disk. */
    FileChannel open(DiskEntry entry) throws IOException {
        index.touch(entry);
        return FileChannel.open(path(entry.id()), StandardOpenOption.READ);
    }

    /** Writes a response's newer fields; the newest if there are several. */
    void refresh(DiskEntry entry, CachedResponse fresh) {
        entry.refreshed = Optional.of(fresh);
        entry.outdated = fresh.isOutdated();
        execute(() -> writeHead(entry));
    }

    private void writeHead(DiskEntry entry) {
        synchronized (entry) {
            Optional<CachedResponse> fresh = entry.refreshed;
            entry.refreshed = Optional.empty();
            if (fresh.isEmpty() || !entry.isWhole()) {
                return;
            }
            try (FileChannel file = FileChannel.open(path(entry.id()), StandardOpenOption.WRITE)) {
                Content content = new Content.OnDisk(entry.length);
                new StoredHead(entry.key(), fresh.get().with(content)).write(file);
            } catch (NoSuchFileException _) {
                remove(entry);
            } catch (IOException e) {
                remove(entry);
                failed(entry, e);
            }
        }
    }

    /** Writes that responses are outdated; waits for the disk. */
    void writeOutdated(List<DiskEntry> entries) {
        for (DiskEntry entry : entries) {
            readHead(entry).ifPresent(response -> {
                entry.refreshed = Optional.of(response);
                writeHead(entry);
            });
        }
    }

    /** Removes a response; its file goes a little later. */
    void remove(DiskEntry entry) {
        boolean whole = entry.isWhole();
        if (index.remove(entry) && whole) {
            execute(() -> delete(entry));
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
        detached.forEach(this::delete);
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
        while (!index.reserve(entry, bytes)) {
            if (!evict()) {
                skipped.increment();
                return false;
            }
        }
        return true;
    }

    /** Removes what was used the longest ago; what is used from memory gets a second chance. */
    private boolean evict() {
        Optional<DiskEntry> eldest = index.eldest();
        for (int chances = 8; chances > 0 && eldest.filter(isUsed).isPresent(); chances--) {
            index.touch(eldest.get());
            eldest = index.eldest();
        }
        eldest.filter(index::remove).ifPresent(entry -> {
            evictions.increment();
            whenGone.accept(entry);
            delete(entry);
        });
        return eldest.isPresent();
    }

    private void makeRoom(long responses) {
        for (long i = 0; i < responses && evict(); i++) {
            // evicts one each time
        }
    }

    private static long mostEntries() {
        return Runtime.getRuntime().maxMemory() / 8 / HEAP_EACH;
    }

    /** The disk has refused to write: what is there makes room if it is full, and else nothing is written for a while. */
    void failed(DiskEntry entry, IOException cause) {
        boolean full = isFull(entry.taken);
        forget(entry);
        failures.increment();
        warn("the cache's disk cannot be written, and the node goes on from memory", cause);
        if (full && index.size() > 0) {
            long target = index.taken() - index.taken() / 8;
            while (index.taken() >= target && evict()) {
                // evicts one each time
            }
        } else {
            pausedUntil = System.nanoTime() + PAUSE_NANOS;
        }
    }

    /** Whether the disk has not answered lately, and is left alone. */
    boolean isStalled() {
        return System.nanoTime() - stalledUntil < 0;
    }

    /** The same, but it fails when the disk takes too long; then it is left alone for a while. */
    <T> CompletableFuture<T> mind(CompletableFuture<T> answer) {
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).whenComplete((_, failure) -> {
            if (failure instanceof TimeoutException) {
                stalledUntil = System.nanoTime() + PAUSE_NANOS;
                failures.increment();
                warn(
                        "the cache's disk does not answer, and is left alone for a while",
                        new IOException("it takes too long"));
            }
        });
    }

    private boolean isFull(long wanted) {
        try {
            return Files.getFileStore(folder).getUsableSpace() < FULL + wanted;
        } catch (IOException _) {
            return false;
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
            damaged(path(entry.id()), cause);
            whenGone.accept(entry);
            remove(entry);
        } else {
            failures.increment();
            warn("a stored response cannot be read", cause);
            if (cause instanceof NoSuchFileException) {
                whenGone.accept(entry);
                remove(entry);
            }
        }
    }

    /** Counts and tells of a damaged file. */
    void damaged(Path file, IOException cause) {
        damaged.increment();
        warn("a stored response is damaged, and is removed: " + file, cause);
    }

    void warn(String message, IOException cause) {
        warn.accept(message, cause);
    }

    private void delete(DiskEntry entry) {
        try {
            Files.deleteIfExists(path(entry.id()));
        } catch (IOException e) {
            warn("a file of the cache cannot be removed", e);
        }
        index.release(entry);
    }

    private Path path(long id) {
        return path(id, DiskLoader.WHOLE);
    }

    private Path path(long id, String ending) {
        String name = HexFormat.of().toHexDigits(id);
        return folder.resolve(name.substring(0, 2)).resolve(name + ending);
    }

    /** How much of the disk a file of so many bytes takes. */
    static long rounded(long bytes) {
        return (bytes + UNIT - 1) / UNIT * UNIT;
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
