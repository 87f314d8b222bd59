package io.selvage.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The cache as its users see it: what is used most is in memory; on disk, if there is one for it, are a copy of that, what
 * memory has no room for, and contents that are too large for memory. Thread-safe; nothing waits for the disk but what says
 * so. What a purge or an invalidation has removed is gone for every request that is looked up after it.
 */
public final class TieredCache implements AutoCloseable {
    /**
     * What a purge has removed.
     *
     * @param key the URL
     * @param variants how many stored responses it had; one in memory and on disk counts once
     * @param bytes their contents' bytes
     * @param onDisk how many of them were on disk
     */
    public record Purged(CacheKey key, int variants, long bytes, int onDisk) {}

    /**
     * A stored response and where it is.
     *
     * @param inMemory whether it answers without the disk, its content apart if that is large
     * @param onDisk whether it survives a restart
     */
    public record Stored(CachedResponse response, boolean inMemory, boolean onDisk) {}

    /**
     * A content of which the first part has come.
     *
     * @param first no bytes if there are none
     * @param rest what comes after it
     */
    public record Opened(ByteBuffer first, ContentStream rest) {}

    private final HttpCache memory;
    private final long largestInMemory;
    private final Optional<DiskStore> disk;
    private final Map<Long, CompletableFuture<Optional<CachedResponse>>> loading = new ConcurrentHashMap<>();

    /**
     * A cache.
     *
     * @param maximumBytes how much it may hold in memory
     * @param largestInMemory the largest content that it holds in memory, bytes
     * @param disk what is on disk; it is closed with this
     */
    public TieredCache(long maximumBytes, long largestInMemory, Optional<DiskStore> disk) {
        memory = new HttpCache(maximumBytes);
        this.largestInMemory = Math.min(largestInMemory, maximumBytes);
        this.disk = disk;
        disk.ifPresent(store -> store.watch(
                entry -> entry.length <= this.largestInMemory && memory.holds(entry.key(), entry.id()),
                entry -> memory.removeOnDisk(entry.key(), entry.id())));
    }

    /** What it holds in memory. */
    public HttpCache memory() {
        return memory;
    }

    /** What it holds on disk. */
    public Optional<DiskStore> disk() {
        return disk;
    }

    /** The largest content that it holds in memory, bytes. */
    public long largestInMemory() {
        return largestInMemory;
    }

    /** The largest content that it stores, bytes. */
    public long largest() {
        return disk.map(store -> Math.max(largestInMemory, store.largest())).orElse(largestInMemory);
    }

    /** Whether there is a response for the URL, whichever requests select it. */
    public boolean holds(CacheKey key) {
        return memory.holds(key)
                || disk.filter(store -> !store.index().of(key).isEmpty()).isPresent();
    }

    /** The newest response in memory that the request selects (RFC 9111 §4.1). */
    public Optional<CachedResponse> select(CacheRequest request) {
        return memory.select(request);
    }

    /** The newest response in memory that the request selects, of which only parts are stored; none is on disk. */
    public Optional<CachedResponse> selectPartial(CacheRequest request) {
        return memory.selectPartial(request);
    }

    /** Whether a response on disk fits a request for which there is none in memory. */
    public boolean isOnDisk(CacheRequest request) {
        return disk.isPresent()
                && !disk.get().health().isStalled()
                && disk.get().index().select(request).isPresent();
    }

    /**
     * Takes the response on disk that the request selects into memory, as far as it is not too large.
     *
     * @return the response, without its content if that is large; nothing if there is none, or it is damaged. Completes on
     *     any thread, and never with a failure
     */
    public CompletableFuture<Optional<CachedResponse>> load(CacheRequest request) {
        Optional<DiskEntry> selected = disk.flatMap(store -> store.index().select(request));
        if (selected.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        DiskEntry entry = selected.get();
        CompletableFuture<Optional<CachedResponse>> own = new CompletableFuture<>();
        CompletableFuture<Optional<CachedResponse>> other = loading.putIfAbsent(entry.id(), own);
        if (other != null) {
            return other.exceptionally(_ -> Optional.empty());
        }
        disk.get().execute(() -> {
            Optional<CachedResponse> read = Optional.empty();
            try {
                read = read(disk.get(), entry);
            } finally {
                // Who asks from now on reads it again: what is read here may be from before a purge
                loading.remove(entry.id());
                own.complete(read.filter(_ -> entry.isWhole()).map(entry::now));
            }
        });
        return disk.get().health().mind(own).exceptionally(_ -> Optional.empty());
    }

    private Optional<CachedResponse> read(DiskStore store, DiskEntry entry) {
        Optional<CachedResponse> read = store.read(entry, largestInMemory);
        read.ifPresent(response -> memory.store(entry.key(), response, () -> isCurrent(entry, response)));
        return read;
    }

    /** Whether neither a purge nor anything newer has changed a response since it was read or written. */
    private static boolean isCurrent(DiskEntry entry, CachedResponse response) {
        return entry.isWhole() && entry.outdated == response.isOutdated();
    }

    /**
     * Begins to read a part of the content of a response that has it on disk.
     *
     * @param from the first byte
     * @param to the byte after the last one
     * @return fails if the file cannot be read; completes on any thread
     */
    public CompletableFuture<Opened> open(CacheKey key, CachedResponse response, long from, long to) {
        Optional<DiskEntry> entry = disk.flatMap(store -> store.index().find(key, response.id()));
        if (entry.filter(DiskEntry::isWhole).isEmpty()) {
            memory.removeOnDisk(key, response.id());
            return CompletableFuture.failedFuture(new IOException("it has made place for others"));
        }
        ContentStream stream = ContentStream.of(disk.get(), entry.get(), from, to);
        return stream.next()
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        stream.close();
                        memory.removeOnDisk(key, response.id());
                    }
                })
                .thenApply(first -> new Opened(first, stream));
    }

    /** Stores a whole response in memory, unless it is outdated by then, and writes a copy to disk. */
    public void store(CacheKey key, CachedResponse response, BooleanSupplier isOutdated) {
        memory.store(key, response, () -> !isOutdated.getAsBoolean());
        copyToDisk(key, response, isOutdated);
    }

    /**
     * Stores a part of a response in memory, unless it is outdated by then. Parts that share a strong validator become one
     * response, which is stored like any other when nothing of it is missing any more (RFC 9111 §3.4).
     */
    public void storePart(CacheKey key, CachedResponse part, BooleanSupplier isOutdated) {
        memory.storePart(key, part, largestInMemory, () -> !isOutdated.getAsBoolean())
                .ifPresent(whole -> copyToDisk(key, whole, isOutdated));
    }

    private void copyToDisk(CacheKey key, CachedResponse response, BooleanSupplier isOutdated) {
        disk.filter(_ -> !isOutdated.getAsBoolean()).ifPresent(store -> {
            store.supersede(key, response.variant());
            store.copy(key, response, isOutdated);
        });
    }

    /**
     * Begins to write a response to disk whose content is too large for memory.
     *
     * @param head the response without its content
     * @param length the content's bytes, -1 if that is not known
     * @return nothing if it cannot be kept
     */
    public Optional<DiskWriter> begin(CacheKey key, CachedResponse head, long length) {
        return disk.flatMap(store -> store.begin(key, head, length));
    }

    /**
     * Stores what has been written.
     *
     * @param head the response without its content
     * @param isOutdated whether it is not to be stored after all
     * @param done is called on any thread when it is stored, or will not be
     */
    public void commit(
            CacheKey key, DiskWriter writer, CachedResponse head, BooleanSupplier isOutdated, Runnable done) {
        disk.ifPresent(store -> store.commit(writer, head, isOutdated, stored -> {
            stored.ifPresent(response -> memory.store(key, response, () -> isCurrent(writer.entry(), response)));
            done.run();
        }));
    }

    /** Puts a response that was validated in the place of what was stored of it. */
    public void replace(CacheKey key, CachedResponse old, CachedResponse fresh) {
        memory.replace(key, old, fresh);
        disk.ifPresent(store -> store.index()
                .find(key, old.id())
                .ifPresent(entry -> store.heads().refresh(entry, fresh)));
    }

    /** Removes one response, if it is still stored. */
    public void remove(CacheKey key, CachedResponse response) {
        disk.ifPresent(store -> store.index().find(key, response.id()).ifPresent(store::remove));
        memory.remove(key, response);
    }

    /** Lets no response of the URL, whatever else its key has, be used any more without asking the origin (RFC 9111 §4.4). */
    public void invalidate(CacheKey url) {
        disk.ifPresent(store -> store.invalidate(url).forEach(memory::remove));
        memory.invalidate(url);
    }

    /**
     * Removes what is chosen, in memory and on disk; waits for the disk.
     *
     * @param chosen gets a key and a response's tags
     * @param arriving the keys of which something may just be about to be stored
     * @param soft whether to keep it as stale, for when the origin fails, rather than to remove it
     * @param dry whether only to tell
     * @return what was removed, in the order of its URLs; complete for all that was stored when it was called
     */
    public List<Purged> purge(
            BiPredicate<CacheKey, Set<String>> chosen, Set<CacheKey> arriving, boolean soft, boolean dry) {
        List<DiskEntry> onDisk = disk.map(store -> dry ? store.find(chosen) : store.findForRemoval(chosen))
                .orElse(List.of());
        if (soft && !dry) {
            onDisk.forEach(entry -> entry.outdated = true);
        }
        // After that, so that it is written to the file here or by who ends the file
        List<DiskEntry> whole = onDisk.stream().filter(DiskEntry::isWhole).toList();
        Set<CacheKey> keys = new HashSet<>(arriving);
        onDisk.forEach(entry -> keys.add(entry.key()));
        List<DiskEntry> files = new ArrayList<>();
        if (!soft && !dry) {
            disk.ifPresent(store -> files.addAll(store.detach(onDisk)));
        }
        List<HttpCache.Removed> removed = memory.purge(chosen, keys, soft, dry);
        disk.filter(_ -> !dry).ifPresent(store -> {
            if (soft) {
                store.heads().writeOutdated(whole);
            } else {
                store.delete(files);
            }
        });
        return purged(removed, whole);
    }

    private static List<Purged> purged(List<HttpCache.Removed> inMemory, List<DiskEntry> onDisk) {
        Map<String, Map<Long, HttpCache.Removed>> all = new TreeMap<>();
        Set<Long> disk = new HashSet<>();
        onDisk.forEach(entry -> {
            disk.add(entry.id());
            add(all, new HttpCache.Removed(entry.key(), entry.id(), entry.length));
        });
        inMemory.forEach(one -> add(all, one));
        return all.values().stream()
                .map(ones -> new Purged(
                        ones.values().iterator().next().key(),
                        ones.size(),
                        ones.values().stream()
                                .mapToLong(HttpCache.Removed::bytes)
                                .sum(),
                        (int) ones.keySet().stream().filter(disk::contains).count()))
                .toList();
    }

    private static void add(Map<String, Map<Long, HttpCache.Removed>> all, HttpCache.Removed one) {
        String place = one.key() + "\n" + one.key().scheme() + "\n" + one.key().partition();
        all.computeIfAbsent(place, _ -> new HashMap<>()).put(one.id(), one);
    }

    /** What is stored under the keys that are chosen; waits for the disk. */
    public Map<CacheKey, List<Stored>> find(Predicate<CacheKey> chosen) {
        Map<CacheKey, List<Stored>> found = new LinkedHashMap<>();
        List<DiskEntry> entries = disk.map(store -> store.find((key, _) -> chosen.test(key))).orElse(List.of()).stream()
                .filter(DiskEntry::isWhole)
                .toList();
        Set<Long> onDisk = new HashSet<>();
        entries.forEach(entry -> onDisk.add(entry.id()));
        Set<Long> inMemory = new HashSet<>();
        memory.find(chosen)
                .forEach((key, responses) -> responses.forEach(response -> {
                    inMemory.add(response.id());
                    found.computeIfAbsent(key, _ -> new ArrayList<>())
                            .add(new Stored(response, true, onDisk.contains(response.id())));
                }));
        entries.stream()
                .filter(entry -> !inMemory.contains(entry.id()))
                .forEach(entry -> disk.flatMap(store -> store.readHead(entry))
                        .ifPresent(response -> found.computeIfAbsent(entry.key(), _ -> new ArrayList<>())
                                .add(new Stored(response, false, true))));
        return found;
    }

    /** Writes what waits to be written. */
    @Override
    public void close() {
        disk.ifPresent(DiskStore::close);
    }
}
