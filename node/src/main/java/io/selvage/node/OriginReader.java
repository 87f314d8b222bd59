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

/** Reads the origins of a manifest. */
final class OriginReader {
    private static final String ORIGIN = "origin";
    private static final List<String> ORIGIN_KEYS = List.of(
            "name", "urls", "host", "connect_timeout", "first_byte_timeout", "between_bytes_timeout", "connections");
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

    /** The origins by their names, in the manifest's order. */
    Map<String, OriginDefinition> read(TomlTable top) {
        Map<String, OriginDefinition> origins = new LinkedHashMap<>();
        for (TomlTable table : reader.tables(top, ORIGIN)) {
            Place place = reader.start(table);
            reader.checkKeys(table, ORIGIN, ORIGIN_KEYS);
            reader.name(table, "name", ORIGIN, place).ifPresent(name -> {
                if (origins.putIfAbsent(name, origin(table, name, place)) != null) {
                    mistakes.add(place, "origin.name: there are two origins \"" + name + "\"; names are unique");
                }
            });
        }
        return origins;
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
}
