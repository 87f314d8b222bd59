package io.selvage.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The stored responses, in memory, up to a number of bytes; what is used least, lately and over time, goes first (Window
 * TinyLFU). Thread-safe. What a purge or an invalidation has removed is gone for every request that is looked up after it.
 */
public final class HttpCache {
    /** The most variants of one URL; a further one takes the place of the oldest. */
    static final int MOST_VARIANTS = 64;

    /**
     * A response that was removed.
     *
     * @param bytes its content's
     */
    record Removed(CacheKey key, long id, long bytes) {}

    private final Cache<CacheKey, List<CachedResponse>> entries;

    private final Partitions partitions = new Partitions();
    private final long maximumBytes;
    private final LongAdder evictions = new LongAdder();

    /** A cache that holds up to {@code maximumBytes} of fields and contents. */
    public HttpCache(long maximumBytes) {
        this.maximumBytes = maximumBytes;
        entries = Caffeine.newBuilder()
                .maximumWeight(maximumBytes)
                .weigher((CacheKey key, List<CachedResponse> variants) -> weight(key, variants))
                .removalListener((@Nullable CacheKey key, @Nullable List<CachedResponse> _, RemovalCause cause) -> {
                    evictions.add(cause.wasEvicted() ? 1 : 0);
                    forget(Objects.requireNonNull(key));
                })
                .executor(Runnable::run)
                .build();
    }

    private static int weight(CacheKey key, List<CachedResponse> variants) {
        long weight = 2L
                * (key.authority().length()
                        + key.target().length()
                        + key.partition().length());
        for (CachedResponse variant : variants) {
            weight += variant.weight();
        }
        return (int) Math.min(Integer.MAX_VALUE, weight);
    }

    /** How many bytes it may hold. */
    public long maximumBytes() {
        return maximumBytes;
    }

    /** How many bytes it holds. */
    public long bytes() {
        return entries.policy().eviction().map(e -> e.weightedSize().orElse(0)).orElse(0L);
    }

    /** How many URLs it has responses of. */
    public long size() {
        return entries.estimatedSize();
    }

    /** How many URLs have made place for others. */
    public long evictions() {
        return evictions.sum();
    }

    /** The stored responses of the keys that are chosen, each key's newest first. */
    public Map<CacheKey, List<CachedResponse>> find(Predicate<CacheKey> chosen) {
        Map<CacheKey, List<CachedResponse>> found = new LinkedHashMap<>();
        entries.asMap().forEach((key, variants) -> {
            if (chosen.test(key)) {
                found.put(key, variants);
            }
        });
        return found;
    }

    /** Whether there is a response for the URL, whichever requests select it. */
    public boolean holds(CacheKey key) {
        return entries.getIfPresent(key) != null;
    }

    /** The newest whole response that the request selects (RFC 9111 §4.1). */
    public Optional<CachedResponse> select(CacheRequest request) {
        List<CachedResponse> variants = entries.getIfPresent(request.key());
        if (variants == null) {
            return Optional.empty();
        }
        for (CachedResponse variant : variants) {
            if (!variant.isPartial() && variant.variant().matches(request.fields())) {
                return Optional.of(variant);
            }
        }
        return Optional.empty();
    }

    /** The newest response that the request selects, of which only parts are stored. */
    public Optional<CachedResponse> selectPartial(CacheRequest request) {
        List<CachedResponse> variants = entries.getIfPresent(request.key());
        return variants == null
                ? Optional.empty()
                : variants.stream()
                        .filter(v -> v.isPartial() && v.variant().matches(request.fields()))
                        .findFirst();
    }

    /** Stores a response, in place of those that the same requests select. */
    public void store(CacheKey key, CachedResponse response) {
        store(key, response, () -> true);
    }

    /** Stores a response if it is still wanted then; a purge that names its key comes before that is asked, or after all. */
    void store(CacheKey key, CachedResponse response, BooleanSupplier isWanted) {
        partitions.add(key);
        entries.asMap().compute(key, (_, variants) -> {
            if (!isWanted.getAsBoolean()) {
                return variants;
            }
            return with(response, variants);
        });
        partitions.add(key);
        forget(key);
    }

    private static List<CachedResponse> with(CachedResponse response, @Nullable List<CachedResponse> variants) {
        List<CachedResponse> next = new ArrayList<>();
        next.add(response);
        if (variants != null) {
            variants.stream()
                    .filter(v -> !v.variant().equals(response.variant()))
                    .limit(MOST_VARIANTS - 1L)
                    .forEach(next::add);
        }
        next.sort(Comparator.comparingLong(CachedResponse::date).reversed());
        return List.copyOf(next);
    }

    /**
     * Stores a part of a response if it is still wanted then, with the parts that are stored of it; one that does not
     * belong to them takes their place unless it is older. What is stored whole stays.
     *
     * @param most the most bytes that are stored of it
     * @return the response, if it is whole now
     */
    Optional<CachedResponse> storePart(CacheKey key, CachedResponse part, long most, BooleanSupplier isWanted) {
        AtomicReference<CachedResponse> stored = new AtomicReference<>(part);
        partitions.add(key);
        entries.asMap().compute(key, (_, variants) -> {
            Optional<CachedResponse> old = variants == null
                    ? Optional.empty()
                    : variants.stream()
                            .filter(v -> v.variant().equals(part.variant()))
                            .findFirst();
            Optional<CachedResponse> combined = old.flatMap(parts -> parts.combinedWith(part));
            boolean stays = combined.isEmpty()
                    && old.filter(v -> !v.isPartial() || v.date() > part.date()).isPresent();
            if (stays || !isWanted.getAsBoolean()) {
                return variants;
            }
            stored.set(combined.filter(both -> both.content().held() <= most).orElse(part));
            return with(stored.get(), variants);
        });
        partitions.add(key);
        forget(key);
        return Optional.of(stored.get()).filter(response -> !response.isPartial());
    }

    private void forget(CacheKey key) {
        partitions.remove(key, entries.asMap());
    }

    /** Removes all of a key. */
    void remove(CacheKey key) {
        entries.asMap().remove(key);
    }

    /** Removes a response whose content is not on disk any more. */
    void removeOnDisk(CacheKey key, long id) {
        entries.asMap().computeIfPresent(key, (_, variants) -> {
            List<CachedResponse> left = variants.stream()
                    .filter(v -> v.id() != id || !(v.content() instanceof Content.OnDisk))
                    .toList();
            return left.isEmpty() ? null : left;
        });
    }

    /** Puts one response in the place of another, if that is still stored. */
    public void replace(CacheKey key, CachedResponse old, CachedResponse response) {
        change(key, v -> v.equals(old) ? response : v);
    }

    /** Removes one response, if it is still stored. */
    public void remove(CacheKey key, CachedResponse response) {
        entries.asMap().computeIfPresent(key, (_, variants) -> {
            List<CachedResponse> left =
                    variants.stream().filter(v -> !v.equals(response)).toList();
            return left.isEmpty() ? null : left;
        });
    }

    /** Lets no response of the URL, whatever else its key has, be used any more without asking the origin (RFC 9111 §4.4). */
    public void invalidate(CacheKey url) {
        entries.asMap().remove(url);
        partitions.of(url).forEach(entries.asMap()::remove);
    }

    /**
     * Removes what is chosen.
     *
     * @param chosen gets a key and a response's tags
     * @param keys further keys to look at, of which something may just be about to be stored
     * @param soft whether to keep it as stale, for when the origin fails, rather than to remove it
     * @param dry whether only to tell
     * @return what was removed; complete for all that was stored when it was called
     */
    List<Removed> purge(BiPredicate<CacheKey, Set<String>> chosen, Set<CacheKey> keys, boolean soft, boolean dry) {
        List<Removed> removed = new ArrayList<>();
        Set<CacheKey> all = new HashSet<>(entries.asMap().keySet());
        all.addAll(keys);
        for (CacheKey key : all) {
            entries.asMap().compute(key, (_, variants) -> {
                if (variants == null) {
                    return null;
                }
                List<CachedResponse> gone = variants.stream()
                        .filter(v -> chosen.test(key, v.tags()))
                        .toList();
                gone.forEach(
                        v -> removed.add(new Removed(key, v.id(), v.content().held())));
                if (dry || gone.isEmpty()) {
                    return variants;
                }
                List<CachedResponse> left = soft
                        ? variants.stream()
                                .map(v -> gone.contains(v) ? v.asOutdated() : v)
                                .toList()
                        : variants.stream().filter(v -> !gone.contains(v)).toList();
                return left.isEmpty() ? null : left;
            });
        }
        return removed;
    }

    /** Whether a response, or what has been made of it since, is stored. */
    boolean holds(CacheKey key, long id) {
        List<CachedResponse> variants = entries.asMap().get(key);
        return variants != null && variants.stream().anyMatch(v -> v.id() == id);
    }

    private void change(CacheKey key, UnaryOperator<CachedResponse> change) {
        entries.asMap()
                .computeIfPresent(
                        key, (_, variants) -> variants.stream().map(change).toList());
    }
}
