package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Refuses requests that are too many with 429 (RFC 6585 §4), and tells what is left in {@code RateLimit} and
 * {@code RateLimit-Policy} (draft-ietf-httpapi-ratelimit-headers-10). Thread-safe.
 */
final class RateLimiter implements Step {
    private record Limit(Quota quota, PartitionKey key, String policy) {}

    private final List<Limit> limits;
    private final String policies;

    /** One for the limits whose keys are known before it is known who asks, one for the others. */
    static List<RateLimiter> of(Rule.RateLimits rule, LongSupplier clock) {
        return rule.all().stream()
                .collect(Collectors.partitioningBy(limit -> new PartitionKey(limit.by()).needsUser()))
                .values()
                .stream()
                .filter(limits -> !limits.isEmpty())
                .map(limits -> new RateLimiter(limits, clock))
                .toList();
    }

    private RateLimiter(List<Rule.RateLimit> rules, LongSupplier clock) {
        limits = rules.stream()
                .map(rule -> {
                    Quota quota = new Quota(rule, clock);
                    String policy = '"' + rule.name() + "\";q=" + quota.quota() + ";w=" + quota.windowSeconds();
                    return new Limit(quota, new PartitionKey(rule.by()), policy);
                })
                .toList();
        policies = String.join(", ", limits.stream().map(Limit::policy).toList());
    }

    @Override
    public String key() {
        return "rate_limit";
    }

    /** Whether it must be known who asks. */
    boolean needsUser() {
        return limits.stream().anyMatch(limit -> limit.key.needsUser());
    }

    @Override
    public Outcome apply(Passage passage) {
        List<String> left = new ArrayList<>(limits.size());
        List<String> violated = new ArrayList<>(1);
        long wait = 0;
        for (Limit limit : limits) {
            Quota.Left now = limit.quota.take(limit.key.of(passage));
            left.add('"' + limit.quota.limit().name() + "\";r=" + now.remaining() + ";t=" + now.reset());
            if (!now.allowed()) {
                violated.add(limit.quota.limit().name());
                wait = Math.max(wait, now.reset());
            }
            if (passage.isExplained()) {
                passage.say(key(), said(limit, now));
            }
        }
        String state = String.join(", ", left);
        passage.whenAnswered(new ResponseStep() {
            @Override
            public String key() {
                return "rate_limit";
            }

            @Override
            public void apply(Passage of, int status, Headers fields) {
                fields.add("RateLimit-Policy", policies);
                fields.add("RateLimit", state);
            }
        });
        return violated.isEmpty()
                ? Outcome.PASS
                : Outcome.refuse(new Problem(
                        429,
                        "rate-limit",
                        "There are too many requests",
                        "The limit \"" + String.join("\", \"", violated) + "\" is reached. Wait " + wait + " s.",
                        "",
                        (int) Math.min(wait, Integer.MAX_VALUE),
                        List.of("violated-policies", violated)));
    }

    private static String said(Limit limit, Quota.Left now) {
        Rule.RateLimit rule = limit.quota.limit();
        return "\"" + rule.name() + "\" counts by " + String.join(" and ", rule.by()) + ": "
                + (now.allowed() ? "within " : "past ") + limit.quota.quota() + " in " + limit.quota.windowSeconds()
                + " s (" + (rule.sliding() ? "sliding window" : "token bucket") + ")";
    }
}
