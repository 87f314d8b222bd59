package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Content;
import io.selvage.cache.HttpDate;
import io.selvage.cache.Partial;
import io.selvage.cache.TieredCache;
import io.selvage.node.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tells of one stored response. */
final class CacheReport {
    private CacheReport() {}

    /**
     * A line of JSON, or some lines to read.
     *
     * @param now by the cache's clock, milliseconds
     */
    static String of(CacheKey key, TieredCache.Stored stored, long now, boolean asText) {
        CachedResponse response = stored.response();
        long timeToLive = response.timeToLive(now);
        List<Object> fields = new ArrayList<>(List.of(
                "url",
                key.scheme() + "://" + key,
                "status",
                response.status(),
                "bytes",
                response.content().held(),
                "age",
                response.age(now),
                "ttl",
                timeToLive,
                "fresh",
                timeToLive > 0 && !response.policy().needsValidation(),
                "stale_while_revalidate",
                response.policy().staleWhileRevalidate(),
                "stale_if_error",
                response.policy().staleIfError().orElse(0),
                "date",
                HttpDate.format(response.date())));
        boolean inMemory = stored.inMemory() && !(response.content() instanceof Content.OnDisk);
        add(fields, "in", inMemory ? stored.onDisk() ? "memory, disk" : "memory" : "disk");
        add(fields, "parts", response.content() instanceof Partial parts ? parts.toString() : "");
        add(fields, "partition", key.partitionText());
        add(fields, "etag", response.entityTag().orElse(""));
        add(fields, "vary", response.variant().toString());
        add(fields, "codings", response.codings().stream().map(c -> c.token()).collect(Collectors.joining(", ")));
        add(fields, "surrogate_key", String.join(" ", response.fields().all("surrogate-key")));
        add(fields, "cache_tag", String.join(", ", response.fields().all("cache-tag")));
        return asText ? text(fields) : Json.object(fields.toArray()) + "\n";
    }

    private static void add(List<Object> fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.add(name);
            fields.add(value);
        }
    }

    private static String text(List<Object> fields) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fields.size(); i += 2) {
            text.append(i == 0 ? "" : "  " + fields.get(i) + ": ")
                    .append(fields.get(i + 1))
                    .append('\n');
        }
        return text.toString();
    }
}
