package io.selvage.node;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads the origins of a manifest and the routes that lead to them. */
final class OriginReader {
    private static final String ORIGIN = "origin";
    private static final String ROUTE = "route";
    private static final List<String> ORIGIN_KEYS = List.of(
            "name", "urls", "host", "connect_timeout", "first_byte_timeout", "between_bytes_timeout", "connections");
    private static final List<String> ROUTE_KEYS = List.of("path", ORIGIN, "cache");
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration FIRST_BYTE = Duration.ofSeconds(30);
    private static final Duration BETWEEN_BYTES = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 256;

    private final ManifestReader reader;
    private final Mistakes mistakes;

    OriginReader(ManifestReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    List<Manifest.PlacedOriginRoute> read(TomlTable top) {
        Map<String, OriginDefinition> origins = new LinkedHashMap<>();
        for (TomlTable table : tables(top, ORIGIN)) {
            Place place = start(table);
            reader.checkKeys(table, ORIGIN, ORIGIN_KEYS);
            reader.name(table, "name", ORIGIN, place).ifPresent(name -> {
                if (origins.putIfAbsent(name, origin(table, name, place)) != null) {
                    mistakes.add(place, "origin.name: there are two origins \"" + name + "\"; names are unique");
                }
            });
        }
        List<Manifest.PlacedOriginRoute> routes = new ArrayList<>();
        for (TomlTable table : tables(top, ROUTE)) {
            Place place = start(table);
            reader.checkKeys(table, ROUTE, ROUTE_KEYS);
            route(table, place, origins).ifPresent(r -> routes.add(new Manifest.PlacedOriginRoute(r, place)));
        }
        if (routes.isEmpty() && !origins.isEmpty()) {
            mistakes.add(
                    reader.position(top, ORIGIN).orElse(reader.place(null)),
                    "no [[route]] leads to an origin; add one with path = \"/...\" and origin = \""
                            + origins.keySet().iterator().next() + "\"");
        }
        return List.copyOf(routes);
    }

    private List<TomlTable> tables(TomlTable top, String key) {
        Object value = top.get(List.of(key));
        if (value instanceof TomlArray array && ManifestReader.holds(array, TomlTable.class)) {
            return array.toList().stream().map(TomlTable.class::cast).toList();
        }
        if (value != null) {
            mistakes.add(
                    reader.position(top, key).orElse(reader.place(null)),
                    key + " must be begun with [[" + key + "]], once for each");
        }
        return List.of();
    }

    private Optional<OriginRoute> route(TomlTable table, Place place, Map<String, OriginDefinition> origins) {
        Optional<String> path = needed(table, "path", ROUTE, place, "say which requests it gets: path = \"/...\"");
        Optional<String> name = needed(table, ORIGIN, ROUTE, place, "name the origin that answers");
        boolean caches = false;
        Object cache = table.get(List.of("cache"));
        if (cache instanceof Boolean yes) {
            caches = yes;
        } else if (cache != null) {
            mistakes.add(reader.position(table, "cache").orElse(place), "route.cache must be true or false");
        }
        OriginDefinition origin = name.map(origins::get).orElse(null);
        if (name.isPresent() && origin == null) {
            mistakes.add(
                    reader.position(table, ORIGIN).orElse(place),
                    "route.origin: there is no origin \"" + name.get() + "\"; "
                            + (origins.isEmpty()
                                    ? "begin one with [[origin]]"
                                    : Nearest.advice(name.get(), origins.keySet())));
        }
        if (path.isEmpty() || origin == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new OriginRoute(Route.parse(path.get()), origin, caches));
        } catch (IllegalArgumentException e) {
            mistakes.add(reader.position(table, "path").orElse(place), "route.path: " + e.getMessage());
            return Optional.empty();
        }
    }

    private OriginDefinition origin(TomlTable table, String name, Place place) {
        return new OriginDefinition(
                name,
                urls(table, place),
                reader.string(table, "host", ORIGIN),
                reader.duration(table, ORIGIN, "connect_timeout", CONNECT),
                reader.duration(table, ORIGIN, "first_byte_timeout", FIRST_BYTE),
                reader.duration(table, ORIGIN, "between_bytes_timeout", BETWEEN_BYTES),
                reader.integer(table, ORIGIN, "connections", CONNECTIONS, 1));
    }

    private List<URI> urls(TomlTable table, Place place) {
        Place at = reader.position(table, "urls").orElse(place);
        if (!(table.get(List.of("urls")) instanceof TomlArray array)
                || array.isEmpty()
                || !ManifestReader.holds(array, String.class)) {
            mistakes.add(at, "origin.urls must be a list of texts, not empty: urls = [\"http://127.0.0.1:9001\"]");
            return List.of();
        }
        List<URI> urls = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String text = array.getString(i);
            url(text)
                    .ifPresentOrElse(
                            urls::add,
                            () -> mistakes.add(
                                    at,
                                    "origin.urls: \"" + text + "\" is not an address; write a scheme, a host and "
                                            + "perhaps a port, and nothing else: \"http://127.0.0.1:9001\""));
        }
        return List.copyOf(urls);
    }

    private static Optional<URI> url(String text) {
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

    private Optional<String> needed(TomlTable table, String key, String parent, Place place, String advice) {
        if (!table.contains(List.of(key))) {
            mistakes.add(place, parent + "." + key + " is missing; " + advice);
        }
        return reader.string(table, key, parent);
    }

    /** Where a table's first key stands, since that is what is known of where a table stands. */
    private Place start(TomlTable table) {
        return table.keySet().stream()
                .findFirst()
                .flatMap(key -> reader.position(table, key))
                .orElse(reader.place(null));
    }
}
