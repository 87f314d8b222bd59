package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Network;
import io.selvage.node.Problem;
import io.selvage.node.Rule;
import io.selvage.node.RuleRun;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers 503 while someone works on the app. */
final class MaintenanceMode implements Step {
    private final Rule.Maintenance rule;
    private final List<Network> allow;
    private final int seconds;

    MaintenanceMode(Rule.Maintenance rule) {
        this.rule = rule;
        this.allow = rule.allow().stream().map(Network::parse).toList();
        this.seconds = (int) Math.clamp(rule.retryAfter().toSeconds(), 1L, Integer.MAX_VALUE);
    }

    @Override
    public String key() {
        return "maintenance";
    }

    @Override
    public Outcome apply(Passage passage) {
        InetAddress client = passage.head().remote().getAddress();
        if (client != null && allow.stream().anyMatch(n -> n.contains(client))) {
            passage.say(key(), client.getHostAddress() + " is let through");
            return Outcome.PASS;
        }
        passage.say(key(), "answers 503, try again in " + seconds + " s");
        if (rule.body().isEmpty()) {
            return Outcome.refuse(new Problem(
                    503,
                    "maintenance",
                    "The service is being worked on",
                    "It will be back. Try again later.",
                    "",
                    seconds,
                    List.of()));
        }
        Headers fields = new Headers()
                .add("Content-Type", rule.type())
                .add("Cache-Control", "no-store")
                .add("Retry-After", Integer.toString(seconds));
        return new Outcome.Done(new RuleRun.Answered(503, fields, rule.body().getBytes(StandardCharsets.UTF_8)));
    }
}
