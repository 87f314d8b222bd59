package io.selvage.node;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a person says of an app: {@code selvage.toml}, or a single module. Immutable.
 *
 * @param name the app's name
 * @param file the manifest, or the module if there is no manifest
 * @param variables values that functions with a grant may use
 * @param origins by their names
 * @param functions at least one, unless there are routes to origins
 * @param routes which requests go where, beside the functions' own routes
 * @param listeners where the app is served; empty if the settings say that
 * @param defaults the rules of the functions' own routes, and of every route that does not have its own
 */
public record Manifest(
        String name,
        Path file,
        Map<String, String> variables,
        Map<String, OriginDefinition> origins,
        List<Entry> functions,
        List<RouteEntry> routes,
        List<PlacedListener> listeners,
        RouteRules defaults) {
    /** The name of the file in an app's folder. */
    public static final String FILE_NAME = "selvage.toml";

    /**
     * One function.
     *
     * @param definition what it is and may
     * @param source the module's file
     * @param world the world's name, if it is not to be recognised from the module
     * @param routes which requests it gets, with the place of each
     * @param place where it stands
     * @param sourcePlace where its source is named
     */
    public record Entry(
            FunctionDefinition definition,
            Path source,
            Optional<String> world,
            List<PlacedRoute> routes,
            Place place,
            Place sourcePlace) {}

    /** A route and where it was written. */
    public record PlacedRoute(Route route, Place place) {}

    /** A listener and where its address was written. */
    public record PlacedListener(ListenerDefinition listener, Place place) {}

    /**
     * A {@code [[route]]}; without a function and an origin, its rules answer.
     *
     * @param route which requests it gets
     * @param function the name of the function that it leads to
     * @param origin the origin that it leads to
     * @param cache how responses are stored and reused; nothing if they are not
     * @param delivery what becomes of responses on their way to clients
     * @param rules what is done before and after
     * @param shadow where a share of its requests is also sent
     * @param place where it stands
     */
    public record RouteEntry(
            Route route,
            Optional<String> function,
            Optional<OriginDefinition> origin,
            Optional<CacheRules> cache,
            Delivery delivery,
            RouteRules rules,
            Optional<ShadowRule> shadow,
            Place place) {
        /** The name of what it leads to, as a person knows it. */
        public String destination() {
            return function.or(() -> origin.map(OriginDefinition::name)).orElse("its rules");
        }
    }

    /**
     * What a node has, for checking what a manifest asks for.
     *
     * @param worlds the names of the worlds
     * @param services the names that grants can use
     * @param origins the origins that were added while the node ran
     */
    public record Known(Collection<String> worlds, Collection<String> services, Map<String, OriginDefinition> origins) {
        /** A node without origins of its own. */
        public Known(Collection<String> worlds, Collection<String> services) {
            this(worlds, services, Map.of());
        }
    }

    /**
     * Reads an app: a folder with a {@code selvage.toml}, such a file, or a {@code .wasm} file, whose app and function
     * have the file's name, the default limits and the route {@code /...}.
     *
     * @throws ConfigurationException with every mistake at once, one a line, each with its place
     */
    public static Manifest read(Path path, Known known) {
        return new ManifestReader(known).read(path).whole();
    }

    /** Every file that the app is made of. */
    public List<Path> files() {
        Stream<Rule> rules =
                Stream.concat(routes.stream().flatMap(r -> r.rules().all().stream()), defaults.all().stream());
        return Stream.of(
                        Stream.of(file),
                        functions.stream().map(Entry::source),
                        listeners.stream()
                                .flatMap(l -> l.listener().tls().stream())
                                .flatMap(tls -> tls.files().stream()),
                        origins.values().stream().flatMap(o -> o.tls().files().stream()),
                        rules.flatMap(r -> r.files().stream()))
                .flatMap(files -> files)
                .distinct()
                .toList();
    }
}
