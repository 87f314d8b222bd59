package io.selvage.node;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * That a share of a route's requests is also sent elsewhere, only to compare the answers.
 *
 * @param origin the name of the origin that is asked too
 * @param function the name of the function that is asked too, if no origin is
 * @param share how many of a hundred requests
 * @param content the most bytes of a request's content that are held for it; 0 if only requests have a shadow that are safe
 *     and have none
 * @param compare what of the answers is compared
 * @param ignore names of fields that may differ, in small letters
 * @param slower how much longer the shadow may take before that is a difference
 */
public record ShadowRule(
        Optional<String> origin,
        Optional<String> function,
        int share,
        long content,
        Set<Part> compare,
        Set<String> ignore,
        Duration slower) {
    /** A part of an answer. */
    public enum Part {
        STATUS,
        HEADERS,
        BODY,
        TIME
    }

    /** The name of what is asked too. */
    public String destination() {
        return origin.or(() -> function).orElse("");
    }
}
