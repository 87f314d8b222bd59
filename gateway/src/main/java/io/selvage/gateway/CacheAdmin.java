package io.selvage.gateway;

import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheKey;
import io.selvage.cache.DiskStore;
import io.selvage.cache.HttpCache;
import io.selvage.cache.TieredCache;
import io.selvage.node.Json;
import io.selvage.node.Nearest;
import io.selvage.node.Problem;
import io.selvage.node.RequestPath;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/** What those who run the node can ask of its cache: what it holds, and to let some of it go. */
final class CacheAdmin {
    /** A text and its media type, or why there is none. */
    record Answer(String type, String text, Optional<Problem> problem) {}

    private static final String LINES = "application/x-ndjson";
    private static final String TEXT = "text/plain; charset=utf-8";

    private static final List<String> CHOICES = List.of("url", "prefix", "tag");
    private static final List<String> SWITCHES = List.of("soft", "dry");

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
     * @param wanted exactly one of the three, and perhaps {@code soft} or {@code dry}, and nothing else
     */
    Answer purge(MultiMap wanted, boolean asText) {
        Optional<Problem> mistake = mistake(wanted);
        if (mistake.isPresent()) {
            return new Answer("", "", mistake);
        }
        List<String> choices =
                CHOICES.stream().filter(name -> !value(wanted, name).isEmpty()).toList();
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
        boolean soft = isOn(wanted, "soft");
        boolean dry = isOn(wanted, "dry");
        String url;
        try {
            url = choices.getFirst().equals("prefix") ? prefix(value) : location(value);
        } catch (IllegalArgumentException e) {
            Problem problem = Problem.of(400, "purge", "No URL begins so", "In " + value + ", " + e.getMessage() + ".");
            return new Answer("", "", Optional.of(problem));
        }
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

    /** What is unknown or unclear in what a purge is asked with: it must not remove more than was meant. */
    private static Optional<Problem> mistake(MultiMap wanted) {
        for (String name : wanted.names()) {
            if (!CHOICES.contains(name) && !SWITCHES.contains(name)) {
                List<String> known =
                        Stream.concat(CHOICES.stream(), SWITCHES.stream()).toList();
                return Optional.of(Problem.of(
                        400,
                        "purge",
                        "The purge has an unknown parameter",
                        "There is no \"" + name + "\"; " + Nearest.advice(name, known) + "."));
            }
            if (SWITCHES.contains(name) && !List.of("", "true", "false").contains(value(wanted, name))) {
                return Optional.of(
                        Problem.of(400, "purge", "The purge is not clear", "\"" + name + "\" is true or false."));
            }
        }
        return Optional.empty();
    }

    private static boolean isOn(MultiMap wanted, String name) {
        return wanted.contains(name) && !value(wanted, name).equals("false");
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
     * A URL as keys have it: the authority and the target, without a scheme, and without the parameters
     * that do not count for its route.
     */
    private String location(String url) {
        String rest = url.replaceFirst("^(?i)https?://", "");
        int slash = rest.indexOf('/');
        String authority = authority(url, slash < 0 ? rest : rest.substring(0, slash));
        return authority + proxy.target(authority, slash < 0 ? "/" : encoded(rest.substring(slash)));
    }

    /**
     * The beginning of URLs as keys have it: normalised, but for what follows the last slash of the path, which may be the beginning
     * of a name.
     *
     * @throws IllegalArgumentException with a message for people, if no URL begins so
     */
    private static String prefix(String url) {
        String rest = url.replaceFirst("^(?i)https?://", "");
        int slash = rest.indexOf('/');
        String authority = authority(url, slash < 0 ? rest : rest.substring(0, slash));
        String target = slash < 0 ? "/" : encoded(rest.substring(slash));
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        int last = path.lastIndexOf('/') + 1;
        String begun = path.substring(last);
        return authority
                + RequestPath.normalize(path.substring(0, last)).text()
                + (begun.startsWith(".")
                        ? begun
                        : RequestPath.normalize("/" + begun).text().substring(1))
                + (question < 0 ? "" : target.substring(question));
    }

    /** The authority of a URL as keys have it; without a scheme, it may be of either. */
    private static String authority(String url, String authority) {
        if (url.regionMatches(true, 0, "https:", 0, 6)) {
            return CacheKey.authority("https", authority);
        }
        String plain = CacheKey.authority("http", authority);
        return url.regionMatches(true, 0, "http:", 0, 5) ? plain : CacheKey.authority("https", plain);
    }

    /** A target as clients have to send it, if it was written as people read it. */
    private static String encoded(String target) {
        StringBuilder text = new StringBuilder();
        for (byte b : target.getBytes(StandardCharsets.UTF_8)) {
            text.append(b < 0 ? "%" + HexFormat.of().withUpperCase().toHexDigits(b) : String.valueOf((char) b));
        }
        return text.toString();
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
