package io.selvage.rules;

import io.selvage.node.ConfigurationException;
import io.selvage.node.EventLog;
import io.selvage.node.Headers;
import io.selvage.node.Place;
import io.selvage.node.RequestHead;
import io.selvage.node.Route;
import io.selvage.node.RouteRules;
import io.selvage.node.Rule;
import io.selvage.node.RuleBook;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes chains of the rules that manifests have. Thread-safe.
 *
 * <p>The order is always the same, whatever the order in the manifest: first who and where the client is, then what costs
 * nothing to refuse, then who asks, then what changes the request.
 */
public final class Rules implements RuleBook {
    private static final Set<String> GUARDS = Set.of("addresses", "geo", "basic", "jwt");
    private static final List<String> ORDER = List.of(
            "request_id",
            "trusted_proxies",
            "addresses",
            "geo",
            "maintenance",
            "cors",
            "rate_limit",
            "redirect",
            "body_limit",
            "basic",
            "jwt",
            "rate_limit of users",
            "device",
            "buckets",
            "request_headers",
            "rewrite",
            "answer",
            "concurrency");
    private static final List<String> RESPONSE_ORDER =
            List.of("cors", "hsts", "security_headers", "request_id", "server_timing", "response_headers");

    private final EventLog log;

    /**
     * Rules.
     *
     * @param log where it is said that keys cannot be fetched
     */
    public Rules(EventLog log) {
        this.log = log;
    }

    /** Whether rules let only some clients through. */
    public static boolean guards(RouteRules rules) {
        return rules.all().stream().anyMatch(r -> GUARDS.contains(r.key()));
    }

    @Override
    public Chain chain(Route route, RouteRules rules, Place place) {
        List<Step> steps = new ArrayList<>();
        boolean guards = guards(rules);
        if (guards) {
            steps.add(new OverrideFilter());
        }
        List<ResponseStep> responses = new ArrayList<>();
        long bodyLimit = Long.MAX_VALUE;
        try {
            for (Rule rule : rules.all()) {
                add(rule, route, place, steps, responses);
                bodyLimit = rule instanceof Rule.BodyLimit limit ? limit.bytes() : bodyLimit;
            }
        } catch (ConfigurationException e) {
            new Chain(steps, List.of(), 0, false).close();
            throw e;
        }
        steps.sort(java.util.Comparator.comparingInt(step -> ORDER.indexOf(order(step))));
        responses.sort(java.util.Comparator.comparingInt(step -> RESPONSE_ORDER.indexOf(step.key())));
        return new Chain(steps, responses, bodyLimit, guards);
    }

    /**
     * Tells what a route's rules make of a request; nothing is asked for elsewhere but keys, and nothing is counted.
     *
     * @param response the fields of the response that the destination is assumed to give
     */
    public Explanation explain(Route route, RouteRules rules, Place place, RequestHead head, Headers response) {
        try (Chain chain = chain(route, rules, place)) {
            return Explanation.of(chain, head, response);
        }
    }

    private static String order(Step step) {
        return step instanceof RateLimiter limiter && limiter.needsUser() ? "rate_limit of users" : step.key();
    }

    private void add(Rule rule, Route route, Place place, List<Step> steps, List<ResponseStep> responses) {
        try {
            switch (rule) {
                case Rule.Redirect redirect -> steps.add(new Redirection(redirect, route));
                case Rule.Answer answer -> steps.add(new StaticAnswer(answer));
                case Rule.Fields fields -> {
                    FieldChanges changes = new FieldChanges(fields, route);
                    if (fields.key().equals("request_headers")) {
                        steps.add(changes);
                    } else {
                        responses.add(changes);
                    }
                }
                case Rule.Rewrite rewrite -> steps.add(new PathRewrite(rewrite, route));
                case Rule.TrustedProxies proxies -> steps.add(new ForwardedClient(proxies));
                case Rule.RequestId id -> {
                    RequestIdentity identity = new RequestIdentity(id);
                    steps.add(identity);
                    responses.add(identity);
                }
                case Rule.Addresses addresses -> steps.add(new AddressFilter(addresses));
                case Rule.Geo geo -> steps.add(new Location(geo));
                case Rule.Maintenance maintenance -> steps.add(new MaintenanceMode(maintenance));
                case Rule.Cors cors -> {
                    CrossOrigin crossOrigin = new CrossOrigin(cors);
                    steps.add(crossOrigin);
                    responses.add(crossOrigin);
                }
                case Rule.RateLimits limits -> steps.addAll(RateLimiter.of(limits, System::nanoTime));
                case Rule.Concurrency concurrency -> steps.add(new ConcurrencyLimiter(concurrency));
                case Rule.BodyLimit limit -> steps.add(new BodySize(limit));
                case Rule.Basic basic -> steps.add(new BasicLogin(basic));
                case Rule.Jwt jwt -> steps.add(new TokenCheck(jwt, log));
                case Rule.Device _ -> steps.add(new DeviceClass());
                case Rule.Buckets buckets -> steps.add(new Bucketing(buckets));
                case Rule.Hsts hsts -> responses.add(SecurityFields.of(hsts));
                case Rule.SecurityHeaders fields -> responses.add(SecurityFields.of(fields));
                case Rule.ServerTiming _ -> responses.add(new Timing());
            }
        } catch (ConfigurationException e) {
            throw new ConfigurationException(place + ": route." + rule.key() + ": " + e.getMessage());
        }
    }
}
