package io.selvage.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads the values of a TOML file's tables as what they are meant to be, and says what is wrong with one and where. */
final class TomlReader {
    static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");
    static final String NAME_RULE =
            "a name is 1 to 63 small letters, digits, \"-\", \"_\" or \".\", and begins and ends with a letter or digit";

    private final Path file;
    private final Path folder;
    private final Mistakes mistakes;

    /**
     * Reads one file.
     *
     * @param folder to which files that it names are relative
     */
    TomlReader(Path file, Path folder, Mistakes mistakes) {
        this.file = file;
        this.folder = folder;
        this.mistakes = mistakes;
    }

    /** A name of an app, a function or an origin, which has to be there. */
    Optional<String> name(TomlTable table, String key, String parent, @Nullable Place place) {
        Optional<String> name = string(table, key, parent);
        if (!table.contains(List.of(key))) {
            mistakes.add(
                    place == null ? new Place(file, 0, 0) : place, dotted(parent, key) + " is missing; " + NAME_RULE);
        }
        name.filter(n -> !NAME.matcher(n).matches())
                .ifPresent(n -> mistakes.add(
                        position(table, key).orElse(new Place(file, 0, 0)),
                        dotted(parent, key) + ": \"" + n + "\" is not a name; " + NAME_RULE));
        return name;
    }

    Optional<String> string(TomlTable table, String key, String parent) {
        Object value = table.get(List.of(key));
        if (value != null && !(value instanceof String)) {
            mistakes.add(
                    position(table, key).orElse(new Place(file, 0, 0)),
                    dotted(parent, key) + " must be a text in quotes");
        }
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    Optional<TomlTable> table(TomlTable table, String key, String name) {
        Object value = table.get(List.of(key));
        if (value != null && !(value instanceof TomlTable)) {
            mistakes.add(
                    position(table, key).orElse(new Place(file, 0, 0)),
                    name + " must be a table: " + key + " = { ... }");
        }
        return value instanceof TomlTable inner ? Optional.of(inner) : Optional.empty();
    }

    /** A table of texts whose keys are like {@code names}; {@code rule} tells how that is. */
    Map<String, String> strings(TomlTable parent, String key, String name, Pattern names, String rule) {
        Map<String, String> values = new LinkedHashMap<>();
        table(parent, key, name).ifPresent(table -> {
            for (String entry : table.keySet()) {
                if (!names.matcher(entry).matches()) {
                    mistakes.add(
                            position(table, entry).orElse(new Place(file, 0, 0)),
                            name + ": \"" + entry + "\" cannot be a name; " + rule);
                }
                string(table, entry, name).ifPresent(text -> values.put(entry, text));
            }
        });
        return values;
    }

    /** A size in bytes. */
    long size(TomlTable table, String parent, String key, long otherwise, long least, long most) {
        return limit(
                table,
                parent,
                key,
                otherwise,
                text -> {
                    long size = Quantity.size(text);
                    if (size < least || size > most) {
                        throw new IllegalArgumentException("\"" + text + "\" is out of range: "
                                + Quantity.sizeText(least) + " to " + Quantity.sizeText(most));
                    }
                    return size;
                },
                "a size in quotes: " + key + " = \"64MiB\"");
    }

    Duration duration(TomlTable table, String parent, String key, Duration otherwise) {
        return limit(
                table,
                parent,
                key,
                otherwise,
                text -> {
                    Duration duration = Quantity.duration(text);
                    if (duration.toMillis() < 1) {
                        throw new IllegalArgumentException("\"" + text + "\" is too short: at least 1ms");
                    }
                    return duration;
                },
                "a duration in quotes: " + key + " = \"50ms\"");
    }

    private <T> T limit(
            TomlTable table, String parent, String key, T otherwise, Function<String, T> parser, String form) {
        Object value = table.get(List.of(key));
        Place at = position(table, key).orElse(new Place(file, 0, 0));
        if (value instanceof String text) {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                mistakes.add(at, dotted(parent, key) + ": " + e.getMessage());
            }
        } else if (value != null) {
            mistakes.add(at, dotted(parent, key) + " must be " + form);
        }
        return otherwise;
    }

    int integer(TomlTable table, String parent, String key, int otherwise, int least) {
        Object value = table.get(List.of(key));
        if (value instanceof Long number && number >= least && number <= 1_000_000) {
            return number.intValue();
        }
        if (value != null) {
            mistakes.add(
                    position(table, key).orElse(new Place(file, 0, 0)),
                    dotted(parent, key) + " must be a whole number from " + least + " to 1000000");
        }
        return otherwise;
    }

    /** Whether a key is true; it is not if it is missing. */
    boolean flag(TomlTable table, String parent, String key) {
        Object value = table.get(List.of(key));
        if (value != null && !(value instanceof Boolean)) {
            mistakes.add(
                    position(table, key).orElse(new Place(file, 0, 0)), dotted(parent, key) + " must be true or false");
        }
        return value instanceof Boolean yes && yes;
    }

    /** A path that is relative to the manifest's folder. */
    Path resolve(String path) {
        return folder.resolve(path);
    }

    void checkKeys(TomlTable table, String parent, List<String> valid) {
        for (String key : table.keySet()) {
            if (!valid.contains(key)) {
                mistakes.add(
                        position(table, key).orElse(new Place(file, 0, 0)),
                        dotted(parent, key) + ": unknown key; " + Nearest.advice(key, valid));
            }
        }
    }

    static boolean holds(TomlArray array, Class<?> type) {
        return array.toList().stream().allMatch(type::isInstance);
    }

    private static String dotted(String parent, String key) {
        return parent.isEmpty() ? key : parent + "." + key;
    }

    /** The tables that are begun with {@code [[key]]}. */
    List<TomlTable> tables(TomlTable top, String key) {
        Object value = top.get(List.of(key));
        if (value instanceof TomlArray array && holds(array, TomlTable.class)) {
            return array.toList().stream().map(TomlTable.class::cast).toList();
        }
        if (value != null) {
            mistakes.add(
                    position(top, key).orElse(place(null)), key + " must be begun with [[" + key + "]], once for each");
        }
        return List.of();
    }

    /** Where a table's first key stands, since that is what is known of where a table stands. */
    Place start(TomlTable table) {
        return table.keySet().stream()
                .findFirst()
                .flatMap(key -> position(table, key))
                .orElse(place(null));
    }

    Optional<Place> position(TomlTable table, String key) {
        return Optional.ofNullable(table.inputPositionOf(List.of(key))).map(this::place);
    }

    Place place(@Nullable TomlPosition position) {
        return position == null ? new Place(file, 0, 0) : new Place(file, position.line(), position.column());
    }
}
