package io.selvage.cache;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The keys of each URL that are more than the URL, so that all of them are found when it changes. Thread-safe. */
final class Partitions {
    private final Map<CacheKey, Set<CacheKey>> keys = new ConcurrentHashMap<>();

    void add(CacheKey key) {
        if (!key.partition().isEmpty()) {
            keys.compute(key.url(), (_, known) -> {
                Set<CacheKey> all = known == null ? ConcurrentHashMap.newKeySet(1) : known;
                all.add(key);
                return all;
            });
        }
    }

    /** Forgets a key, unless something is stored of it again. */
    void remove(CacheKey key, Map<CacheKey, ?> stored) {
        if (!key.partition().isEmpty()) {
            keys.computeIfPresent(key.url(), (_, known) -> {
                if (!stored.containsKey(key)) {
                    known.remove(key);
                }
                return known.isEmpty() ? null : known;
            });
        }
    }

    /** The keys of a URL beside the URL itself. */
    Set<CacheKey> of(CacheKey url) {
        return keys.getOrDefault(url, Set.of());
    }
}
