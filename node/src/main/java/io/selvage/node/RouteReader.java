package io.selvage.node;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads the routes of a manifest: which requests go to which function or origin, and by which rules. */
final class RouteReader {
    private static final String ROUTE = "route";
    private static final String FUNCTION = "function";
    private static final String ORIGIN = "origin";
    private static final List<String> KEYS =
            List.of("path", FUNCTION, ORIGIN, "cache", "compress", EsiReader.KEY, ShadowReader.KEY);

    private final TomlReader reader;
    private final Mistakes mistakes;
    private final RuleReader rules;
    private RouteRules defaults = RouteRules.NONE;

    RouteReader(TomlReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
        this.rules = new RuleReader(reader, mistakes);
    }

    /** The functions that routes name, whether there are such functions or not. */
    Set<String> functions(TomlTable top) {
        Set<String> functions = new HashSet<>();
        for (TomlTable table : reader.tables(top, ROUTE)) {
            if (table.get(List.of(FUNCTION)) instanceof String name) {
                functions.add(name);
            }
            if (table.get(List.of(ShadowReader.KEY, FUNCTION)) instanceof String name) {
                functions.add(name);
            }
        }
        return functions;
    }

    /** The rules that hold for every route which does not have its own; after {@link #read}. */
    RouteRules defaults() {
        return defaults;
    }

    List<Manifest.RouteEntry> read(TomlTable top, Map<String, OriginDefinition> origins, Set<String> functions) {
        List<Manifest.RouteEntry> routes = new ArrayList<>();
        int known = mistakes.count();
        defaults = rules.defaults(top);
        mistakes.blame(defaults, known);
        List<String> keys = new ArrayList<>(KEYS);
        keys.addAll(RuleReader.KEYS);
        for (TomlTable table : reader.tables(top, ROUTE)) {
            int before = mistakes.count();
            reader.checkKeys(table, ROUTE, keys);
            route(table, reader.start(table), origins, functions).ifPresent(route -> {
                mistakes.blame(route, before);
                routes.add(route);
            });
        }
        boolean leadsToOrigin = routes.stream().anyMatch(r -> r.origin().isPresent());
        if (!leadsToOrigin && top.contains(List.of(ORIGIN)) && !origins.isEmpty()) {
            mistakes.add(
                    reader.position(top, ORIGIN).orElse(reader.place(null)),
                    "no [[route]] leads to an origin; add one with path = \"/...\" and origin = \""
                            + origins.keySet().iterator().next() + "\"");
        }
        return List.copyOf(routes);
    }

    private Optional<Manifest.RouteEntry> route(
            TomlTable table, Place place, Map<String, OriginDefinition> origins, Set<String> functions) {
        Optional<Route> route = path(table, place);
        Optional<String> function = named(table, FUNCTION, place, functions);
        Optional<String> originName = named(table, ORIGIN, place, origins.keySet());
        RouteRules ruled = rules.read(table, ROUTE, defaults);
        Optional<ShadowRule> shadow = new ShadowReader(reader, mistakes).read(table, origins.keySet(), functions);
        Optional<CacheRules> cache = new CacheReader(reader, mistakes).read(table, place, ruled);
        if (function.isPresent() && originName.isPresent()) {
            mistakes.add(
                    reader.position(table, ORIGIN).orElse(place),
                    "route.origin: the route names a function too; a route leads to one of them");
        }
        boolean leads = table.contains(List.of(FUNCTION)) || table.contains(List.of(ORIGIN));
        Optional<Rule> answer = ruled.all().stream()
                .filter(r -> r instanceof Rule.Redirect || r instanceof Rule.Answer)
                .findFirst();
        if (leads) {
            answer.filter(r -> !(r instanceof Rule.Redirect redirect && redirect.insecure()))
                    .filter(r -> table.contains(List.of(r.key())))
                    .ifPresent(r ->
                            mistakes.add(reader.position(table, r.key()).orElse(place), unreachable(table, r.key())));
        } else if (answer.isEmpty()) {
            mistakes.add(
                    place,
                    "the route leads nowhere; name a function (function = \"cart\") or an origin (origin = \"site\"), or "
                            + "let it answer with redirect or answer");
        }
        return route.map(r -> new Manifest.RouteEntry(
                r,
                function,
                originName.map(o -> origin(origins, o)),
                cache,
                new Delivery(codings(table, place), new EsiReader(reader, mistakes).read(table, place)),
                ruled,
                shadow,
                place));
    }

    private static String unreachable(TomlTable table, String key) {
        String other = table.contains(List.of(FUNCTION)) ? FUNCTION : ORIGIN;
        return "route." + key + ": it answers every request of the route, so that none comes to its " + other
                + "; leave one of the two out"
                + (key.equals("redirect")
                        ? ", or redirect only requests without TLS: redirect = { to = \"...\", insecure = true }"
                        : "");
    }

    private static OriginDefinition origin(Map<String, OriginDefinition> origins, String name) {
        return Optional.ofNullable(origins.get(name)).orElseThrow();
    }

    private Optional<Route> path(TomlTable table, Place place) {
        if (!table.contains(List.of("path"))) {
            mistakes.add(place, "route.path is missing; say which requests it gets: path = \"/...\"");
        }
        try {
            return reader.string(table, "path", ROUTE).map(Route::parse);
        } catch (IllegalArgumentException e) {
            mistakes.add(reader.position(table, "path").orElse(place), "route.path: " + e.getMessage());
            return Optional.empty();
        }
    }

    private List<String> codings(TomlTable table, Place place) {
        Object compress = table.get(List.of("compress"));
        if (Boolean.TRUE.equals(compress)) {
            return Delivery.CODINGS;
        }
        if (compress instanceof TomlArray array
                && Delivery.CODINGS.containsAll(array.toList())
                && TomlReader.holds(array, String.class)) {
            return array.toList().stream().map(String.class::cast).toList();
        }
        if (compress != null && !Boolean.FALSE.equals(compress)) {
            mistakes.add(
                    reader.position(table, "compress").orElse(place),
                    "route.compress must be true or false, or a list of \"zstd\", \"br\" and \"gzip\", the best first");
        }
        return List.of();
    }

    /** The name of a function or an origin, if there is one of this name. */
    private Optional<String> named(TomlTable table, String key, Place place, Set<String> known) {
        Optional<String> name = reader.string(table, key, ROUTE);
        name.filter(n -> !known.contains(n))
                .ifPresent(n -> mistakes.add(
                        reader.position(table, key).orElse(place),
                        "route." + key + ": there is no " + key + " \"" + n + "\"; "
                                + (known.isEmpty() ? "begin one with [[" + key + "]]" : Nearest.advice(n, known))
                                + (key.equals(ORIGIN)
                                        ? "; or add it to the running node: selvage origin set " + n + " FILE"
                                        : "")));
        return name.filter(known::contains);
    }
}
