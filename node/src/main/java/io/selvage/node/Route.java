package io.selvage.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which requests a function gets: {@code [METHOD ][HOST]PATH}, for example {@code GET /cart/:id} or {@code POST
 * shop.example.com/cart/...}.
 *
 * <p>A segment of the path is a literal, or {@code :name} for exactly one segment that is not empty. A last segment
 * {@code ...} stands for any rest: {@code /cart/...} matches {@code /cart}, {@code /cart/} and {@code /cart/1/2}. A host
 * is a name, or {@code *.} and a name for everything under it, one label or more. Without a method the route takes
 * every method; a route for GET takes HEAD too.
 *
 * @param method the method in capitals, or empty for every method
 * @param host the host in small letters, perhaps beginning with {@code *.}, or empty for every host
 * @param path the path as it was written
 * @param segments what stands between the slashes, literals normalised as {@link RequestPath} does, without a last
 *     {@code ...}
 * @param prefix whether the path ends with {@code ...}
 */
public record Route(String method, String host, String path, List<String> segments, boolean prefix) {
    private static final Pattern DOT = Pattern.compile("%2[eE]");
    private static final Pattern TOKEN = Pattern.compile("[A-Z][A-Z0-9_-]*");
    private static final Pattern HOST = Pattern.compile(
            "(\\*\\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\\[[0-9a-f:.]+]");
    private static final Pattern PARAMETER = Pattern.compile(":[A-Za-z_][A-Za-z0-9_]*");

    /** Copies the segments. */
    public Route {
        segments = List.copyOf(segments);
    }

    /**
     * Reads a route.
     *
     * @throws IllegalArgumentException with a message for people
     */
    public static Route parse(String text) {
        String rest = text.strip();
        String method = "";
        int space = rest.indexOf(' ');
        if (space >= 0) {
            method = rest.substring(0, space);
            rest = rest.substring(space + 1).strip();
            if (!TOKEN.matcher(method).matches()) {
                throw wrong(text, "\"" + method + "\" is not a method; methods are in capitals, for example GET");
            }
            if (method.equals("CONNECT") || method.equals("TRACE")) {
                throw wrong(text, "the node refuses " + method);
            }
        }
        int slash = rest.indexOf('/');
        if (slash < 0) {
            throw wrong(text, "there is no path; it begins with \"/\"");
        }
        String host = rest.substring(0, slash).toLowerCase(Locale.ROOT);
        if (!host.isEmpty() && !HOST.matcher(host).matches()) {
            throw wrong(
                    text,
                    "\"" + host + "\" is not a host; a host has no scheme and no port, for example "
                            + "\"shop.example.com\" or \"*.example.com\"");
        }
        String path = rest.substring(slash);
        return path(text, method, host, path);
    }

    private static Route path(String text, String method, String host, String path) {
        List<String> segments = new ArrayList<>();
        boolean prefix = false;
        String[] parts = path.substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            boolean last = i == parts.length - 1;
            if (part.equals("...")) {
                if (!last) {
                    throw wrong(text, "\"...\" can only be the last segment");
                }
                prefix = true;
            } else if (part.startsWith(":")) {
                if (!PARAMETER.matcher(part).matches()) {
                    throw wrong(text, "\"" + part + "\" is not a parameter; a parameter is \":\" and a name");
                }
                if (segments.contains(part)) {
                    throw wrong(text, "the parameter \"" + part + "\" stands twice");
                }
                segments.add(part);
            } else {
                segments.add(literal(text, part));
            }
        }
        return new Route(method, host, path, segments, prefix);
    }

    private static String literal(String text, String part) {
        if (part.contains("*")) {
            throw wrong(text, "\"*\" has no meaning in a path; use \":name\" for one segment, \"/...\" for any rest");
        }
        if (part.contains("?") || part.contains("#")) {
            throw wrong(text, "a route has no query and no fragment");
        }
        String plain = DOT.matcher(part).replaceAll(".");
        if (plain.equals(".") || plain.equals("..")) {
            throw wrong(text, "\".\" and \"..\" cannot be segments of a route");
        }
        RequestPath path;
        try {
            path = RequestPath.normalize("/" + part);
        } catch (IllegalArgumentException e) {
            throw wrong(text, e.getMessage() == null ? "the path is wrong" : e.getMessage());
        }
        return path.text().substring(1);
    }

    /** The names of the parameters, in order. */
    List<String> parameters() {
        return segments.stream()
                .filter(s -> s.startsWith(":"))
                .map(s -> s.substring(1))
                .toList();
    }

    /** What two routes have in common when every request that fits one fits the other. */
    String shape() {
        StringBuilder shape = new StringBuilder(method).append(' ').append(host);
        for (String segment : segments) {
            shape.append('/').append(segment.startsWith(":") ? ":" : segment);
        }
        return shape.append(prefix ? "/..." : "").toString();
    }

    @Override
    public String toString() {
        return (method.isEmpty() ? "" : method + " ") + host + path;
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\" is not a route: " + why);
    }
}
