package io.selvage.gateway;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.selvage.cache.DiskStore;
import io.selvage.cache.HttpCache;
import io.selvage.cache.TieredCache;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/** Counts what becomes of requests on routes that cache. Thread-safe; made for the hot path. */
final class CacheCounts {
    /** What became of a request. */
    enum Result {
        /** A fresh response answered. */
        HIT,
        /** A stale response answered because its client or its origin allows it. */
        STALE,
        /** A stale response answered because its origin has failed. */
        STALE_ON_ERROR,
        /** A stored response answered when its origin had said that it is still right. */
        REVALIDATED,
        /** The origin's response answered. */
        MISS,
        /** Some of the response was stored, and the origin has sent the rest. */
        COMPLETED,
        /** The origin's response to another client's request answered. */
        COLLAPSED,
        /** The request is none for the cache. */
        BYPASS,
        /** There was no response to answer with. */
        FAILED;

        private final String text = name().toLowerCase(Locale.ROOT);
    }

    private final Map<Result, LongAdder> counts = new EnumMap<>(Result.class);

    CacheCounts(MeterRegistry registry, TieredCache tiers) {
        HttpCache cache = tiers.memory();
        for (Result result : Result.values()) {
            LongAdder count = new LongAdder();
            counts.put(result, count);
            FunctionCounter.builder("selvage.cache.requests", count, LongAdder::sum)
                    .description("Requests on routes that cache, by what became of them")
                    .tag("selvage.cache.result", result.text)
                    .register(registry);
        }
        Gauge.builder("selvage.cache.size", cache, HttpCache::bytes)
                .description("What the cache holds in memory")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("selvage.cache.limit", cache, HttpCache::maximumBytes)
                .description("What the cache may hold in memory")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("selvage.cache.urls", cache, HttpCache::size)
                .description("URLs that the cache has responses of in memory")
                .register(registry);
        FunctionCounter.builder("selvage.cache.evictions", cache, HttpCache::evictions)
                .description("URLs whose responses have made place for others in memory")
                .register(registry);
        tiers.disk().ifPresent(disk -> register(registry, disk));
    }

    private static void register(MeterRegistry registry, DiskStore disk) {
        Gauge.builder("selvage.cache.disk.size", disk, DiskStore::bytes)
                .description("What the cache takes of the disk")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("selvage.cache.disk.limit", disk, DiskStore::maximumBytes)
                .description("What the cache may take of the disk")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("selvage.cache.disk.responses", disk, DiskStore::size)
                .description("Responses that the cache has on disk")
                .register(registry);
        counter(registry, "hits", disk, DiskStore::hits, "Responses that were read from disk");
        counter(registry, "evictions", disk, DiskStore::evictions, "Responses on disk that have made place for others");
        counter(registry, "damaged", disk, DiskStore::damaged, "Files that were removed because they were damaged");
        counter(registry, "failures", disk, DiskStore::failures, "How often the disk has refused to read or to write");
        counter(
                registry,
                "skipped",
                disk,
                DiskStore::skipped,
                "Responses that were not written, for want of time or room");
    }

    private static void counter(
            MeterRegistry registry,
            String name,
            DiskStore disk,
            ToDoubleFunction<DiskStore> count,
            String description) {
        FunctionCounter.builder("selvage.cache.disk." + name, disk, count)
                .description(description)
                .register(registry);
    }

    void count(Result result) {
        LongAdder count = counts.get(result);
        if (count != null) {
            count.increment();
        }
    }

    /** All counts, by the names that metrics have. */
    Map<String, Long> all() {
        Map<String, Long> all = new LinkedHashMap<>();
        counts.forEach((result, count) -> all.put(result.text, count.sum()));
        return all;
    }
}
