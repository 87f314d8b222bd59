package io.selvage.node;

import io.selvage.wasm.CompileLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads the {@code [[function]]} tables of a manifest. */
final class FunctionReader {
    private static final List<String> KEYS =
            List.of("name", "source", "world", "routes", "environment", "limits", "grants");
    private static final List<String> LIMIT_KEYS =
            List.of("memory", "cpu", "wall", "body", "concurrency", "queue", "code", "compile");
    private static final String LIMITS = "function.limits";
    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_]*)\\s*}}");

    private final TomlReader reader;
    private final Mistakes mistakes;
    private final Manifest.Known known;
    private final String app;
    private final Map<String, String> variables;
    private final Set<String> routed;

    /**
     * Reads those of one app.
     *
     * @param variables the app's, by name
     * @param routed the functions to which a {@code [[route]]} leads
     */
    FunctionReader(
            TomlReader reader,
            Mistakes mistakes,
            Manifest.Known known,
            String app,
            Map<String, String> variables,
            Set<String> routed) {
        this.reader = reader;
        this.mistakes = mistakes;
        this.known = known;
        this.app = app;
        this.variables = variables;
        this.routed = routed;
    }

    /** All functions of an app. */
    List<Manifest.Entry> read(TomlTable top) {
        List<Manifest.Entry> entries = new ArrayList<>();
        if (!(top.get(List.of("function")) instanceof TomlArray array)
                || array.isEmpty()
                || !TomlReader.holds(array, TomlTable.class)) {
            mistakes.add(
                    reader.position(top, "function").orElse(reader.place(null)),
                    "there is no function; begin one with [[function]] and give it a name, a source and routes, or name an "
                            + "[[origin]] and a [[route]] to it");
            return entries;
        }
        Map<String, Place> names = new LinkedHashMap<>();
        for (int i = 0; i < array.size(); i++) {
            TomlTable table = array.getTable(i);
            Place place = reader.place(array.inputPositionOf(i));
            int before = mistakes.count();
            reader.checkKeys(table, "function", KEYS);
            Optional<String> name = reader.name(table, "name", "function", place);
            name.ifPresent(n -> {
                Place other = names.putIfAbsent(n, place);
                if (other != null) {
                    mistakes.add(
                            reader.position(table, "name").orElse(place),
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
        List<String> granted = grants.getOrDefault(ManifestReader.VARIABLES, List.of());
        Map<String, String> environment = environment(table, granted);
        Map<String, String> visible = new LinkedHashMap<>(variables);
        visible.keySet().retainAll(granted);
        FunctionDefinition definition = new FunctionDefinition(app, name, environment, visible, limits(table), grants);
        Optional<String> world = reader.string(table, "world", "function");
        world.filter(w -> !known.worlds().contains(w))
                .ifPresent(w -> mistakes.add(
                        reader.position(table, "world").orElse(place),
                        "function.world: there is no world \"" + w + "\"; " + Nearest.advice(w, known.worlds())));
        return new Manifest.Entry(
                definition,
                source(table, place),
                world,
                routes(table, place, name, only),
                place,
                reader.position(table, "source").orElse(place));
    }

    private Path source(TomlTable table, Place place) {
        Place at = reader.position(table, "source").orElse(place);
        Optional<String> source = reader.string(table, "source", "function");
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
        Path path = reader.resolve(text);
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
        Place at = reader.position(table, "routes").orElse(place);
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
        if (!(value instanceof TomlArray array) || array.isEmpty() || !TomlReader.holds(array, String.class)) {
            mistakes.add(at, "function.routes must be a list of texts, not empty: routes = [\"GET /cart/:id\"]");
            return routes;
        }
        for (int i = 0; i < array.size(); i++) {
            Place where = reader.place(array.inputPositionOf(i));
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
        reader.strings(table, "environment", "function.environment", names, "a name holds no \"=\"")
                .forEach((key, value) -> {
                    Matcher matcher = TEMPLATE.matcher(value);
                    environment.put(key, matcher.replaceAll(match -> {
                        String variable = match.group(1);
                        if (!variables.containsKey(variable) || !granted.contains(variable)) {
                            TomlTable inner = table.getTable(List.of("environment"));
                            mistakes.add(
                                    reader.position(inner == null ? table : inner, key)
                                            .orElse(reader.place(null)),
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
        Optional<TomlTable> found = reader.table(table, "limits", LIMITS);
        if (found.isEmpty()) {
            return defaults;
        }
        TomlTable limits = found.get();
        reader.checkKeys(limits, LIMITS, LIMIT_KEYS);
        return new FunctionLimits(
                reader.size(limits, LIMITS, "memory", defaults.memory(), 64 << 10, (2L << 30) - (64 << 10)),
                reader.duration(limits, LIMITS, "cpu", defaults.cpu()),
                reader.duration(limits, LIMITS, "wall", defaults.wall()),
                reader.size(limits, LIMITS, "body", defaults.body(), 0, 1L << 50),
                reader.integer(limits, LIMITS, "concurrency", defaults.concurrency(), 1),
                reader.integer(limits, LIMITS, "queue", defaults.queue(), 0),
                new CompileLimits(
                        reader.size(limits, LIMITS, "code", defaults.compile().codeBytes(), 64 << 10, 1L << 40),
                        reader.duration(
                                limits, LIMITS, "compile", defaults.compile().time())));
    }

    private Map<String, List<String>> grants(TomlTable table) {
        Optional<TomlTable> found = reader.table(table, "grants", "function.grants");
        Map<String, List<String>> grants = new LinkedHashMap<>();
        found.ifPresent(inner -> {
            List<String> services = new ArrayList<>(known.services());
            if (!services.contains(ManifestReader.VARIABLES)) {
                services.add(ManifestReader.VARIABLES);
            }
            reader.checkKeys(inner, "function.grants", services);
            for (String service : inner.keySet()) {
                grants.put(service, resources(inner, service));
            }
        });
        return Map.copyOf(grants);
    }

    private List<String> resources(TomlTable grants, String service) {
        Place at = reader.position(grants, service).orElse(reader.place(null));
        if (!(grants.get(List.of(service)) instanceof TomlArray array) || !TomlReader.holds(array, String.class)) {
            mistakes.add(
                    at, "function.grants." + service + " must be a list of names: " + service + " = [\"default\"]");
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String name = array.getString(i);
            names.add(name);
            if (service.equals(ManifestReader.VARIABLES) && !variables.containsKey(name)) {
                mistakes.add(
                        reader.place(array.inputPositionOf(i)),
                        "function.grants.variables: there is no variable \"" + name + "\"; "
                                + (variables.isEmpty()
                                        ? "give it a value under [variables]"
                                        : Nearest.advice(name, variables.keySet())));
            }
        }
        return List.copyOf(names);
    }
}
