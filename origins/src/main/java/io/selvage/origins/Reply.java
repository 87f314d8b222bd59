package io.selvage.origins;

import io.selvage.node.Headers;
import io.selvage.node.ShadowRule;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * An answer as far as it is compared with another one.
 *
 * @param status its status; 0 if there was none
 * @param fields its fields
 * @param length how many bytes its content has
 * @param digest a hash of its content, in hexadecimal digits
 * @param whole whether it came to its end
 * @param nanos how long it took
 */
public record Reply(int status, Headers fields, long length, String digest, boolean whole, long nanos) {
    /** Fields that say something of the moment, the connection or the gateway rather than of the content. */
    private static final Set<String> OF_THE_MOMENT = Set.of(
            "date",
            "age",
            "via",
            "server",
            "connection",
            "keep-alive",
            "transfer-encoding",
            "content-length",
            "cache-status",
            "server-timing",
            "surrogate-control",
            "surrogate-key",
            "alt-svc",
            "x-request-id",
            "traceparent",
            "tracestate");

    /** Fields of which one 304 may tell and another not (RFC 9110 §15.4.5): they are known from the answer that is still good. */
    private static final Set<String> OF_THE_UNMODIFIED = Set.of("content-type", "vary");

    private static final int NOT_MODIFIED = 304;

    /**
     * A difference between two answers.
     *
     * @param part what differs
     * @param name a field's name; empty for another part
     * @param served what the client got
     * @param shadow what the other answer has
     */
    public record Difference(ShadowRule.Part part, String name, String served, String shadow) {
        @Override
        public String toString() {
            String what = part == ShadowRule.Part.HEADERS ? name : part.name().toLowerCase(Locale.ROOT);
            return what + ": " + served + " / " + shadow;
        }
    }

    /** The same with other fields. */
    public Reply with(Headers other) {
        return new Reply(status, other, length, digest, whole, nanos);
    }

    /** What of a shadow's answer differs from this one, as far as that is to be compared. */
    public List<Difference> differences(Reply shadow, ShadowRule rule) {
        List<Difference> found = new ArrayList<>();
        Set<ShadowRule.Part> parts = rule.compare();
        if (parts.contains(ShadowRule.Part.STATUS) && status != shadow.status) {
            found.add(new Difference(ShadowRule.Part.STATUS, "", status + "", shadow.status + ""));
        }
        if (parts.contains(ShadowRule.Part.HEADERS)) {
            compareFields(shadow, rule.ignore(), found);
        }
        boolean sameContent = length == shadow.length && digest.equals(shadow.digest) && whole == shadow.whole;
        if (parts.contains(ShadowRule.Part.BODY) && !sameContent) {
            found.add(new Difference(ShadowRule.Part.BODY, "", content(), shadow.content()));
        }
        if (parts.contains(ShadowRule.Part.TIME)
                && shadow.nanos - nanos > rule.slower().toNanos()) {
            found.add(new Difference(
                    ShadowRule.Part.TIME, "", nanos / 1_000_000 + " ms", shadow.nanos / 1_000_000 + " ms"));
        }
        return List.copyOf(found);
    }

    private void compareFields(Reply shadow, Set<String> ignored, List<Difference> found) {
        Set<String> names = new LinkedHashSet<>();
        fields.forEach((name, _) -> names.add(name.toLowerCase(Locale.ROOT)));
        shadow.fields.forEach((name, _) -> names.add(name.toLowerCase(Locale.ROOT)));
        for (String name : names) {
            String served = String.join(", ", fields.all(name));
            String other = String.join(", ", shadow.fields.all(name));
            boolean counts = !OF_THE_MOMENT.contains(name)
                    && !ignored.contains(name)
                    && !(status == NOT_MODIFIED && OF_THE_UNMODIFIED.contains(name));
            if (counts && !served.equals(other)) {
                found.add(new Difference(ShadowRule.Part.HEADERS, name, served, other));
            }
        }
    }

    private String content() {
        return length + " bytes " + digest.substring(0, Math.min(12, digest.length())) + (whole ? "" : ", broken off");
    }
}
