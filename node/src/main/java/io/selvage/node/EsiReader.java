package io.selvage.node;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.tomlj.TomlTable;

/** Reads how a route's pages are put together: {@code esi = true}, or a table. */
final class EsiReader {
    /** The key in a route's table. */
    static final String KEY = "esi";

    private static final String NAME = "route.esi";
    private static final int DEEPEST = 20;
    private static final int MOST_INCLUDES = 1_000;
    private static final long LARGEST = 256 << 20;
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Pattern TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]+/([a-z0-9!#$&^_.+-]+|\\*)");

    private final TomlReader reader;
    private final Mistakes mistakes;

    EsiReader(TomlReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    /** The rules of a route; nothing if its pages go as they are. */
    Optional<EsiRules> read(TomlTable route, Place place) {
        Object value = route.get(List.of(KEY));
        if (value instanceof TomlTable table) {
            return Optional.of(rules(new TableReader(reader, mistakes, table, NAME)));
        }
        if (value != null && !(value instanceof Boolean)) {
            mistakes.add(
                    reader.position(route, KEY).orElse(place),
                    NAME + " must be true or false, or a table: esi = { time = \"2s\" }");
        }
        return Boolean.TRUE.equals(value) ? Optional.of(EsiRules.DEFAULT) : Optional.empty();
    }

    private static EsiRules rules(TableReader table) {
        table.keys("types", "cookies", "depth", "includes", "size", "time");
        EsiRules otherwise = EsiRules.DEFAULT;
        List<String> types = table.has("types") ? table.texts("types") : otherwise.types();
        types.stream()
                .filter(type -> !TYPE.matcher(type).matches())
                .forEach(type -> table.mistake("types", "\"" + type + "\" is not a media type such as \"text/html\""));
        long size = table.has("size") ? table.size("size") : otherwise.size();
        if (size > LARGEST) {
            table.mistake("size", "is out of range: up to " + Quantity.sizeText(LARGEST));
        }
        Duration time = table.duration("time", otherwise.time());
        if (time.compareTo(LONGEST) > 0) {
            table.mistake("time", "is out of range: up to " + Quantity.durationText(LONGEST));
        }
        return new EsiRules(
                types,
                table.texts("cookies"),
                table.number("depth", otherwise.depth(), 1, DEEPEST),
                table.number("includes", otherwise.includes(), 1, MOST_INCLUDES),
                size,
                time);
    }
}
