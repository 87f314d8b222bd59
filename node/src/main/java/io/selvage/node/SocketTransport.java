package io.selvage.node;

import java.util.Locale;

/** How a node reads and writes its sockets. */
public enum SocketTransport {
    /** The first of the others that the machine has. */
    AUTO,
    /** Linux' own, without the JDK's layers above it. */
    EPOLL,
    /** The JDK's, for every system. */
    NIO;

    /** As it stands in settings. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
