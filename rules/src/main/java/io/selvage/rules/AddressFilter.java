package io.selvage.rules;

import io.selvage.node.Network;
import io.selvage.node.Problem;
import io.selvage.node.Rule;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Lets only some addresses through. */
final class AddressFilter implements Step {
    private final List<Network> allow;
    private final List<Network> deny;

    AddressFilter(Rule.Addresses rule) {
        allow = rule.allow().stream().map(Network::parse).toList();
        deny = rule.deny().stream().map(Network::parse).toList();
    }

    @Override
    public String key() {
        return "addresses";
    }

    @Override
    public Outcome apply(Passage passage) {
        Optional<InetAddress> client =
                Optional.ofNullable(passage.head().remote().getAddress());
        boolean denied =
                client.filter(c -> deny.stream().anyMatch(n -> n.contains(c))).isPresent();
        boolean allowed = allow.isEmpty()
                || client.filter(c -> allow.stream().anyMatch(n -> n.contains(c)))
                        .isPresent();
        if (passage.isExplained()) {
            passage.say(
                    key(),
                    Template.client(passage.head())
                            + (denied ? " is denied" : allowed ? " is let through" : " is none that is allowed"));
        }
        return allowed && !denied ? Outcome.PASS : Outcome.refuse(refusal());
    }

    static Problem refusal() {
        return Problem.of(403, "forbidden", "Access is denied", "This is not for where the request comes from.");
    }
}
