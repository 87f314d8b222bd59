package io.selvage.rules;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Nearest;
import io.selvage.node.RequestHead;
import io.selvage.node.Route;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A text with {@code {names}} that stand for parts of a request. Whatever a client has sent, the result holds no control
 * character and none above U+00FF, so that it can neither end a field nor begin another. Immutable.
 */
final class Template {
    private static final List<String> NAMES = List.of(
            "scheme",
            "host",
            "authority",
            "path",
            "query",
            "rest",
            "method",
            "client",
            "request",
            "country",
            "asn",
            "device",
            "user");
    private static final List<String> FAMILIES = List.of("param", "header", "cookie", "claim", "bucket");

    private final List<Function<Passage, String>> parts;

    private Template(List<Function<Passage, String>> parts) {
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads a template.
     *
     * @param route the route whose parameters and rest it can name
     * @throws ConfigurationException if it names something that is not there
     */
    static Template of(String text, Route route) {
        return read(text, route, false);
    }

    /**
     * Reads a template of a path, in which what a client can say in other places than the path stands for (a part of) one segment.
     *
     * @throws ConfigurationException if it names something that is not there, or the query
     */
    static Template ofPath(String text, Route route) {
        return read(text, route, true);
    }

    private static Template read(String text, Route route, boolean isPath) {
        List<Function<Passage, String>> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            int close = open < 0 ? -1 : text.indexOf('}', open);
            if (close < 0) {
                break;
            }
            String literal = text.substring(at, open);
            if (!literal.isEmpty()) {
                parts.add(_ -> literal);
            }
            String name = text.substring(open + 1, close);
            Function<Passage, String> part = part(name, text, route);
            parts.add(isPath ? inPath(name, part, text) : part);
            at = close + 1;
        }
        String last = text.substring(at);
        if (!last.isEmpty() || parts.isEmpty()) {
            parts.add(_ -> last);
        }
        return new Template(parts);
    }

    private static Function<Passage, String> inPath(String name, Function<Passage, String> part, String text) {
        return switch (name) {
            case "path", "rest" -> part;
            case "query" ->
                throw new ConfigurationException(
                        "\"" + text + "\": the query goes along without {query}; leave it out");
            default -> name.startsWith("param.") ? part : passage -> segment(part.apply(passage));
        };
    }

    /** A text as a segment of a path. */
    private static String segment(String text) {
        if (text.equals(".") || text.equals("..")) {
            throw new IllegalArgumentException("\"" + text + "\" cannot be a segment");
        }
        return encoded(text);
    }

    private static Function<Passage, String> part(String name, String text, Route route) {
        int dot = name.indexOf('.');
        if (dot > 0 && FAMILIES.contains(name.substring(0, dot))) {
            String of = name.substring(dot + 1);
            return switch (name.substring(0, dot)) {
                case "param" -> {
                    if (!route.segments().contains(":" + of)) {
                        throw new ConfigurationException(
                                "\"" + text + "\": the route has no parameter \":" + of + "\"");
                    }
                    yield p -> encoded(p.head().parameters().getOrDefault(of, ""));
                }
                case "header" -> p -> String.join(", ", p.head().headers().all(of));
                case "cookie" -> p -> Cookies.value(p.head().headers(), of).orElse("");
                default -> p -> p.values().getOrDefault(name, "");
            };
        }
        return switch (name) {
            case "scheme" -> p -> p.head().scheme();
            case "authority" -> p -> p.head().authority();
            case "host" -> p -> host(p.head().authority());
            case "path" -> p -> p.head().path();
            case "query" ->
                p -> p.head().query().isEmpty() ? "" : "?" + p.head().query();
            case "rest" -> p -> rest(p.head().path(), route);
            case "method" -> p -> p.head().method();
            case "client" -> p -> client(p.head());
            case "request" -> p -> p.head().id();
            case "country", "asn", "device", "user" -> p -> p.values().getOrDefault(name, "");
            default -> {
                List<String> known = new ArrayList<>(NAMES);
                FAMILIES.forEach(f -> known.add(f + ".NAME"));
                throw new ConfigurationException(
                        "\"" + text + "\": there is no {" + name + "}; " + Nearest.advice(name, known));
            }
        };
    }

    /**
     * The text for a request.
     *
     * @throws IllegalArgumentException with a message for people, if it is a path and what the client has said does not fit in
     */
    String expand(Passage passage) {
        if (parts.size() == 1) {
            return harmless(parts.getFirst().apply(passage));
        }
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(part.apply(passage)));
        return harmless(text.toString());
    }

    /** What stands where the route has {@code ...}, without its first slash. */
    private static String rest(String path, Route route) {
        int at = 0;
        for (int i = 0; i < route.segments().size() && at >= 0; i++) {
            at = path.indexOf('/', at + 1);
        }
        return at < 0 || at >= path.length() ? "" : path.substring(at + 1);
    }

    static String client(RequestHead head) {
        return head.remote().getAddress() == null
                ? "unknown"
                : head.remote().getAddress().getHostAddress();
    }

    private static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon >= 0 && authority.indexOf(']', colon) < 0 ? authority.substring(0, colon) : authority;
    }

    private static String encoded(String text) {
        return text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0))
                ? text
                : percent(text, c -> c < 128 && (Character.isLetterOrDigit(c) || "-._~!$&'()*+,;=:@".indexOf(c) >= 0));
    }

    /** What has no place in a field is percent-encoded. */
    static String harmless(String text) {
        return text.chars().allMatch(Template::isHarmless) ? text : percent(text, Template::isHarmless);
    }

    /**
     * As an ASCII text from which the other can be had again: percent-encoded is what has no place in a field, what is not ASCII,
     * {@code %} itself, and blanks at the ends, which whoever reads a field takes away.
     */
    static String exact(String text) {
        String inner = text.strip();
        int begin = text.indexOf(inner);
        return percent(text.substring(0, begin), _ -> false)
                + percent(inner, c -> c >= ' ' && c < 0x7f && c != '%')
                + percent(text.substring(begin + inner.length()), _ -> false);
    }

    private static boolean isHarmless(int c) {
        return c == '\t' || (c >= ' ' && c <= 0xff && c != 0x7f);
    }

    private static String percent(String text, java.util.function.IntPredicate stays) {
        StringBuilder encoded = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (stays.test(c)) {
                encoded.appendCodePoint(c);
            } else {
                for (byte octet : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    encoded.append(String.format("%%%02X", octet & 0xff));
                }
            }
        });
        return encoded.toString();
    }
}
