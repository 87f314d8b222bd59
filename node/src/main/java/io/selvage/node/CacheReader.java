package io.selvage.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads how a route's responses are stored: {@code cache = true}, or a table. */
final class CacheReader {
    private static final String CACHE = "cache";
    private static final String NAME = "route.cache";
    private static final String TTL = "route.cache.ttl";
    private static final List<String> TIMES =
            List.of("edge", "default", "browser", "stale_while_revalidate", "stale_if_error");
    private static final List<String> KEYS = with(
            TIMES,
            "negative",
            "ttl",
            "query",
            "query_except",
            "sort_query",
            "headers",
            "cookies",
            "device",
            "country",
            "languages",
            "targeted");
    private static final List<String> TTL_KEYS = with(TIMES, "status", "type");
    private static final Pattern PARAMETER = Pattern.compile("[^&=#\\s*]*\\*?");
    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*");
    private static final Pattern TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]+/([a-z0-9!#$&^_.+-]+|\\*)");
    private static final Pattern STATUS = Pattern.compile("([2-5])xx|([2-5]\\d\\d)(?:-([2-5]\\d\\d))?");
    private static final List<CacheRules.Statuses> SUCCESSFUL = statuses(200, 203, 204, 300, 301, 308);
    private static final List<CacheRules.Statuses> NEGATIVE = statuses(404, 405, 410, 414, 501);

    private final TomlReader reader;
    private final Mistakes mistakes;

    CacheReader(TomlReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    /**
     * The rules of a route; nothing if it does not cache.
     *
     * @param ruled what else holds for the route
     */
    Optional<CacheRules> read(TomlTable route, Place place, RouteRules ruled) {
        Object value = route.get(List.of(CACHE));
        if (value instanceof TomlTable table) {
            return Optional.of(rules(table, reader.position(route, CACHE).orElse(place), ruled));
        }
        if (value != null && !(value instanceof Boolean)) {
            mistakes.add(
                    reader.position(route, CACHE).orElse(place),
                    NAME + " must be true or false, or a table: cache = { edge = \"10m\" }");
        }
        return Boolean.TRUE.equals(value) ? Optional.of(CacheRules.DEFAULT) : Optional.empty();
    }

    private CacheRules rules(TomlTable table, Place place, RouteRules ruled) {
        reader.checkKeys(table, NAME, KEYS);
        if (table.contains(List.of("query")) && table.contains(List.of("query_except"))) {
            mistakes.add(
                    reader.position(table, "query_except").orElse(place),
                    NAME + ": query says which parameters count and query_except which do not; choose one of them");
        }
        List<String> headers = new ArrayList<>(lower(names(table, "headers", Headers::isToken, "a field's name")));
        found(table, "device", "selvage-device", "device = true", ruled).ifPresent(headers::add);
        found(table, "country", "selvage-country", "geo = { database = \"country.mmdb\" }", ruled)
                .ifPresent(headers::add);
        CacheRules.Key key = new CacheRules.Key(
                names(
                        table,
                        "query",
                        PARAMETER.asMatchPredicate(),
                        "a parameter's name, perhaps with \"*\" at its end"),
                names(
                                table,
                                "query_except",
                                PARAMETER.asMatchPredicate(),
                                "a parameter's name, perhaps with \"*\" at its end")
                        .orElse(List.of()),
                yes(table, "sort_query"),
                headers.stream().distinct().toList(),
                names(table, "cookies", Headers::isToken, "a cookie's name"));
        List<String> targeted = new ArrayList<>(lower(names(table, "targeted", Headers::isToken, "a field's name")));
        targeted.addAll(CacheRules.DEFAULT.targeted());
        return new CacheRules(
                key,
                lifetimes(table, place),
                List.copyOf(targeted),
                names(table, "languages", LANGUAGE.asMatchPredicate(), "a language such as \"en\" or \"pt-BR\"")
                        .orElse(List.of()));
    }

    /** The field that is in the key where what a rule has found out is; without the rule clients would say it. */
    private Optional<String> found(TomlTable table, String key, String field, String rule, RouteRules ruled) {
        if (!yes(table, key)) {
            return Optional.empty();
        }
        boolean known = ruled.all().stream()
                .anyMatch(r -> key.equals("device")
                        ? r instanceof Rule.Device
                        : r instanceof Rule.Geo geo && geo.database().isPresent());
        if (!known) {
            mistakes.add(
                    reader.position(table, key).orElseThrow(),
                    NAME + "." + key + ": the route does not find it out; give it " + rule);
        }
        return Optional.of(field);
    }

    private List<CacheRules.Lifetime> lifetimes(TomlTable table, Place place) {
        List<CacheRules.Lifetime> lifetimes = new ArrayList<>();
        Object ttl = table.get(List.of("ttl"));
        if (ttl instanceof TomlArray array && TomlReader.holds(array, TomlTable.class)) {
            for (int i = 0; i < array.size(); i++) {
                TomlTable one = array.getTable(i);
                reader.checkKeys(one, TTL, TTL_KEYS);
                List<CacheRules.Statuses> statuses = new ArrayList<>();
                texts(one, TTL, "status", s -> STATUS.matcher(s).matches(), "\"404\", \"300-399\" or \"5xx\"")
                        .orElse(List.of())
                        .forEach(text -> statuses.add(status(text)));
                List<String> types = texts(
                                one, TTL, "type", s -> TYPE.matcher(s).matches(), "a media type such as \"image/*\"")
                        .orElse(List.of());
                lifetimes.add(lifetime(one, TTL, List.copyOf(statuses), types));
            }
        } else if (ttl != null) {
            mistakes.add(
                    reader.position(table, "ttl").orElse(place),
                    TTL + " must be begun with [[" + TTL + "]], once for each, or be a list of tables");
        }
        OptionalLong negative = seconds(table, NAME, "negative");
        if (negative.isPresent()) {
            lifetimes.add(new CacheRules.Lifetime(
                    NEGATIVE,
                    List.of(),
                    OptionalLong.empty(),
                    negative,
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty()));
        }
        lifetimes.add(lifetime(table, NAME, SUCCESSFUL, List.of()));
        return List.copyOf(lifetimes);
    }

    private CacheRules.Lifetime lifetime(
            TomlTable table, String parent, List<CacheRules.Statuses> statuses, List<String> types) {
        return new CacheRules.Lifetime(
                statuses,
                types,
                seconds(table, parent, "edge"),
                seconds(table, parent, "default"),
                seconds(table, parent, "browser"),
                seconds(table, parent, "stale_while_revalidate"),
                seconds(table, parent, "stale_if_error"));
    }

    private OptionalLong seconds(TomlTable table, String parent, String key) {
        Object value = table.get(List.of(key));
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            if (value instanceof String text) {
                return OptionalLong.of(Quantity.duration(text).toSeconds());
            }
        } catch (IllegalArgumentException e) {
            mistakes.add(reader.position(table, key).orElseThrow(), parent + "." + key + ": " + e.getMessage());
            return OptionalLong.empty();
        }
        mistakes.add(
                reader.position(table, key).orElseThrow(),
                parent + "." + key + " must be a duration in quotes: " + key + " = \"10m\"");
        return OptionalLong.empty();
    }

    private boolean yes(TomlTable table, String key) {
        Object value = table.get(List.of(key));
        if (value != null && !(value instanceof Boolean)) {
            mistakes.add(reader.position(table, key).orElseThrow(), NAME + "." + key + " must be true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    private Optional<List<String>> names(TomlTable table, String key, Predicate<String> valid, String what) {
        return texts(table, NAME, key, valid, what);
    }

    private Optional<List<String>> texts(
            TomlTable table, String parent, String key, Predicate<String> valid, String what) {
        Object value = table.get(List.of(key));
        if (value == null) {
            return Optional.empty();
        }
        Place at = reader.position(table, key).orElseThrow();
        if (!(value instanceof TomlArray array) || !TomlReader.holds(array, String.class)) {
            mistakes.add(at, parent + "." + key + " must be a list of texts in quotes, each " + what);
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String text = array.getString(i);
            if (valid.test(text)) {
                texts.add(text);
            } else {
                mistakes.add(at, parent + "." + key + ": \"" + text + "\" is not " + what);
            }
        }
        return Optional.of(List.copyOf(texts));
    }

    private static List<String> lower(Optional<List<String>> names) {
        return names.orElse(List.of()).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
    }

    private static CacheRules.Statuses status(String text) {
        Matcher matcher = STATUS.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        if (matcher.group(1) != null) {
            int first = 100 * Integer.parseInt(matcher.group(1));
            return new CacheRules.Statuses(first, first + 99);
        }
        int from = Integer.parseInt(matcher.group(2));
        return new CacheRules.Statuses(from, matcher.group(3) == null ? from : Integer.parseInt(matcher.group(3)));
    }

    private static List<CacheRules.Statuses> statuses(int... all) {
        return java.util.Arrays.stream(all)
                .mapToObj(status -> new CacheRules.Statuses(status, status))
                .toList();
    }

    private static List<String> with(List<String> first, String... more) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }
}
