package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Rule;
import java.util.Map;

/** Fields that make browsers careful: those the response does not have, and {@code Strict-Transport-Security} over TLS. */
final class SecurityFields implements ResponseStep {
    private final String key;
    private final Map<String, String> fields;
    private final boolean overTlsOnly;

    private SecurityFields(String key, Map<String, String> fields, boolean overTlsOnly) {
        this.key = key;
        this.fields = fields;
        this.overTlsOnly = overTlsOnly;
    }

    static SecurityFields of(Rule.SecurityHeaders rule) {
        return new SecurityFields(rule.key(), rule.fields(), false);
    }

    /** RFC 6797 §7.2: never in a response without TLS. */
    static SecurityFields of(Rule.Hsts rule) {
        String value = "max-age=" + rule.maxAge().toSeconds()
                + (rule.subdomains() ? "; includeSubDomains" : "")
                + (rule.preload() ? "; preload" : "");
        return new SecurityFields(rule.key(), Map.of("Strict-Transport-Security", value), true);
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public void apply(Passage passage, int status, Headers to) {
        if (overTlsOnly && !passage.head().scheme().equals("https")) {
            passage.say(key, "not applied: the request came without TLS");
            return;
        }
        fields.forEach((name, value) -> {
            if (!to.contains(name)) {
                to.add(name, value);
            }
        });
        passage.say(key, "adds " + String.join(", ", fields.keySet()) + " where missing");
    }
}
