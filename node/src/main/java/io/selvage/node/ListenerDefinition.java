package io.selvage.node;

import java.util.List;
import java.util.Optional;

/**
 * What a manifest says of a listener. Immutable.
 *
 * @param binding where it listens
 * @param tls what it shows and asks of its clients, or nothing if it speaks in clear text
 * @param http3 whether it speaks HTTP/3 too, at the UDP port of the same number
 * @param proxies who may tell it by the PROXY protocol where a connection comes from; others begin with HTTP
 */
public record ListenerDefinition(
        Binding binding, Optional<TlsDefinition> tls, boolean http3, List<AddressRange> proxies) {
    /** One in clear text, and nothing more. */
    public static ListenerDefinition plain(Binding binding) {
        return new ListenerDefinition(binding, Optional.empty(), false, List.of());
    }

    /** One with a self-signed certificate. */
    public static ListenerDefinition development(Binding binding) {
        return new ListenerDefinition(binding, Optional.of(TlsDefinition.development()), false, List.of());
    }
}
