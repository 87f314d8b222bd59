package io.selvage.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads how an origin is treated: how its addresses are chosen, and what is done when it fails. */
final class OriginPolicyReader {
    private static final String ORIGIN = OriginReader.ORIGIN;
    private static final List<String> METHODS = List.of("round-robin", "least-requests");
    private static final List<String> KEYS = List.of("address", "path", "header", "cookie");

    private final TomlReader reader;
    private final Mistakes mistakes;
    private final TomlTable origin;

    OriginPolicyReader(TomlReader reader, Mistakes mistakes, TomlTable origin) {
        this.reader = reader;
        this.mistakes = mistakes;
        this.origin = origin;
    }

    OriginProtocol protocol() {
        String text = reader.string(origin, "protocol", ORIGIN).orElse("http1");
        return switch (text) {
            case "http1" -> OriginProtocol.HTTP1;
            case "http2" -> OriginProtocol.HTTP2;
            default -> {
                wrong("protocol", "\"" + text + "\" is no protocol; valid: http1, http2");
                yield OriginProtocol.HTTP1;
            }
        };
    }

    OriginTls tls() {
        Optional<TomlTable> table = reader.table(origin, "tls", "origin.tls");
        if (table.isEmpty()) {
            return OriginTls.DEFAULT;
        }
        TomlTable tls = table.get();
        reader.checkKeys(tls, "origin.tls", List.of("verify", "ca", "name", "certificate", "key"));
        Optional<Path> certificate = file(tls, "certificate");
        Optional<Path> key = file(tls, "key");
        if (certificate.isPresent() != key.isPresent()) {
            wrong("tls", "a certificate needs a key, and a key a certificate: name both files");
        }
        Optional<Path> authorities = file(tls, "ca");
        return new OriginTls(
                flag(tls, "verify", true),
                authorities,
                reader.string(tls, "name", "origin.tls"),
                certificate.filter(_ -> key.isPresent()),
                key.filter(_ -> certificate.isPresent()),
                FileStamps.of(Stream.of(authorities, certificate, key)
                        .flatMap(Optional::stream)
                        .toList()));
    }

    private Optional<Path> file(TomlTable tls, String key) {
        Optional<Path> path = reader.string(tls, key, "origin.tls").map(reader::resolve);
        path.filter(p -> !Files.isReadable(p))
                .ifPresent(p -> wrong("tls", key + ": there is no file " + p + " that can be read"));
        return path;
    }

    OriginBalance balance() {
        String text = reader.string(origin, "balance", ORIGIN).orElse("round-robin");
        Optional<String> sticky = reader.string(origin, "sticky", ORIGIN);
        sticky.filter(s -> !Headers.isToken(s))
                .ifPresent(s -> wrong("sticky", "\"" + s + "\" cannot be the name of a cookie"));
        String[] words = text.split(" ", -1);
        return switch (words[0]) {
            case "round-robin" -> balance(words, OriginBalance.Method.ROUND_ROBIN, sticky);
            case "least-requests" -> balance(words, OriginBalance.Method.LEAST_REQUESTS, sticky);
            case "hash" -> hash(words, sticky);
            default -> {
                wrong(
                        "balance",
                        "\"" + text + "\" is no way to choose an address; valid: " + String.join(", ", METHODS)
                                + ", hash address, hash path, hash header NAME, hash cookie NAME");
                yield OriginBalance.DEFAULT;
            }
        };
    }

    private OriginBalance balance(String[] words, OriginBalance.Method method, Optional<String> sticky) {
        if (words.length > 1) {
            wrong("balance", "\"" + words[0] + "\" takes no more words");
        }
        return new OriginBalance(method, OriginBalance.Key.ADDRESS, "", sticky);
    }

    private OriginBalance hash(String[] words, Optional<String> sticky) {
        String key = words.length > 1 ? words[1] : "";
        boolean named = key.equals("header") || key.equals("cookie");
        if (!KEYS.contains(key) || words.length != (named ? 3 : 2) || (named && !Headers.isToken(words[2]))) {
            wrong(
                    "balance",
                    "say what is hashed: \"hash address\", \"hash path\", \"hash header NAME\" or \"hash cookie NAME\"");
            return OriginBalance.DEFAULT;
        }
        return new OriginBalance(
                OriginBalance.Method.HASH,
                OriginBalance.Key.valueOf(key.toUpperCase(Locale.ROOT)),
                named ? words[2] : "",
                sticky);
    }

    OriginRetry retry() {
        OriginRetry defaults = OriginRetry.DEFAULT;
        if (Boolean.FALSE.equals(origin.get(List.of("retry")))) {
            return new OriginRetry(
                    0, Set.of(), Set.of(), defaults.budget(), defaults.least(), defaults.backoff(), defaults.longest());
        }
        Optional<TomlTable> table = reader.table(origin, "retry", "origin.retry");
        if (table.isEmpty()) {
            return defaults;
        }
        TomlTable retry = table.get();
        String name = "origin.retry";
        reader.checkKeys(retry, name, List.of("attempts", "on", "statuses", "budget", "least", "backoff", "longest"));
        Duration backoff = reader.duration(retry, name, "backoff", defaults.backoff());
        Duration longest = reader.duration(retry, name, "longest", defaults.longest());
        if (backoff.compareTo(longest) > 0) {
            wrong("retry", "backoff is longer than longest, which no wait may be; set longest, too");
        }
        return new OriginRetry(
                integer(retry, name, "attempts", defaults.attempts(), 0, 10),
                failures(retry, defaults.on()),
                statuses(retry, name, "statuses", defaults.statuses()),
                integer(retry, name, "budget", defaults.budget(), 0, 100),
                integer(retry, name, "least", defaults.least(), 0, 1_000_000),
                backoff,
                longest);
    }

    private Set<OriginRetry.Failure> failures(TomlTable retry, Set<OriginRetry.Failure> otherwise) {
        Object value = retry.get(List.of("on"));
        if (value == null) {
            return otherwise;
        }
        Set<OriginRetry.Failure> failures = EnumSet.noneOf(OriginRetry.Failure.class);
        if (!(value instanceof TomlArray array) || !TomlReader.holds(array, String.class)) {
            wrong("retry", "on must be a list of failures: on = [\"connect\", \"reset\", \"timeout\"]");
            return otherwise;
        }
        for (int i = 0; i < array.size(); i++) {
            String word = array.getString(i);
            List<String> known = List.of("connect", "reset", "timeout");
            if (known.contains(word)) {
                failures.add(OriginRetry.Failure.valueOf(word.toUpperCase(Locale.ROOT)));
            } else {
                wrong("retry", "on: there is no failure \"" + word + "\"; " + Nearest.advice(word, known));
            }
        }
        return Set.copyOf(failures);
    }

    Optional<Duration> hedge() {
        if (!origin.contains(List.of("hedge"))) {
            return Optional.empty();
        }
        return Optional.of(reader.duration(origin, ORIGIN, "hedge", Duration.ofMillis(100)));
    }

    Optional<OriginBreaker> breaker() {
        OriginBreaker defaults = OriginBreaker.DEFAULT;
        return policy(
                "breaker",
                Optional.empty(),
                defaults,
                List.of("failures", "requests", "window", "open", "trials"),
                (table, name) -> new OriginBreaker(
                        integer(table, name, "failures", defaults.failures(), 1, 100),
                        integer(table, name, "requests", defaults.requests(), 1, 1_000_000),
                        reader.duration(table, name, "window", defaults.window()),
                        reader.duration(table, name, "open", defaults.open()),
                        integer(table, name, "trials", defaults.trials(), 1, 1_000)));
    }

    Optional<OriginEjection> ejection() {
        OriginEjection defaults = OriginEjection.DEFAULT;
        return policy(
                "ejection",
                Optional.of(defaults),
                defaults,
                List.of("failures", "time", "share"),
                (table, name) -> new OriginEjection(
                        integer(table, name, "failures", defaults.failures(), 1, 1_000_000),
                        reader.duration(table, name, "time", defaults.time()),
                        integer(table, name, "share", defaults.share(), 1, 100)));
    }

    Optional<OriginHealth> health() {
        OriginHealth defaults = OriginHealth.DEFAULT;
        return policy(
                "health",
                Optional.empty(),
                defaults,
                List.of("path", "every", "timeout", "healthy", "unhealthy", "status"),
                (table, name) -> new OriginHealth(
                        path(table, name, defaults.path()),
                        reader.duration(table, name, "every", defaults.every()),
                        reader.duration(table, name, "timeout", defaults.timeout()),
                        integer(table, name, "healthy", defaults.healthy(), 1, 1_000),
                        integer(table, name, "unhealthy", defaults.unhealthy(), 1, 1_000),
                        integer(table, name, "status", 0, 200, 599)));
    }

    private String path(TomlTable table, String name, String otherwise) {
        String path = reader.string(table, "path", name).orElse(otherwise);
        boolean fits = path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#');
        if (!fits) {
            wrong("health", "path: \"" + path + "\" is no path; it begins with \"/\" and is percent-encoded");
        }
        return fits ? path : otherwise;
    }

    List<OriginFallback> fallbacks() {
        Object value = origin.get(List.of("fallback"));
        if (value == null) {
            return List.of();
        }
        List<OriginFallback> fallbacks = new ArrayList<>();
        List<Object> entries = value instanceof TomlArray array ? array.toList() : List.of(value);
        for (Object entry : entries) {
            switch (entry) {
                case String text when text.equals("stale") -> fallbacks.add(new OriginFallback.Stale());
                case String text -> fallbacks.add(new OriginFallback.Other(text));
                case TomlTable table -> fallbacks.add(fixed(table));
                default ->
                    wrong(
                            "fallback",
                            "it must be a list of other origins' names, \"stale\" and answers: "
                                    + "fallback = [\"spare\", \"stale\", { status = 503, content = \"Back soon\" }]");
            }
        }
        return List.copyOf(fallbacks);
    }

    private OriginFallback fixed(TomlTable table) {
        String name = "origin.fallback";
        reader.checkKeys(table, name, List.of("status", "type", "content"));
        return new OriginFallback.Fixed(
                integer(table, name, "status", 503, 200, 599),
                reader.string(table, "type", name).orElse("text/plain; charset=utf-8"),
                reader.string(table, "content", name).orElse(""));
    }

    /** The statuses in a list, all from 200 to 599. */
    Set<Integer> statuses(TomlTable table, String parent, String key, Set<Integer> otherwise) {
        Object value = table.get(List.of(key));
        if (value == null) {
            return otherwise;
        }
        Set<Integer> statuses = new TreeSet<>();
        if (value instanceof TomlArray array && TomlReader.holds(array, Long.class)) {
            array.toList().forEach(status -> statuses.add(((Long) status).intValue()));
        } else {
            statuses.add(0);
        }
        if (statuses.stream().anyMatch(s -> s < 200 || s > 599)) {
            mistakes.add(
                    reader.position(table, key).orElse(reader.start(origin)),
                    parent + "." + key + " must be a list of statuses from 200 to 599: " + key + " = [502, 503]");
            return otherwise;
        }
        return Set.copyOf(statuses);
    }

    /** Makes a policy of a table whose keys are good. */
    private interface Maker<T> {
        T of(TomlTable table, String name);
    }

    /** A policy that is off, on with what is usual, or on with what its table says. */
    private <T> Optional<T> policy(String key, Optional<T> unsaid, T usual, List<String> keys, Maker<T> maker) {
        Object value = origin.get(List.of(key));
        if (value == null) {
            return unsaid;
        }
        if (value instanceof Boolean on) {
            return on ? Optional.of(usual) : Optional.empty();
        }
        if (!(value instanceof TomlTable table)) {
            wrong(key, "it must be true, false or a table: " + key + " = { " + keys.getFirst() + " = ... }");
            return unsaid;
        }
        reader.checkKeys(table, ORIGIN + "." + key, keys);
        return Optional.of(maker.of(table, ORIGIN + "." + key));
    }

    private int integer(TomlTable table, String parent, String key, int otherwise, int least, int most) {
        int value = reader.integer(table, parent, key, otherwise, least);
        if (value > most) {
            mistakes.add(
                    reader.position(table, key).orElse(reader.start(origin)),
                    parent + "." + key + " must be a whole number from " + least + " to " + most);
        }
        return value;
    }

    private boolean flag(TomlTable table, String key, boolean otherwise) {
        Object value = table.get(List.of(key));
        if (value instanceof Boolean yes) {
            return yes;
        }
        if (value != null) {
            wrong("tls", key + " must be true or false");
        }
        return otherwise;
    }

    private void wrong(String key, String what) {
        mistakes.add(reader.position(origin, key).orElse(reader.start(origin)), ORIGIN + "." + key + ": " + what);
    }
}
