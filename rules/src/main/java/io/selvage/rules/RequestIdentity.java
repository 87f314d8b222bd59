package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Rule;
import java.util.Optional;
import java.util.regex.Pattern;

/** Takes the id that a client gives its request, if it may and if it is one, and tells every client the id. */
final class RequestIdentity implements Step, ResponseStep {
    private static final String FIELD = "X-Request-Id";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._~+/=:-]{1,128}");

    private final boolean accept;

    RequestIdentity(Rule.RequestId rule) {
        accept = rule.accept();
    }

    @Override
    public String key() {
        return "request_id";
    }

    @Override
    public Outcome apply(Passage passage) {
        Optional<String> came = passage.head().headers().first(FIELD);
        Optional<String> taken = came.filter(id -> accept && ID.matcher(id).matches());
        taken.ifPresent(id -> passage.head(passage.head().withId(id)));
        passage.say(key(), taken.map(id -> "takes the client's: " + id).orElse("gives it one of its own"));
        return Outcome.PASS;
    }

    @Override
    public void apply(Passage passage, int status, Headers fields) {
        fields.set(FIELD, passage.head().id());
        passage.say(key(), "tells the client the id");
    }
}
