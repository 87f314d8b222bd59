package io.selvage.rules;

import io.selvage.node.Network;
import io.selvage.node.RequestHead;
import io.selvage.node.Rule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the client behind proxies that are trusted: the last address in their field that is not one of them. What stands
 * before it may have been written by the client itself, and is not looked at.
 */
final class ForwardedClient implements Step {
    private final List<Network> trusted;
    private final String header;

    ForwardedClient(Rule.TrustedProxies rule) {
        trusted = rule.networks().stream().map(Network::parse).toList();
        header = rule.header();
    }

    @Override
    public String key() {
        return "trusted_proxies";
    }

    @Override
    public Outcome apply(Passage passage) {
        RequestHead head = passage.head();
        InetAddress peer = head.remote().getAddress();
        if (peer == null || !isTrusted(peer)) {
            passage.say(key(), "the connection comes from " + Template.client(head) + ", which is no trusted proxy");
            return Outcome.PASS;
        }
        InetAddress client = client(head, peer);
        String scheme = head.headers()
                .first("x-forwarded-proto")
                .filter(s -> s.equals("http") || s.equals("https"))
                .orElse(head.scheme());
        passage.say(key(), "the client is " + client.getHostAddress() + ", by " + scheme);
        if (!client.equals(peer)) {
            passage.head(head.withClient(new InetSocketAddress(client, 0), scheme));
        } else if (!scheme.equals(head.scheme())) {
            passage.head(head.withClient(head.remote(), scheme));
        }
        return Outcome.PASS;
    }

    private InetAddress client(RequestHead head, InetAddress peer) {
        List<String> chain = new ArrayList<>();
        head.headers().all(header).forEach(line -> chain.addAll(List.of(line.split(","))));
        InetAddress client = peer;
        for (String text : chain.reversed()) {
            try {
                client = Network.address(address(text.strip()));
            } catch (IllegalArgumentException _) {
                break;
            }
            if (!isTrusted(client)) {
                break;
            }
        }
        return client;
    }

    /** Without a port and the brackets of IPv6. */
    private static String address(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            return end < 0 ? text : text.substring(1, end);
        }
        int colon = text.indexOf(':');
        return colon > 0 && colon == text.lastIndexOf(':') ? text.substring(0, colon) : text;
    }

    private boolean isTrusted(InetAddress address) {
        return trusted.stream().anyMatch(network -> network.contains(address));
    }
}
