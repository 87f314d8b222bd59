package io.selvage.rules;

import io.selvage.node.Headers;
import java.util.Locale;

/** Tells the client how long the rules and the destination took ({@code Server-Timing}), beside what it is told already. */
final class Timing implements ResponseStep {
    @Override
    public String key() {
        return "server_timing";
    }

    @Override
    public void apply(Passage passage, int status, Headers fields) {
        passage.say(key(), "tells the client what took how long");
        long now = System.nanoTime();
        long decided = passage.decidedAt();
        fields.add(
                "Server-Timing",
                "rules;dur=" + millis(decided - passage.beganAt()) + ", app;dur=" + millis(now - decided));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
    }
}
