package io.selvage.gateway;

import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheKey;
import io.selvage.cache.DiskStore;
import io.selvage.cache.HttpCache;
import io.selvage.cache.TieredCache;
import io.selvage.node.Json;
import io.selvage.node.Problem;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/** What those who run the node can ask of its cache: what it holds, and to let some of it go. */
final class CacheAdmin {
    /** A text and its media type, or why there is none. */
    record Answer(String type, String text, Optional<Problem> problem) {}

    private static final String LINES = "application/x-ndjson";
    private static final String TEXT = "text/plain; charset=utf-8";

    /** The most hosts that are named to someone who has named none. */
    private static final int MOST_HOSTS = 5;

    private final Proxy proxy;

    CacheAdmin(Proxy proxy) {
        this.proxy = proxy;
    }

    /** How much it holds, and what became of requests. */
    Answer stats(boolean asText) {
        HttpCache memory = proxy.cache().memory();
        Map<String, Long> requests = proxy.counts().all();
        if (asText) {
            StringBuilder text = new StringBuilder();
            text.append(memory.size() + " URLs, " + memory.bytes() + " of " + memory.maximumBytes() + " bytes\n");
            proxy.cache()
                    .disk()
                    .ifPresent(disk -> text.append("on disk: " + disk.size() + " responses, " + disk.bytes() + " of "
                            + disk.maximumBytes() + " bytes, " + disk.damaged() + " were damaged\n"));
            requests.forEach((result, count) -> text.append(count)
                    .append(' ')
                    .append(result.replace('_', ' '))
                    .append('\n'));
            return text(text.toString());
        }
        List<Object> fields = new ArrayList<>(List.of(
                "urls",
                memory.size(),
                "bytes",
                memory.bytes(),
                "limit",
                memory.maximumBytes(),
                "evictions",
                memory.evictions()));
        requests.forEach((result, count) -> fields.addAll(List.of(result, count)));
        proxy.cache().disk().ifPresent(disk -> fields.addAll(List.of("disk", disk(disk))));
        return new Answer("application/json", Json.object(fields.toArray()) + "\n", Optional.empty());
    }

    private static Map<String, Object> disk(DiskStore disk) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("responses", disk.size());
        fields.put("bytes", disk.bytes());
        fields.put("limit", disk.maximumBytes());
        fields.put("hits", disk.hits());
        fields.put("evictions", disk.evictions());
        fields.put("damaged", disk.damaged());
        fields.put("failures", disk.failures());
        fields.put("skipped", disk.skipped());
        return fields;
    }

    /** What is stored of {@code url}: one line for each response; waits for the disk. */
    Answer inspect(String url, boolean asText) {
        if (!hasHost(url)) {
            return new Answer("", "", Optional.of(withoutHost(url)));
        }
        String wanted = location(url);
        List<String> lines = new ArrayList<>();
        proxy.cache().find(key -> key.toString().equals(wanted)).forEach((key, responses) -> {
            for (TieredCache.Stored stored : responses) {
                lines.add(CacheReport.of(key, stored, CacheClock.millis(), asText));
            }
        });
        if (lines.isEmpty()) {
            Problem problem = Problem.of(
                    404, "not-cached", "There is no stored response", "Nothing of " + wanted + " is in the cache.");
            return new Answer("", "", Optional.of(problem));
        }
        String all = String.join(asText ? "\n" : "", lines);
        return asText ? text(all) : new Answer(LINES, all, Optional.empty());
    }

    /**
     * Removes what {@code url}, {@code prefix} or {@code tag} chooses, and tells of each URL what was removed; waits for the disk.
     *
     * @param wanted exactly one of the three, and perhaps {@code soft} or {@code dry}
     */
    Answer purge(MultiMap wanted, boolean asText) {
        List<String> choices = List.of("url", "prefix", "tag").stream()
                .filter(name -> !value(wanted, name).isEmpty())
                .toList();
        if (choices.size() != 1) {
            Problem problem = Problem.of(
                    400,
                    "purge",
                    "It is not clear what to purge",
                    "Name one of url, prefix or tag: /cache?url=http://shop.example/a.");
            return new Answer("", "", Optional.of(problem));
        }
        String value = value(wanted, choices.getFirst());
        if (!choices.getFirst().equals("tag") && !hasHost(value)) {
            return new Answer("", "", Optional.of(withoutHost(value)));
        }
        boolean soft = wanted.contains("soft");
        boolean dry = wanted.contains("dry");
        String url = choices.getFirst().equals("url") ? location(value) : prefix(value);
        BiPredicate<CacheKey, Set<String>> chosen = switch (choices.getFirst()) {
            case "url" -> (key, _) -> key.toString().equals(url);
            case "prefix" -> (key, _) -> key.toString().startsWith(url);
            default -> (_, tags) -> tags.contains(value);
        };
        List<TieredCache.Purged> purged = proxy.purge(chosen, soft, dry);
        return asText
                ? text(readable(purged, soft, dry))
                : new Answer(LINES, lines(purged, soft, dry), Optional.empty());
    }

    private static boolean hasHost(String url) {
        return !url.replaceFirst("^(?i)https?://", "").startsWith("/");
    }

    private Problem withoutHost(String url) {
        List<String> hosts = proxy.cache().memory().find(_ -> true).keySet().stream()
                .map(CacheKey::authority)
                .distinct()
                .sorted()
                .limit(MOST_HOSTS)
                .toList();
        String host = hosts.isEmpty() ? "shop.example" : hosts.getFirst();
        return Problem.of(
                400,
                "without-host",
                "The URL names no host",
                "Many sites may have " + url + ": write it as clients ask for it, http://" + host + url + "."
                        + (hosts.isEmpty() ? "" : " The cache holds responses of " + String.join(", ", hosts) + "."));
    }

    private static String value(MultiMap wanted, String name) {
        String value = wanted.get(name);
        return value == null ? "" : value.strip();
    }

    /**
     * A URL as keys have it: the authority in small letters and the target, without a scheme, and without the parameters
     * that do not count for its route.
     */
    private String location(String url) {
        String rest = url.replaceFirst("^(?i)https?://", "");
        int slash = rest.indexOf('/');
        String authority = (slash < 0 ? rest : rest.substring(0, slash)).toLowerCase(Locale.ROOT);
        return authority + proxy.target(authority, slash < 0 ? "/" : rest.substring(slash));
    }

    /** The beginning of URLs as keys have it. */
    private static String prefix(String url) {
        String rest = url.replaceFirst("^(?i)https?://", "");
        int slash = rest.indexOf('/');
        return slash < 0
                ? rest.toLowerCase(Locale.ROOT) + "/"
                : rest.substring(0, slash).toLowerCase(Locale.ROOT) + rest.substring(slash);
    }

    private static String lines(List<TieredCache.Purged> purged, boolean soft, boolean dry) {
        StringBuilder lines = new StringBuilder();
        for (TieredCache.Purged one : purged) {
            List<Object> fields = new ArrayList<>(List.of("url", one.key()));
            if (!one.key().partition().isEmpty()) {
                fields.addAll(List.of("partition", one.key().partitionText()));
            }
            fields.addAll(List.of("variants", one.variants(), "bytes", one.bytes(), "on_disk", one.onDisk()));
            lines.append(Json.object(fields.toArray())).append('\n');
        }
        return lines.append(Json.object(
                        "urls", purged.size(),
                        "variants", variants(purged),
                        "bytes", bytes(purged),
                        "on_disk", onDisk(purged),
                        "soft", soft,
                        "dry", dry))
                .append('\n')
                .toString();
    }

    private static String readable(List<TieredCache.Purged> purged, boolean soft, boolean dry) {
        StringBuilder text = new StringBuilder();
        purged.forEach(one -> text.append(one.key())
                .append(one.key().partition().isEmpty() ? "" : "  (" + one.key().partitionText() + ")")
                .append("  ")
                .append(one.variants())
                .append(one.variants() == 1 ? " variant, " : " variants, ")
                .append(one.bytes())
                .append(" bytes\n"));
        return text.append(dry ? "would purge " : soft ? "outdated " : "purged ")
                .append(purged.size())
                .append(purged.size() == 1 ? " URL, " : " URLs, ")
                .append(variants(purged))
                .append(" stored responses, ")
                .append(bytes(purged))
                .append(" bytes")
                .append(onDisk(purged) > 0 ? ", " + onDisk(purged) + " of them on disk too\n" : "\n")
                .toString();
    }

    private static int variants(List<TieredCache.Purged> purged) {
        return purged.stream().mapToInt(TieredCache.Purged::variants).sum();
    }

    private static int onDisk(List<TieredCache.Purged> purged) {
        return purged.stream().mapToInt(TieredCache.Purged::onDisk).sum();
    }

    private static long bytes(List<TieredCache.Purged> purged) {
        return purged.stream().mapToLong(TieredCache.Purged::bytes).sum();
    }

    private static Answer text(String text) {
        return new Answer(TEXT, text, Optional.empty());
    }
}
