package io.selvage.cgi;

import io.selvage.node.ConfigurationException;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import io.selvage.node.RequestPath;
import io.selvage.node.Services;
import io.selvage.node.Variable;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Makes a request's environment variables and arguments.
 *
 * <p>All of WAGI's variables are always there, empty where there is nothing to say, but {@code CONTENT_LENGTH}: it is
 * missing when the body's length is not known beforehand, and {@code 0} without a body. Where WAGI and RFC 3875 differ:
 *
 * <ul>
 *   <li>{@code SCRIPT_NAME} and {@code PATH_INFO} are the part of the path that the route names and the rest behind
 *       {@code /...}, so that both together are always the path (§4.1.13).
 *   <li>{@code AUTH_TYPE} and {@code REMOTE_USER} are empty: the node authenticates nobody. For the same reason {@code
 *       HTTP_AUTHORIZATION} reaches the program, which §4.1.18 allows: checking tokens is a function's business here.
 * </ul>
 *
 * <p>Beyond both: {@code REQUEST_URI}, {@code REQUEST_SCHEME}, {@code HTTPS=on}, {@code REMOTE_PORT}, {@code
 * X_REQUEST_ID}, and for each {@code :name} of the route {@code X_PATH_MATCH_NAME}. {@code HTTP_TRACEPARENT} is the
 * node's own span. Fields whose name has other characters than letters, digits and {@code -} are left out, so that
 * {@code X_Y} cannot pose as {@code X-Y}; so are {@code Proxy} (else {@code HTTP_PROXY} would be the client's to set)
 * and the fields about the connection.
 */
final class Environment {
    private static final String SOFTWARE = "Selvage";

    /** Fields that have a variable of their own, concern only the connection, or must not become a variable. */
    private static final Set<String> LEFT_OUT = Set.of(
            "CONTENT_TYPE",
            "CONTENT_LENGTH",
            "HOST",
            "TRACEPARENT",
            "TRACESTATE",
            "PROXY",
            "CONNECTION",
            "KEEP_ALIVE",
            "PROXY_CONNECTION",
            "PROXY_AUTHORIZATION",
            "TE",
            "TRAILER",
            "TRANSFER_ENCODING",
            "UPGRADE",
            "HTTP2_SETTINGS",
            "EXPECT");

    private static final Set<String> RESERVED = Set.of(
            "AUTH_TYPE",
            "CONTENT_LENGTH",
            "CONTENT_TYPE",
            "GATEWAY_INTERFACE",
            "HTTPS",
            "PATH_INFO",
            "PATH_TRANSLATED",
            "QUERY_STRING",
            "REMOTE_ADDR",
            "REMOTE_HOST",
            "REMOTE_PORT",
            "REMOTE_USER",
            "REQUEST_METHOD",
            "REQUEST_SCHEME",
            "REQUEST_URI",
            "SCRIPT_NAME",
            "SERVER_NAME",
            "SERVER_PORT",
            "SERVER_PROTOCOL",
            "SERVER_SOFTWARE",
            "X_FULL_URL",
            "X_MATCHED_ROUTE",
            "X_RAW_PATH_INFO",
            "X_REQUEST_ID");

    private static final Set<String> METHODS_WITH_A_BODY = Set.of("POST", "PUT", "PATCH");

    /** What is the same for every request of a function. */
    private final Map<String, String> constant = new LinkedHashMap<>();

    /**
     * For this function.
     *
     * @throws ConfigurationException if a variable of its own has the name of one of the request's
     */
    Environment(FunctionDefinition function, Services services) {
        services.granted(function, Variable.class).values().forEach(variable -> {
            String name = variable.name().toUpperCase(Locale.ROOT);
            refuseReserved(function, "the granted variable \"" + variable.name() + "\"", name);
            constant.put(name, variable.value());
        });
        function.environment().forEach((name, value) -> {
            refuseReserved(function, "the environment variable \"" + name + "\"", name);
            constant.put(name, value);
        });
        constant.put("GATEWAY_INTERFACE", "CGI/1.1");
        constant.put("SERVER_SOFTWARE", SOFTWARE);
        constant.put("AUTH_TYPE", "");
        constant.put("REMOTE_USER", "");
    }

    private static void refuseReserved(FunctionDefinition function, String what, String name) {
        if (RESERVED.contains(name) || name.startsWith("HTTP_") || name.startsWith("X_PATH_MATCH_")) {
            throw new ConfigurationException("function \"" + function.name() + "\": " + what + " would hide " + name
                    + ", which world cgi sets from the request; give it another name");
        }
    }

    /** The program's arguments: the path, then the parts of the query as they came. */
    static List<String> arguments(RequestHead request) {
        if (request.query().isEmpty()) {
            return List.of(request.path());
        }
        List<String> arguments = new ArrayList<>();
        arguments.add(request.path());
        arguments.addAll(List.of(request.query().split("&", -1)));
        return arguments;
    }

    /** The environment variables for a request, those of the function first. */
    Map<String, String> of(RequestHead request) {
        Map<String, String> variables = new LinkedHashMap<>(96);
        variables.putAll(constant);
        putRequest(variables, request);
        putPath(variables, request);
        putConnection(variables, request);
        putFields(variables, request);
        request.parameters()
                .forEach((name, value) -> variables.put("X_PATH_MATCH_" + name.toUpperCase(Locale.ROOT), value));
        return variables;
    }

    private static void putRequest(Map<String, String> variables, RequestHead request) {
        Headers headers = request.headers();
        variables.put("REQUEST_METHOD", request.method());
        variables.put("QUERY_STRING", request.query());
        variables.put(
                "REQUEST_URI", request.query().isEmpty() ? request.path() : request.path() + "?" + request.query());
        variables.put("REQUEST_SCHEME", request.scheme());
        if (request.scheme().equals("https")) {
            variables.put("HTTPS", "on");
        }
        variables.put("X_FULL_URL", request.url());
        variables.put("X_REQUEST_ID", request.id());
        variables.put("CONTENT_TYPE", text(headers.first("content-type").orElse("")));
        headers.first("content-length")
                .or(() -> mayHaveBody(request) ? java.util.Optional.empty() : java.util.Optional.of("0"))
                .ifPresent(length -> variables.put("CONTENT_LENGTH", length));
    }

    private static boolean mayHaveBody(RequestHead request) {
        return request.headers().contains("transfer-encoding")
                || request.protocol().startsWith("HTTP/2") && METHODS_WITH_A_BODY.contains(request.method());
    }

    private static void putPath(Map<String, String> variables, RequestHead request) {
        int split = scriptLength(request.route(), request.path());
        String rest = request.path().substring(split);
        String decoded = RequestPath.decode(rest);
        variables.put("SCRIPT_NAME", RequestPath.decode(request.path().substring(0, split)));
        variables.put("PATH_INFO", decoded);
        variables.put("PATH_TRANSLATED", decoded);
        variables.put("X_RAW_PATH_INFO", rest);
        variables.put("X_MATCHED_ROUTE", request.route());
    }

    /** How much of the path is the route's own: as many segments as the route names before {@code /...}. */
    private static int scriptLength(String route, String path) {
        if (!route.endsWith("/...")) {
            return path.length();
        }
        int length = 0;
        for (int i = 0; i < route.length() - "/...".length(); i++) {
            if (route.charAt(i) == '/') {
                int slash = path.indexOf('/', length + 1);
                length = slash < 0 ? path.length() : slash;
            }
        }
        return length;
    }

    private static void putConnection(Map<String, String> variables, RequestHead request) {
        String remote = host(request.remote());
        variables.put("REMOTE_ADDR", remote);
        variables.put("REMOTE_HOST", remote);
        variables.put("REMOTE_PORT", Integer.toString(request.remote().getPort()));
        variables.put("SERVER_NAME", serverName(request));
        variables.put("SERVER_PORT", Integer.toString(request.local().getPort()));
        variables.put("SERVER_PROTOCOL", request.protocol());
    }

    private static String serverName(RequestHead request) {
        String authority = request.authority();
        if (authority.isEmpty()) {
            return host(request.local());
        }
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }

    private static String host(InetSocketAddress address) {
        return address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
    }

    private static void putFields(Map<String, String> variables, RequestHead request) {
        if (!request.authority().isEmpty()) {
            variables.put("HTTP_HOST", request.authority());
        }
        variables.put("HTTP_TRACEPARENT", request.trace().traceparent());
        if (!request.trace().state().isEmpty()) {
            variables.put("HTTP_TRACESTATE", request.trace().state());
        }
        request.headers().forEach((name, value) -> {
            String capitals = capitals(name);
            if (!capitals.isEmpty() && !LEFT_OUT.contains(capitals)) {
                String separator = capitals.equals("COOKIE") ? "; " : ", ";
                variables.merge("HTTP_" + capitals, text(value), (before, more) -> before + separator + more);
            }
        });
    }

    /** A field's name as it stands in a variable's; empty if it cannot. */
    private static String capitals(String name) {
        char[] capitals = new char[name.length()];
        for (int i = 0; i < capitals.length; i++) {
            char c = name.charAt(i);
            if (c >= 'a' && c <= 'z') {
                capitals[i] = (char) (c - 'a' + 'A');
            } else if (c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
                capitals[i] = c;
            } else if (c == '-') {
                capitals[i] = '_';
            } else {
                return "";
            }
        }
        return new String(capitals);
    }

    /** A field's value, whose characters are bytes: those above ASCII are read as the UTF-8 that they nearly always are. */
    private static String text(String value) {
        boolean bytes = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0xff) {
                return value;
            }
            bytes |= c > 0x7f;
        }
        return bytes ? new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8) : value;
    }
}
