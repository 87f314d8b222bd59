package io.selvage.node;

import java.util.List;

/**
 * What a route does to its requests before its destination gets them, and to the responses. Immutable.
 *
 * @param all at most one of each key; their order is of no importance
 */
public record RouteRules(List<Rule> all) {
    /** No rule. */
    public static final RouteRules NONE = new RouteRules(List.of());

    /** Copies the list. */
    public RouteRules {
        all = List.copyOf(all);
    }

    /** Whether there is no rule. */
    public boolean isEmpty() {
        return all.isEmpty();
    }
}
