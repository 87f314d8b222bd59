package io.selvage.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the most specific of the routes that match a request, at a cost that does not grow with how many there are.
 * Immutable and thread-safe.
 *
 * <p>A route matches when its host, its path and its method do. Of those that match, the one with the more specific
 * host wins: the host itself, then {@code *.} and the longest name, then any. Then the more specific path, segment by
 * segment from the left: a literal before a {@code :param}, that before {@code /...}. Then the method: the one that is
 * named, then, for HEAD, GET, then any. Two routes that would match the very same requests are a conflict.
 *
 * @param <T> what the routes lead to
 */
public final class Router<T> {
    /** What the router found. */
    public sealed interface Result<T> {}

    /**
     * A route matches.
     *
     * @param route the most specific one
     * @param target what it leads to
     * @param parameters the values of its parameters, percent-decoded, in order
     */
    public record Found<T>(Route route, T target, Map<String, String> parameters) implements Result<T> {}

    /** No route has this host and path. */
    public record NotFound<T>() implements Result<T> {}

    /**
     * Routes have this host and path, but none takes the method.
     *
     * @param allow the methods that they take, in alphabetical order
     */
    public record MethodNotAllowed<T>(List<String> allow) implements Result<T> {}

    private record Leaf<T>(Route route, T target, List<String> names) {}

    /** The routes with one host and path, by method; the empty one is for any. */
    private static final class Methods<T> {
        private final Map<String, Leaf<T>> byMethod = new HashMap<>(2);

        @Nullable
        Leaf<T> find(String method) {
            Leaf<T> leaf = byMethod.get(method);
            if (leaf == null && method.equals("HEAD")) {
                leaf = byMethod.get("GET");
            }
            return leaf == null ? byMethod.get("") : leaf;
        }
    }

    /** What can follow after some segments. */
    private static final class Segment<T> {
        private final Map<String, Segment<T>> literals = new HashMap<>(2);
        private @Nullable Segment<T> parameter;
        private @Nullable Methods<T> end;
        private @Nullable Methods<T> rest;
    }

    /** The routes of one host: those without parameters by their whole path, and a trie of all. */
    private static final class Host<T> {
        private final Map<String, Methods<T>> literal = new HashMap<>();
        private final Segment<T> root = new Segment<>();
    }

    /** A search under way: the values of the parameters so far and the methods that would have been allowed. */
    private static final class Search<T> {
        private final String path;
        private final String method;
        private @Nullable String[] values = new String[4];
        private int count;
        private @Nullable TreeSet<String> allow;
        private @Nullable Leaf<T> found;

        Search(String path, String method) {
            this.path = path;
            this.method = method;
        }

        boolean take(@Nullable Methods<T> methods) {
            if (methods == null) {
                return false;
            }
            found = methods.find(method);
            if (found == null) {
                allow = allow == null ? new TreeSet<>() : allow;
                allow.addAll(methods.byMethod.keySet());
            }
            return found != null;
        }

        void push(String value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = value;
        }

        Map<String, String> parameters(List<String> names) {
            if (names.isEmpty()) {
                return Map.of();
            }
            Map<String, String> parameters = LinkedHashMap.newLinkedHashMap(names.size());
            for (int i = 0; i < names.size(); i++) {
                String value = values[i];
                parameters.put(names.get(i), RequestPath.decode(value == null ? "" : value));
            }
            return parameters;
        }
    }

    /** A route that takes the same requests as one before it, and where it stands. */
    record Conflict(Place place, String message) {}

    private static final NotFound<?> NOT_FOUND = new NotFound<>();

    private final Map<String, Host<T>> exact = new HashMap<>();
    private final Map<String, Host<T>> wildcard = new HashMap<>();
    private final Host<T> any = new Host<>();

    private Router() {}

    /** Begins a router. */
    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /**
     * Finds the route of a request.
     *
     * @param host the host in small letters, without a port
     * @param path the path as {@link RequestPath} normalises it
     */
    @SuppressWarnings("unchecked")
    public Result<T> find(String method, String host, String path) {
        Search<T> search = new Search<>(path, method);
        if (find(search, host)) {
            Leaf<T> leaf = search.found;
            if (leaf != null) {
                return new Found<>(leaf.route, leaf.target, search.parameters(leaf.names));
            }
        }
        TreeSet<String> allow = search.allow;
        if (allow == null) {
            return (Result<T>) NOT_FOUND;
        }
        if (allow.contains("GET")) {
            allow.add("HEAD");
        }
        return new MethodNotAllowed<>(List.copyOf(allow));
    }

    private boolean find(Search<T> search, String host) {
        if (!exact.isEmpty()) {
            Host<T> routes = exact.get(host);
            if (routes != null && find(search, routes)) {
                return true;
            }
        }
        if (!wildcard.isEmpty()) {
            for (int dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
                Host<T> routes = wildcard.get(host.substring(dot + 1));
                if (routes != null && find(search, routes)) {
                    return true;
                }
            }
        }
        return find(search, any);
    }

    private boolean find(Search<T> search, Host<T> routes) {
        return search.take(routes.literal.get(search.path)) || walk(search, routes.root, 0);
    }

    /** Tries what follows after the segments before {@code slash}, the most specific first. */
    private boolean walk(Search<T> search, Segment<T> segment, int slash) {
        String path = search.path;
        if (slash >= path.length()) {
            return search.take(segment.end) || search.take(segment.rest);
        }
        int next = path.indexOf('/', slash + 1);
        int end = next < 0 ? path.length() : next;
        if (!segment.literals.isEmpty()) {
            Segment<T> literal = segment.literals.get(path.substring(slash + 1, end));
            if (literal != null && walk(search, literal, end)) {
                return true;
            }
        }
        Segment<T> parameter = segment.parameter;
        if (parameter != null && end > slash + 1) {
            int count = search.count;
            search.push(path.substring(slash + 1, end));
            if (walk(search, parameter, end)) {
                return true;
            }
            search.count = count;
        }
        return search.take(segment.rest);
    }

    /** Collects routes; each that conflicts with one before is said at {@link #conflicts}. */
    public static final class Builder<T> {
        private record Origin(Route route, Place place, String owner) {}

        private final Router<T> router = new Router<>();
        private final Map<String, Origin> shapes = new HashMap<>();
        private final List<Conflict> conflicts = new ArrayList<>();

        private Builder() {}

        /**
         * Adds a route.
         *
         * @param place where it was written, for the message about a conflict
         * @param owner the function's name, for the message about a conflict
         */
        public Builder<T> add(Route route, T target, Place place, String owner) {
            Origin before = shapes.putIfAbsent(route.shape(), new Origin(route, place, owner));
            if (before != null) {
                conflicts.add(new Conflict(
                        place,
                        "the route \"" + route + "\" of \"" + owner + "\" takes the same requests as \"" + before.route
                                + "\" of \"" + before.owner + "\" at " + before.place + "; change one of them"));
                return this;
            }
            Host<T> host = host(route.host());
            Leaf<T> leaf = new Leaf<>(route, target, route.parameters());
            if (leaf.names.isEmpty() && !route.prefix()) {
                String path = "/" + String.join("/", route.segments());
                host.literal
                        .computeIfAbsent(path, _ -> new Methods<>())
                        .byMethod
                        .put(route.method(), leaf);
            } else {
                addToTrie(host.root, route, leaf);
            }
            return this;
        }

        /** A message for each route that conflicts with another, naming both places. */
        List<Conflict> conflicts() {
            return conflicts;
        }

        /**
         * The finished router.
         *
         * @throws ConfigurationException if routes conflict
         */
        public Router<T> build() {
            if (!conflicts.isEmpty()) {
                throw new ConfigurationException(conflicts.stream()
                        .map(conflict -> conflict.place + ": " + conflict.message)
                        .collect(Collectors.joining("\n")));
            }
            return router;
        }

        private Host<T> host(String host) {
            if (host.isEmpty()) {
                return router.any;
            }
            return host.startsWith("*.")
                    ? router.wildcard.computeIfAbsent(host.substring(2), _ -> new Host<>())
                    : router.exact.computeIfAbsent(host, _ -> new Host<>());
        }

        private void addToTrie(Segment<T> root, Route route, Leaf<T> leaf) {
            Segment<T> segment = root;
            for (String part : route.segments()) {
                if (part.startsWith(":")) {
                    Segment<T> next = Optional.ofNullable(segment.parameter).orElseGet(Segment::new);
                    segment.parameter = next;
                    segment = next;
                } else {
                    segment = segment.literals.computeIfAbsent(part, _ -> new Segment<>());
                }
            }
            Methods<T> methods = Optional.ofNullable(route.prefix() ? segment.rest : segment.end)
                    .orElseGet(Methods::new);
            methods.byMethod.put(route.method(), leaf);
            if (route.prefix()) {
                segment.rest = methods;
            } else {
                segment.end = methods;
            }
        }
    }
}
