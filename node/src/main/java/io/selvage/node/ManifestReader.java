package io.selvage.node;

import io.selvage.wasm.CompileLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads manifests, and says everything that is wrong with one at once. */
final class ManifestReader {
    private static final List<String> TOP_KEYS =
            List.of("name", "variables", "function", "origin", "route", "listener", "rules");
    private static final List<String> FUNCTION_KEYS =
            List.of("name", "source", "world", "routes", "environment", "limits", "grants");
    private static final List<String> LIMIT_KEYS =
            List.of("memory", "cpu", "wall", "body", "concurrency", "queue", "code", "compile");
    private static final String LIMITS = "function.limits";
    private static final String VARIABLES = "variables";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_]*)\\s*}}");
    private static final String NAME_RULE =
            "a name is 1 to 63 small letters, digits, \"-\", \"_\" or \".\", and begins and ends with a letter or digit";

    private final Manifest.Known known;
    private final Mistakes mistakes = new Mistakes();
    private Path file = Path.of(Manifest.FILE_NAME);
    private Path folder = Path.of("");
    private String app = "";
    private Map<String, String> variables = Map.of();
    private Set<String> routed = Set.of();

    ManifestReader(Manifest.Known known) {
        this.known = known;
    }

    /**
     * What could be read of a manifest.
     *
     * @param manifest the parts of it that have no mistakes
     * @param mistakes what is wrong with the others, one a line; empty if the manifest is whole
     */
    record Draft(Manifest manifest, String mistakes) {
        /** The manifest, if it is whole. */
        Manifest whole() {
            if (!mistakes.isEmpty()) {
                throw new ConfigurationException(mistakes);
            }
            return manifest;
        }
    }

    Draft read(Path path) {
        if (Files.isDirectory(path)) {
            Path inside = path.resolve(Manifest.FILE_NAME);
            if (!Files.exists(inside)) {
                throw new ConfigurationException(path + ": there is no " + Manifest.FILE_NAME
                        + " in this folder; name a .wasm file, or a folder with a manifest");
            }
            return readToml(inside);
        }
        if (!Files.exists(path)) {
            throw new ConfigurationException(
                    path + ": there is no such file; name a .wasm file, a " + Manifest.FILE_NAME + " or its folder");
        }
        return path.toString().endsWith(".toml") ? readToml(path) : new Draft(single(path), "");
    }

    private static Manifest single(Path module) {
        String name = String.valueOf(module.getFileName())
                .replaceFirst("\\.[^.]*$", "")
                .toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9._-]", "-")
                .replaceAll("^[._-]+|[._-]+$", "");
        name = name.isEmpty() ? "app" : name.substring(0, Math.min(63, name.length()));
        Place place = new Place(module, 0, 0);
        FunctionDefinition definition =
                new FunctionDefinition(name, name, Map.of(), Map.of(), FunctionLimits.DEFAULT, Map.of());
        return new Manifest(
                name,
                module,
                Map.of(),
                Map.of(),
                List.of(new Manifest.Entry(
                        definition,
                        module,
                        Optional.empty(),
                        List.of(new Manifest.PlacedRoute(Route.parse("/..."), place)),
                        place,
                        place)),
                List.of(),
                List.of(),
                RouteRules.NONE);
    }

    private Draft readToml(Path toml) {
        file = toml;
        folder = Optional.ofNullable(toml.getParent()).orElse(folder);
        TomlParseResult result;
        try {
            result = Toml.parse(Files.readString(toml));
        } catch (IOException _) {
            throw new ConfigurationException(
                    toml + ": the manifest cannot be read: it must be UTF-8 text, and " + "readable for this user");
        }
        result.errors().forEach(error -> mistakes.add(place(error.position()), String.valueOf(error.getMessage())));
        mistakes.throwIfAny();
        checkKeys(result, "", TOP_KEYS);
        app = name(result, "name", "", null).orElse("app");
        variables = strings(result, VARIABLES, VARIABLES, VARIABLE, "a variable's name is letters, digits and \"_\"");
        Map<String, OriginDefinition> origins =
                new OriginReader(this, mistakes).read(result, known.origins().keySet());
        Map<String, OriginDefinition> routable = new LinkedHashMap<>(known.origins());
        routable.putAll(origins);
        RouteReader routeReader = new RouteReader(this, mistakes);
        routed = routeReader.functions(result);
        boolean gatewayOnly = !result.contains(List.of("function"))
                && (result.contains(List.of("origin")) || result.contains(List.of("route")));
        List<Manifest.PlacedListener> listeners = new ListenerReader(this, mistakes).read(result);
        List<Manifest.Entry> functions = gatewayOnly ? List.of() : functions(result);
        Set<String> names =
                functions.stream().map(f -> f.definition().name()).collect(Collectors.toCollection(LinkedHashSet::new));
        List<Manifest.RouteEntry> routes = routeReader.read(result, routable, names);
        checkConflicts(functions, routes);
        boolean rulesAreSound = !mistakes.sound(List.of(routeReader.defaults())).isEmpty();
        Manifest manifest = new Manifest(
                app,
                toml,
                variables,
                Map.copyOf(origins),
                mistakes.sound(functions),
                rulesAreSound ? mistakes.sound(routes) : List.of(),
                mistakes.sound(listeners),
                rulesAreSound ? routeReader.defaults() : RouteRules.NONE);
        return new Draft(manifest, mistakes.lines());
    }

    private void checkConflicts(List<Manifest.Entry> functions, List<Manifest.RouteEntry> routes) {
        Router.Builder<Boolean> router = Router.builder();
        functions.forEach(entry -> entry.routes()
                .forEach(r -> router.add(
                        r.route(), true, r.place(), entry.definition().name())));
        routes.forEach(entry -> router.add(entry.route(), true, entry.place(), entry.destination()));
        router.conflicts().forEach(conflict -> mistakes.add(conflict.place(), conflict.message()));
    }

    /**
     * Reads the inside of an origin's table, which stands for itself.
     *
     * @param source what mistakes say that it stands in
     * @param inside the folder to which files in it are relative
     */
    OriginDefinition readOrigin(Path source, Path inside, String name, String toml) {
        file = source;
        folder = inside;
        TomlParseResult result = Toml.parse(toml);
        result.errors().forEach(error -> mistakes.add(place(error.position()), String.valueOf(error.getMessage())));
        mistakes.throwIfAny();
        if (!NAME.matcher(name).matches()) {
            mistakes.add(place(null), "origin.name: \"" + name + "\" is not a name; " + NAME_RULE);
        }
        OriginDefinition origin = new OriginReader(this, mistakes).readOne(result, name);
        mistakes.throwIfAny();
        return origin;
    }

    private List<Manifest.Entry> functions(TomlTable top) {
        List<Manifest.Entry> entries = new ArrayList<>();
        if (!(top.get(List.of("function")) instanceof TomlArray array)
                || array.isEmpty()
                || !holds(array, TomlTable.class)) {
            mistakes.add(
                    position(top, "function").orElse(new Place(file, 0, 0)),
                    "there is no function; begin one with [[function]] and give it a name, a source and routes, or name an "
                            + "[[origin]] and a [[route]] to it");
            return entries;
        }
        Map<String, Place> names = new LinkedHashMap<>();
        for (int i = 0; i < array.size(); i++) {
            TomlTable table = array.getTable(i);
            Place place = place(array.inputPositionOf(i));
            int before = mistakes.count();
            checkKeys(table, "function", FUNCTION_KEYS);
            Optional<String> name = name(table, "name", "function", place);
            name.ifPresent(n -> {
                Place other = names.putIfAbsent(n, place);
                if (other != null) {
                    mistakes.add(
                            position(table, "name").orElse(place),
                            "function.name: \"" + n + "\" is the name of the function at " + other
                                    + " too; names are unique within an app");
                }
            });
            Manifest.Entry entry = function(table, name.orElse("?"), place, array.size() == 1);
            mistakes.blame(entry, before);
            entries.add(entry);
        }
        return entries;
    }

    private Manifest.Entry function(TomlTable table, String name, Place place, boolean only) {
        Map<String, List<String>> grants = grants(table);
        List<String> granted = grants.getOrDefault(VARIABLES, List.of());
        Map<String, String> environment = environment(table, granted);
        Map<String, String> visible = new LinkedHashMap<>(variables);
        visible.keySet().retainAll(granted);
        FunctionDefinition definition = new FunctionDefinition(app, name, environment, visible, limits(table), grants);
        Optional<String> world = string(table, "world", "function");
        world.filter(w -> !known.worlds().contains(w))
                .ifPresent(w -> mistakes.add(
                        position(table, "world").orElse(place),
                        "function.world: there is no world \"" + w + "\"; " + Nearest.advice(w, known.worlds())));
        return new Manifest.Entry(
                definition,
                source(table, place),
                world,
                routes(table, place, name, only),
                place,
                position(table, "source").orElse(place));
    }

    private Path source(TomlTable table, Place place) {
        Place at = position(table, "source").orElse(place);
        Optional<String> source = string(table, "source", "function");
        if (source.isEmpty()) {
            if (!table.contains(List.of("source"))) {
                mistakes.add(place, "function.source is missing; name the module's file: source = \"app.wasm\"");
            }
            return Path.of("");
        }
        String text = source.get();
        if (text.matches("[a-z][a-z0-9+.-]*:.*")) {
            mistakes.add(
                    at,
                    "function.source: \"" + text + "\" is not a file; modules from https and OCI registries "
                            + "are not supported yet: download the module and name its file");
            return Path.of("");
        }
        Path path = resolve(text);
        if (!Files.isRegularFile(path)) {
            mistakes.add(
                    at,
                    "function.source: there is no file " + path
                            + "; the path is relative to the manifest. If it is yet to be built, build it first");
        }
        return path;
    }

    private List<Manifest.PlacedRoute> routes(TomlTable table, Place place, String name, boolean only) {
        List<Manifest.PlacedRoute> routes = new ArrayList<>();
        Place at = position(table, "routes").orElse(place);
        Object value = table.get(List.of("routes"));
        if (value == null && routed.contains(name)) {
            return routes;
        }
        if (value == null) {
            if (!only) {
                mistakes.add(
                        place,
                        "function.routes is missing; say which requests the function gets: "
                                + "routes = [\"GET /cart/:id\"], or name the function in a [[route]]");
                return routes;
            }
            routes.add(new Manifest.PlacedRoute(Route.parse("/..."), place));
            return routes;
        }
        if (!(value instanceof TomlArray array) || array.isEmpty() || !holds(array, String.class)) {
            mistakes.add(at, "function.routes must be a list of texts, not empty: routes = [\"GET /cart/:id\"]");
            return routes;
        }
        for (int i = 0; i < array.size(); i++) {
            Place where = place(array.inputPositionOf(i));
            try {
                routes.add(new Manifest.PlacedRoute(Route.parse(array.getString(i)), where));
            } catch (IllegalArgumentException e) {
                mistakes.add(where, "function.routes: " + e.getMessage());
            }
        }
        return routes;
    }

    /** The environment with {@code {{ variable }}} filled in; only granted variables may be used. */
    private Map<String, String> environment(TomlTable table, List<String> granted) {
        Pattern names = Pattern.compile("[^=\\x00]+");
        Map<String, String> environment = new LinkedHashMap<>();
        strings(table, "environment", "function.environment", names, "a name holds no \"=\"")
                .forEach((key, value) -> {
                    Matcher matcher = TEMPLATE.matcher(value);
                    environment.put(key, matcher.replaceAll(match -> {
                        String variable = match.group(1);
                        if (!variables.containsKey(variable) || !granted.contains(variable)) {
                            TomlTable inner = table.getTable(List.of("environment"));
                            mistakes.add(
                                    position(inner == null ? table : inner, key).orElse(new Place(file, 0, 0)),
                                    "function.environment." + key + ": "
                                            + (variables.containsKey(variable)
                                                    ? "the function has no grant for the variable \"" + variable
                                                            + "\"; add it to grants.variables"
                                                    : "there is no variable \"" + variable + "\"; "
                                                            + Nearest.advice(variable, variables.keySet())));
                        }
                        return Matcher.quoteReplacement(variables.getOrDefault(variable, ""));
                    }));
                });
        return Map.copyOf(environment);
    }

    private FunctionLimits limits(TomlTable table) {
        FunctionLimits defaults = FunctionLimits.DEFAULT;
        Optional<TomlTable> found = table(table, "limits", LIMITS);
        if (found.isEmpty()) {
            return defaults;
        }
        TomlTable limits = found.get();
        checkKeys(limits, LIMITS, LIMIT_KEYS);
        return new FunctionLimits(
                size(limits, LIMITS, "memory", defaults.memory(), 64 << 10, (2L << 30) - (64 << 10)),
                duration(limits, LIMITS, "cpu", defaults.cpu()),
                duration(limits, LIMITS, "wall", defaults.wall()),
                size(limits, LIMITS, "body", defaults.body(), 0, 1L << 50),
                integer(limits, LIMITS, "concurrency", defaults.concurrency(), 1),
                integer(limits, LIMITS, "queue", defaults.queue(), 0),
                new CompileLimits(
                        size(limits, LIMITS, "code", defaults.compile().codeBytes(), 64 << 10, 1L << 40),
                        duration(limits, LIMITS, "compile", defaults.compile().time())));
    }

    private Map<String, List<String>> grants(TomlTable table) {
        Optional<TomlTable> found = table(table, "grants", "function.grants");
        Map<String, List<String>> grants = new LinkedHashMap<>();
        found.ifPresent(inner -> {
            List<String> services = new ArrayList<>(known.services());
            if (!services.contains(VARIABLES)) {
                services.add(VARIABLES);
            }
            checkKeys(inner, "function.grants", services);
            for (String service : inner.keySet()) {
                grants.put(service, resources(inner, service));
            }
        });
        return Map.copyOf(grants);
    }

    private List<String> resources(TomlTable grants, String service) {
        Place at = position(grants, service).orElse(new Place(file, 0, 0));
        if (!(grants.get(List.of(service)) instanceof TomlArray array) || !holds(array, String.class)) {
            mistakes.add(
                    at, "function.grants." + service + " must be a list of names: " + service + " = [\"default\"]");
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String name = array.getString(i);
            names.add(name);
            if (service.equals(VARIABLES) && !variables.containsKey(name)) {
                mistakes.add(
                        place(array.inputPositionOf(i)),
                        "function.grants.variables: there is no variable \"" + name + "\"; "
                                + (variables.isEmpty()
                                        ? "give it a value under [variables]"
                                        : Nearest.advice(name, variables.keySet())));
            }
        }
        return List.copyOf(names);
    }

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

    private Map<String, String> strings(TomlTable parent, String key, String name, Pattern names, String rule) {
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
