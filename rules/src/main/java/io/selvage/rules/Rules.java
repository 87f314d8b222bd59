package io.selvage.rules;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Place;
import io.selvage.node.Route;
import io.selvage.node.RouteRules;
import io.selvage.node.Rule;
import io.selvage.node.RuleBook;
import io.selvage.node.RuleChain;
import java.util.ArrayList;
import java.util.List;

/** Makes chains of the rules that manifests have. Thread-safe. */
public final class Rules implements RuleBook {
    /** The order in which rules look at a request, by their keys; {@code docs/rules.md} gives the reasons. */
    private static final List<String> ORDER = List.of("redirect", "request_headers", "rewrite", "answer");

    @Override
    public RuleChain chain(Route route, RouteRules rules, Place place) {
        List<Step> steps = new ArrayList<>();
        List<ResponseStep> responseSteps = new ArrayList<>();
        for (String key : ORDER) {
            rules.all().stream().filter(r -> r.key().equals(key)).forEach(r -> steps.add(step(r, route, place)));
        }
        for (Rule rule : rules.all()) {
            if (rule instanceof Rule.Fields fields && fields.key().equals("response_headers")) {
                responseSteps.add(new FieldChanges(fields, route));
            }
        }
        return new Chain(steps, responseSteps, Long.MAX_VALUE);
    }

    private static Step step(Rule rule, Route route, Place place) {
        try {
            return switch (rule) {
                case Rule.Redirect redirect -> new Redirection(redirect, route);
                case Rule.Answer answer -> new StaticAnswer(answer);
                case Rule.Fields fields -> new FieldChanges(fields, route);
                case Rule.Rewrite rewrite -> new PathRewrite(rewrite, route);
            };
        } catch (ConfigurationException e) {
            throw new ConfigurationException(place + ": route." + rule.key() + ": " + e.getMessage());
        }
    }
}
