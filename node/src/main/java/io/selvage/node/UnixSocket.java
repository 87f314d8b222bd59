package io.selvage.node;

import java.nio.file.Path;

/**
 * A Unix domain socket.
 *
 * @param path its file
 */
public record UnixSocket(Path path) implements Binding {
    static final String PREFIX = "unix:";

    /** What {@code sockaddr_un} of Linux holds, bytes, without the byte that ends it. */
    private static final int LONGEST = 107;

    static UnixSocket parse(String text) {
        String path = text.substring(PREFIX.length());
        if (path.isEmpty() || path.length() > LONGEST) {
            throw new IllegalArgumentException("\"" + text + "\" is not unix: and a path of 1 to " + LONGEST
                    + " bytes; for example \"unix:/run/selvage.sock\"");
        }
        return new UnixSocket(Path.of(path));
    }

    @Override
    public String url(boolean secure) {
        return this.toString();
    }

    @Override
    public String toString() {
        return PREFIX + path;
    }
}
