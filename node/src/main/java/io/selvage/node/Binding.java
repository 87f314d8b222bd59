package io.selvage.node;

/** Where a listener can be reached: an address of the network, or a Unix socket. */
public sealed interface Binding permits ListenAddress, UnixSocket {
    /**
     * Reads {@code HOST:PORT}, {@code [IPV6]:PORT}, {@code :PORT} or {@code unix:PATH}.
     *
     * @throws IllegalArgumentException with a message for people
     */
    static Binding parse(String text) {
        return text.startsWith(UnixSocket.PREFIX) ? UnixSocket.parse(text) : ListenAddress.parse(text);
    }

    /** As a URL's beginning, for example {@code https://127.0.0.1:8443}. */
    String url(boolean secure);
}
