package io.selvage.node;

import java.util.Optional;

/**
 * What a request finds behind a route.
 *
 * @param destination who answers
 * @param rules what is done before and after
 * @param shadow what a share of the requests is also sent to
 */
public record Endpoint(Destination destination, RuleChain rules, Optional<Shadow> shadow) {
    /** One without a shadow. */
    public Endpoint(Destination destination, RuleChain rules) {
        this(destination, rules, Optional.empty());
    }
}
