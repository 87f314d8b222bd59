package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Rule;
import io.selvage.node.RuleRun;
import java.util.List;
import java.util.Optional;

/** Answers preflight requests, and lets the scripts of some origins read responses (Fetch §3.3). */
final class CrossOrigin implements Step, ResponseStep {
    private final Rule.Cors rule;
    private final boolean any;

    CrossOrigin(Rule.Cors rule) {
        this.rule = rule;
        this.any = rule.origins().contains("*");
    }

    @Override
    public String key() {
        return rule.key();
    }

    @Override
    public Outcome apply(Passage passage) {
        Headers request = passage.head().headers();
        Optional<String> method = request.first("access-control-request-method");
        Optional<String> origin = request.first("origin");
        if (!passage.head().method().equals("OPTIONS") || method.isEmpty() || origin.isEmpty()) {
            passage.say(
                    key(), origin.isEmpty() ? "not applied: there is no Origin" : "the response will name the origin");
            return Outcome.PASS;
        }
        Headers fields = new Headers();
        if (allowed(origin.get()).isPresent()) {
            preflight(request, method.get(), fields);
            passage.say(key(), "answers the preflight: " + origin.get() + " may");
        } else {
            passage.say(key(), "answers the preflight: " + origin.get() + " may not");
        }
        return new Outcome.Done(new RuleRun.Answered(204, fields, new byte[0]));
    }

    private void preflight(Headers request, String method, Headers fields) {
        List<String> methods = rule.methods();
        fields.add("Access-Control-Allow-Methods", methods.isEmpty() ? method : String.join(", ", methods));
        if (!rule.headers().isEmpty()) {
            fields.add("Access-Control-Allow-Headers", String.join(", ", rule.headers()));
        } else {
            request.first("access-control-request-headers")
                    .ifPresent(asked -> fields.add("Access-Control-Allow-Headers", asked));
        }
        fields.add("Access-Control-Max-Age", Long.toString(rule.maxAge().toSeconds()));
        fields.add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
    }

    @Override
    public void apply(Passage passage, int status, Headers fields) {
        fields.remove("access-control-allow-origin")
                .remove("access-control-allow-credentials")
                .remove("access-control-expose-headers");
        if (!any) {
            vary(fields);
        }
        Optional<String> readable = passage.origin().flatMap(this::allowed);
        passage.say(
                key(), readable.map(o -> "lets scripts of " + o + " read it").orElse("lets no scripts read it"));
        readable.ifPresent(origin -> {
            fields.add("Access-Control-Allow-Origin", origin);
            if (rule.credentials()) {
                fields.add("Access-Control-Allow-Credentials", "true");
            }
            if (!rule.expose().isEmpty()) {
                fields.add("Access-Control-Expose-Headers", String.join(", ", rule.expose()));
            }
        });
    }

    private static void vary(Headers fields) {
        boolean varies =
                fields.members("vary").stream().anyMatch(name -> name.equalsIgnoreCase("origin") || name.equals("*"));
        if (!varies) {
            fields.add("Vary", "Origin");
        }
    }

    private Optional<String> allowed(String origin) {
        if (any) {
            return Optional.of("*");
        }
        return rule.origins().stream().anyMatch(pattern -> matches(pattern, origin))
                ? Optional.of(origin)
                : Optional.empty();
    }

    private static boolean matches(String pattern, String origin) {
        int star = pattern.indexOf("://*.");
        if (star < 0) {
            return pattern.equals(origin);
        }
        String scheme = pattern.substring(0, star + 3);
        String domain = pattern.substring(star + 4);
        return origin.startsWith(scheme)
                && origin.endsWith(domain)
                && origin.length() > scheme.length() + domain.length()
                && origin.substring(scheme.length(), origin.length() - domain.length())
                        .matches("[a-z0-9.-]+");
    }
}
