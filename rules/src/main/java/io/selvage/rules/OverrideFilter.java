package io.selvage.rules;

import io.selvage.node.Headers;
import java.util.List;

/**
 * Removes the fields with which frameworks let a request stand for one of another method, path or host: what a guard has
 * seen is what its destination gets.
 */
final class OverrideFilter implements Step {
    private static final List<String> FIELDS = List.of(
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
            "x-original-url",
            "x-rewrite-url",
            "x-original-host",
            "x-host",
            "x-forwarded-prefix",
            "x-forwarded-server");

    @Override
    public String key() {
        return "guard";
    }

    @Override
    public Outcome apply(Passage passage) {
        Headers fields = passage.head().headers();
        passage.say(key(), "no other field names another path or method");
        for (String name : FIELDS) {
            if (fields.containsAlike(name)) {
                passage.set(name, "");
                passage.say(key(), "removes " + name);
            }
        }
        return Outcome.PASS;
    }
}
