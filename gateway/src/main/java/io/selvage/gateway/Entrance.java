package io.selvage.gateway;

import io.selvage.node.AddressRange;
import java.util.List;
import java.util.Optional;

/** What a listener says of the connections that it accepts. Thread-safe; what it says can change. */
interface Entrance {
    /** A listener that says nothing. */
    Entrance PLAIN = new Entrance() {
        @Override
        public List<AddressRange> proxies() {
            return List.of();
        }

        @Override
        public String alternative() {
            return "";
        }

        @Override
        public boolean isSecure() {
            return false;
        }

        @Override
        public Optional<Listener> listener() {
            return Optional.empty();
        }

        @Override
        public boolean isClosed() {
            return false;
        }
    };

    /** Who may say by the PROXY protocol where a connection comes from. */
    List<AddressRange> proxies();

    /** The value of {@code Alt-Svc} (RFC 7838 §3) in its responses; empty for none. */
    String alternative();

    /** Whether it speaks TLS. */
    boolean isSecure();

    /** Who takes the requests of the app; nobody, if they are not of the app. */
    Optional<Listener> listener();

    /** Whether it accepts no more. */
    boolean isClosed();
}
