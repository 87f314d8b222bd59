package io.selvage.node;

import java.util.Optional;

/**
 * Where a listener listens.
 *
 * @param host a name or an IP address; IPv6 without brackets
 * @param port 0 to 65,535; 0 picks a free one
 */
public record ListenAddress(String host, int port) implements Binding {
    /**
     * Reads {@code HOST:PORT}, {@code [IPV6]:PORT} or {@code :PORT} (every interface).
     *
     * @throws IllegalArgumentException with a message for people
     */
    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        Optional<Integer> port = colon < 0 ? Optional.empty() : portOf(text.substring(colon + 1));
        if (port.isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not HOST:PORT; for example \"127.0.0.1:8080\" or \"[::1]:8080\"");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("\"" + text + "\": put an IPv6 address in brackets: \"[::1]:8080\"");
        }
        return new ListenAddress(host.isEmpty() ? "0.0.0.0" : host, port.get());
    }

    /** As a URL's beginning, for example {@code http://127.0.0.1:8080}. */
    public String url() {
        return url(false);
    }

    @Override
    public String url(boolean secure) {
        return (secure ? "https://" : "http://") + this;
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static Optional<Integer> portOf(String text) {
        try {
            int port = Integer.parseInt(text);
            return port >= 0 && port <= 65_535 ? Optional.of(port) : Optional.empty();
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}
