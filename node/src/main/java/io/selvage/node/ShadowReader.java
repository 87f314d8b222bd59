package io.selvage.node;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads where a route's requests are also sent, to compare the answers. */
final class ShadowReader {
    /** The key in a route's table. */
    static final String KEY = "shadow";

    private static final String NAME = "route.shadow";
    private static final List<String> PARTS = List.of("status", "headers", "body", "time");
    private static final List<String> KEYS =
            List.of("origin", "function", "share", "content", "compare", "ignore", "slower");
    private static final long MOST_CONTENT = 8L << 20;
    private static final Duration SLOWER = Duration.ofMillis(100);

    private final TomlReader reader;
    private final Mistakes mistakes;

    ShadowReader(TomlReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    Optional<ShadowRule> read(TomlTable route, Set<String> origins, Set<String> functions) {
        return reader.table(route, KEY, NAME).map(table -> {
            reader.checkKeys(table, NAME, KEYS);
            Optional<String> origin = known(route, table, "origin", origins);
            Optional<String> function = known(route, table, "function", functions);
            if (table.contains(List.of("origin")) == table.contains(List.of("function"))) {
                wrong(route, "name an origin or a function, and not both");
            }
            int share = reader.integer(table, NAME, "share", 100, 1);
            if (share > 100) {
                wrong(route, "share must be a whole number from 1 to 100, of a hundred requests");
            }
            return new ShadowRule(
                    origin,
                    function,
                    share,
                    reader.size(table, NAME, "content", 0, 1, MOST_CONTENT),
                    parts(route, table),
                    ignored(route, table),
                    reader.duration(table, NAME, "slower", SLOWER));
        });
    }

    private Optional<String> known(TomlTable route, TomlTable table, String key, Set<String> known) {
        Optional<String> name = reader.string(table, key, NAME);
        name.filter(n -> !known.contains(n))
                .ifPresent(n ->
                        wrong(route, key + ": there is no " + key + " \"" + n + "\"; " + Nearest.advice(n, known)));
        return name;
    }

    private Set<ShadowRule.Part> parts(TomlTable route, TomlTable table) {
        List<String> words = texts(route, table, "compare", List.of("status", "headers", "body"));
        Set<ShadowRule.Part> parts = EnumSet.noneOf(ShadowRule.Part.class);
        for (String word : words) {
            if (PARTS.contains(word)) {
                parts.add(ShadowRule.Part.valueOf(word.toUpperCase(Locale.ROOT)));
            } else {
                wrong(route, "compare: \"" + word + "\" cannot be compared; " + Nearest.advice(word, PARTS));
            }
        }
        return Set.copyOf(parts);
    }

    private Set<String> ignored(TomlTable route, TomlTable table) {
        Set<String> names = new HashSet<>();
        texts(route, table, "ignore", List.of()).forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        return Set.copyOf(names);
    }

    private List<String> texts(TomlTable route, TomlTable table, String key, List<String> otherwise) {
        Object value = table.get(List.of(key));
        if (value instanceof TomlArray array && TomlReader.holds(array, String.class)) {
            return array.toList().stream().map(String.class::cast).toList();
        }
        if (value != null) {
            wrong(
                    route,
                    key + " must be a list of texts: " + key + " = [\"" + (key.equals("compare") ? "status" : "etag")
                            + "\"]");
        }
        return otherwise;
    }

    private void wrong(TomlTable route, String what) {
        mistakes.add(reader.position(route, KEY).orElse(reader.start(route)), NAME + ": " + what);
    }
}
