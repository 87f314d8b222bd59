package io.selvage.node;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads the origins of a manifest: their addresses, and how long they may take. */
final class OriginReader {
    static final String ORIGIN = "origin";
    private static final List<String> KEYS = List.of(
            "name",
            "urls",
            "host",
            "protocol",
            "tls",
            "resolve",
            "connect_timeout",
            "first_byte_timeout",
            "between_bytes_timeout",
            "connections",
            "waiting",
            "balance",
            "sticky",
            "retry",
            "hedge",
            "breaker",
            "ejection",
            "health",
            "fallback",
            "fallback_statuses",
            "shield",
            "trailers");
    private static final List<String> ADDRESS_KEYS = List.of("url", "weight");
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 256;
    private static final int WAITING = 1024;
    private static final int MOST_WEIGHT = 100;
    private static final String ADVICE =
            "is not an address; write a scheme, a host and perhaps a port, and nothing else: \"http://127.0.0.1:9001\"";

    private final TomlReader reader;
    private final Mistakes mistakes;

    OriginReader(TomlReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    /**
     * The origins by their names, in the manifest's order.
     *
     * @param added the names of those that there are beside the manifest's
     */
    Map<String, OriginDefinition> read(TomlTable top, Set<String> added) {
        Map<String, OriginDefinition> origins = new LinkedHashMap<>();
        Map<String, TomlTable> tables = new LinkedHashMap<>();
        for (TomlTable table : reader.tables(top, ORIGIN)) {
            Place place = reader.start(table);
            reader.checkKeys(table, ORIGIN, KEYS);
            reader.name(table, "name", ORIGIN, place).ifPresent(name -> {
                tables.put(name, table);
                if (origins.putIfAbsent(name, origin(table, name, place)) != null) {
                    mistakes.add(place, "origin.name: there are two origins \"" + name + "\"; names are unique");
                }
            });
        }
        Set<String> names = new LinkedHashSet<>(origins.keySet());
        names.addAll(added);
        origins.values().forEach(origin -> {
            TomlTable table = Optional.ofNullable(tables.get(origin.name())).orElseThrow();
            checkFallbacks(origin, names, place(table, "fallback"));
            checkShield(origin, origins, names, place(table, "shield"));
        });
        return origins;
    }

    private Place place(TomlTable table, String key) {
        return reader.position(table, key).orElseGet(() -> reader.start(table));
    }

    private void checkFallbacks(OriginDefinition origin, Set<String> names, Place place) {
        for (OriginFallback fallback : origin.fallbacks()) {
            if (fallback instanceof OriginFallback.Other(String other) && !names.contains(other)) {
                mistakes.add(
                        place,
                        "origin.fallback: there is no origin \"" + other + "\"; " + Nearest.advice(other, names));
            } else if (fallback instanceof OriginFallback.Other(String other) && other.equals(origin.name())) {
                mistakes.add(place, "origin.fallback: \"" + other + "\" is the origin itself; name another one");
            }
        }
    }

    /** A shield is another origin, which has none itself: a request takes one such turn at most. */
    private void checkShield(
            OriginDefinition origin, Map<String, OriginDefinition> origins, Set<String> names, Place place) {
        if (origin.shield().isEmpty()) {
            return;
        }
        String shield = origin.shield().get();
        if (!names.contains(shield)) {
            mistakes.add(
                    place, "origin.shield: there is no origin \"" + shield + "\"; " + Nearest.advice(shield, names));
        } else if (shield.equals(origin.name())) {
            mistakes.add(
                    place, "origin.shield: \"" + shield + "\" is the origin itself; name one whose urls are nodes");
        } else if (Optional.ofNullable(origins.get(shield))
                .flatMap(OriginDefinition::shield)
                .isPresent()) {
            mistakes.add(place, "origin.shield: \"" + shield + "\" has a shield itself; a request goes through one");
        }
    }

    /** One origin from the inside of its table. */
    OriginDefinition readOne(TomlTable table, String name) {
        reader.checkKeys(table, ORIGIN, KEYS);
        return origin(table, name, reader.start(table));
    }

    private OriginDefinition origin(TomlTable table, String name, Place place) {
        OriginPolicyReader policy = new OriginPolicyReader(reader, mistakes, table);
        List<OriginAddress> addresses = addresses(table, place);
        boolean trailers = reader.flag(table, ORIGIN, "trailers");
        if (trailers && policy.protocol() == OriginProtocol.HTTP2) {
            mistakes.add(
                    reader.position(table, "trailers").orElse(place),
                    "origin.trailers: fields behind a request's content are sent over HTTP/1.1 alone; leave it out, or"
                            + " protocol = \"http2\"");
        }
        return new OriginDefinition(
                name,
                addresses,
                reader.string(table, "host", ORIGIN),
                policy.protocol(),
                policy.tls(),
                reader.duration(table, ORIGIN, "resolve", SILENCE),
                new OriginDefinition.Timeouts(
                        reader.duration(table, ORIGIN, "connect_timeout", CONNECT),
                        reader.duration(table, ORIGIN, "first_byte_timeout", SILENCE),
                        reader.duration(table, ORIGIN, "between_bytes_timeout", SILENCE)),
                reader.integer(table, ORIGIN, "connections", CONNECTIONS, 1),
                reader.integer(table, ORIGIN, "waiting", WAITING, 0),
                policy.balance(),
                policy.retry(),
                policy.hedge(),
                policy.breaker(),
                policy.ejection(),
                policy.health(),
                policy.fallbacks(),
                policy.statuses(table, ORIGIN, "fallback_statuses", Set.of()),
                reader.string(table, "shield", ORIGIN),
                trailers);
    }

    private List<OriginAddress> addresses(TomlTable table, Place place) {
        Place at = reader.position(table, "urls").orElse(place);
        if (!(table.get(List.of("urls")) instanceof TomlArray array) || array.isEmpty()) {
            mistakes.add(at, "origin.urls must be a list of addresses, not empty: urls = [\"http://127.0.0.1:9001\"]");
            return List.of();
        }
        List<OriginAddress> addresses = new ArrayList<>();
        Set<URI> known = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            address(array.get(i), at)
                    .filter(address -> isNew(address, known, at))
                    .ifPresent(addresses::add);
        }
        return List.copyOf(addresses);
    }

    private boolean isNew(OriginAddress address, Set<URI> known, Place at) {
        boolean added = known.add(address.url());
        if (!added) {
            mistakes.add(at, "origin.urls: \"" + address.url() + "\" is there twice; give it a weight instead");
        }
        return added;
    }

    private Optional<OriginAddress> address(Object value, Place at) {
        Object url = value;
        int weight = 1;
        if (value instanceof TomlTable table) {
            reader.checkKeys(table, "origin.urls", ADDRESS_KEYS);
            url = Optional.ofNullable(table.get(List.of("url"))).orElse("");
            weight = reader.integer(table, "origin.urls", "weight", 1, 1);
            if (weight > MOST_WEIGHT) {
                mistakes.add(at, "origin.urls.weight must be a whole number from 1 to " + MOST_WEIGHT);
            }
        }
        Optional<URI> parsed = url instanceof String text ? url(text) : Optional.empty();
        if (parsed.isEmpty()) {
            mistakes.add(at, "origin.urls: \"" + url + "\" " + ADVICE);
        }
        int share = weight;
        return parsed.map(u -> new OriginAddress(u, share));
    }

    /**
     * One address of an origin that somebody has given by itself.
     *
     * @throws ConfigurationException if it is not one, in words
     */
    static OriginAddress address(String url, String weight) {
        URI parsed = url(url).orElseThrow(() -> new ConfigurationException("\"" + url + "\" " + ADVICE));
        if (!weight.matches("[1-9][0-9]?|100")) {
            throw new ConfigurationException(
                    "\"" + weight + "\" is not a weight; it is a whole number from 1 to " + MOST_WEIGHT);
        }
        return new OriginAddress(parsed, Integer.parseInt(weight));
    }

    /** An address of an origin as people write it, if it is one. */
    static Optional<URI> url(String text) {
        try {
            URI url = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            boolean scheme = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            boolean alone = url.getHost() != null
                    && String.valueOf(url.getRawPath()).isEmpty()
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null
                    && url.getRawUserInfo() == null;
            return scheme && alone && url.getPort() != 0 && url.getPort() <= 65_535
                    ? Optional.of(url)
                    : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }
}
