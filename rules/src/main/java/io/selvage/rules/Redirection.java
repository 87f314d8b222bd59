package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Route;
import io.selvage.node.Rule;
import io.selvage.node.RuleRun;

/** Sends clients elsewhere. */
final class Redirection implements Step {
    private final Rule.Redirect rule;
    private final Template to;

    Redirection(Rule.Redirect rule, Route route) {
        this.rule = rule;
        this.to = Template.of(rule.to(), route);
    }

    @Override
    public String key() {
        return rule.key();
    }

    @Override
    public Outcome apply(Passage passage) {
        if (rule.insecure() && passage.head().scheme().equals("https")) {
            passage.say(key(), "not applied: the request came over TLS");
            return Outcome.PASS;
        }
        String location = within(to.expand(passage).replace(" ", "%20"));
        passage.say(key(), "answers " + rule.status() + " with Location: " + location);
        Headers fields = new Headers().add("Location", location);
        return new Outcome.Done(new RuleRun.Answered(rule.status(), fields, new byte[0]));
    }

    /** A path stays one, whatever the client has sent: with two slashes it would be another host (RFC 3986 §4.2). */
    private String within(String location) {
        boolean leaves = location.startsWith("//") || location.startsWith("/\\");
        return leaves && !rule.to().startsWith("//") ? "/" + location.replaceFirst("^[/\\\\]+", "") : location;
    }
}
