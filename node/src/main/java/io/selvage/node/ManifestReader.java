package io.selvage.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/** Reads manifests, and says everything that is wrong with one at once. */
final class ManifestReader {
    private static final List<String> TOP_KEYS =
            List.of("name", "variables", "function", "origin", "route", "listener", "rules");
    static final String VARIABLES = "variables";
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Manifest.Known known;
    private final Mistakes mistakes = new Mistakes();

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
        TomlReader reader =
                new TomlReader(toml, Optional.ofNullable(toml.getParent()).orElse(Path.of("")), mistakes);
        TomlParseResult result;
        try {
            result = Toml.parse(Files.readString(toml));
        } catch (IOException _) {
            throw new ConfigurationException(
                    toml + ": the manifest cannot be read: it must be UTF-8 text, and " + "readable for this user");
        }
        checkSyntax(result, reader);
        reader.checkKeys(result, "", TOP_KEYS);
        String app = reader.name(result, "name", "", null).orElse("app");
        Map<String, String> variables = reader.strings(
                result, VARIABLES, VARIABLES, VARIABLE, "a variable's name is letters, digits and \"_\"");
        Map<String, OriginDefinition> origins =
                new OriginReader(reader, mistakes).read(result, known.origins().keySet());
        Map<String, OriginDefinition> routable = new LinkedHashMap<>(known.origins());
        routable.putAll(origins);
        RouteReader routeReader = new RouteReader(reader, mistakes);
        boolean gatewayOnly = !result.contains(List.of("function"))
                && (result.contains(List.of("origin")) || result.contains(List.of("route")));
        List<Manifest.PlacedListener> listeners = new ListenerReader(reader, mistakes).read(result);
        List<Manifest.Entry> functions = gatewayOnly
                ? List.of()
                : new FunctionReader(reader, mistakes, known, app, variables, routeReader.functions(result))
                        .read(result);
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

    private void checkSyntax(TomlParseResult result, TomlReader reader) {
        result.errors()
                .forEach(error -> mistakes.add(reader.place(error.position()), String.valueOf(error.getMessage())));
        mistakes.throwIfAny();
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
        TomlReader reader = new TomlReader(source, inside, mistakes);
        TomlParseResult result = Toml.parse(toml);
        checkSyntax(result, reader);
        if (!TomlReader.NAME.matcher(name).matches()) {
            mistakes.add(reader.place(null), "origin.name: \"" + name + "\" is not a name; " + TomlReader.NAME_RULE);
        }
        OriginDefinition origin = new OriginReader(reader, mistakes).readOne(result, name);
        mistakes.throwIfAny();
        return origin;
    }
}
