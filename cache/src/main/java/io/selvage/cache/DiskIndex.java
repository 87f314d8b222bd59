package io.selvage.cache;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;

/**
 * Which responses are on disk, in the order of their last use, and how many bytes they take. Thread-safe; it never
 * touches the disk, and looking something up takes no lock.
 */
final class DiskIndex {
    private final Map<CacheKey, List<DiskEntry>> entries = new ConcurrentHashMap<>();
    private final Partitions partitions = new Partitions();
    private final LinkedHashMap<Long, DiskEntry> byUse = new LinkedHashMap<>(16, 0.75f, true);
    private final long maximumBytes;
    private long taken;

    DiskIndex(long maximumBytes) {
        this.maximumBytes = maximumBytes;
    }

    long maximumBytes() {
        return maximumBytes;
    }

    /** How much of the disk is taken, bytes. */
    synchronized long taken() {
        return taken;
    }

    /** How many responses there are. */
    synchronized int size() {
        return byUse.size();
    }

    /** The newest response that the request selects. */
    Optional<DiskEntry> select(CacheRequest request) {
        List<DiskEntry> known = entries.get(request.key());
        if (known != null) {
            for (DiskEntry entry : known) {
                if (entry.isWhole() && entry.variant().matches(request.fields())) {
                    return Optional.of(entry);
                }
            }
        }
        return Optional.empty();
    }

    /** All responses of a key that can be found. */
    List<DiskEntry> of(CacheKey key) {
        return all(key).stream().filter(DiskEntry::isWhole).toList();
    }

    /** All responses of a key, those that are being written too. */
    List<DiskEntry> all(CacheKey key) {
        return entries.getOrDefault(key, List.of());
    }

    /** The response with this number. */
    Optional<DiskEntry> find(CacheKey key, long id) {
        return entries.getOrDefault(key, List.of()).stream()
                .filter(e -> e.id() == id)
                .findFirst();
    }

    /** All that a choice fits, those that are being written too. */
    List<DiskEntry> find(BiPredicate<CacheKey, Set<String>> chosen) {
        List<DiskEntry> found = new ArrayList<>();
        entries.forEach((key, known) ->
                known.stream().filter(entry -> chosen.test(key, entry.tags())).forEach(found::add));
        return found;
    }

    /** All of a URL, whatever else its keys have. */
    List<DiskEntry> ofUrl(CacheKey url) {
        List<DiskEntry> found = new ArrayList<>(entries.getOrDefault(url, List.of()));
        partitions.of(url).forEach(key -> found.addAll(entries.getOrDefault(key, List.of())));
        return found;
    }

    /** Adds a response whose file is being written. */
    synchronized void add(DiskEntry entry) {
        entries.compute(entry.key(), (_, known) -> {
            List<DiskEntry> all = new ArrayList<>(known == null ? List.of() : known);
            all.add(entry);
            all.sort(Comparator.comparingLong(DiskEntry::date).reversed());
            return List.copyOf(all);
        });
        partitions.add(entry.key());
    }

    /**
     * Lets a response be found whose file is whole, unless it has been removed meanwhile.
     *
     * @return what it has replaced, whose files are still to be deleted; nothing if it cannot be found
     */
    synchronized Optional<List<DiskEntry>> complete(DiskEntry entry) {
        if (entry.state != DiskEntry.State.WRITING) {
            return Optional.empty();
        }
        List<DiskEntry> replaced = replacedBy(entry);
        replaced.forEach(this::remove);
        entry.state = DiskEntry.State.WHOLE;
        byUse.put(entry.id(), entry);
        return Optional.of(replaced);
    }

    /** The responses whose place {@code entry} takes: those of the same variant, and the oldest where there are too many. */
    private List<DiskEntry> replacedBy(DiskEntry entry) {
        List<DiskEntry> others =
                of(entry.key()).stream().filter(e -> e != entry).toList();
        List<DiskEntry> replaced = new ArrayList<>();
        int kept = 1;
        for (DiskEntry other : others) {
            if (other.variant().equals(entry.variant()) || ++kept > HttpCache.MOST_VARIANTS) {
                replaced.add(other);
            }
        }
        return replaced;
    }

    /** Removes a response; false if it is gone already. Its bytes count until {@link #release}. */
    synchronized boolean remove(DiskEntry entry) {
        if (entry.state == DiskEntry.State.GONE) {
            return false;
        }
        entry.state = DiskEntry.State.GONE;
        byUse.remove(entry.id());
        entries.computeIfPresent(entry.key(), (_, known) -> {
            List<DiskEntry> left = known.stream().filter(e -> e != entry).toList();
            return left.isEmpty() ? null : left;
        });
        partitions.remove(entry.key(), entries);
        return true;
    }

    /** Counts bytes that a file is about to take; false if there is no room for them. */
    synchronized boolean reserve(DiskEntry entry, long bytes) {
        if (taken + bytes > maximumBytes) {
            return false;
        }
        taken += bytes;
        entry.taken += bytes;
        return true;
    }

    /** Counts the bytes of a file no longer, since it is gone. */
    synchronized void release(DiskEntry entry) {
        taken -= entry.taken;
        entry.taken = 0;
    }

    /** The response that was used the longest ago. */
    synchronized Optional<DiskEntry> eldest() {
        Map.Entry<Long, DiskEntry> first = byUse.firstEntry();
        return Optional.ofNullable(first).map(Map.Entry::getValue);
    }

    /** A response has been used. */
    synchronized void touch(DiskEntry entry) {
        byUse.get(entry.id());
    }
}
