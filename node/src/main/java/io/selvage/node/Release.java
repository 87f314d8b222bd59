package io.selvage.node;

import java.util.List;
import java.util.Map;

/**
 * One version of an app as a node runs it. Immutable; thread-safe.
 *
 * @param manifest what it was made from
 * @param router finds what is behind a request's route
 * @param functions its functions, in the manifest's order
 * @param chains the rules of its routes that have some
 */
public record Release(
        Manifest manifest, Router<Endpoint> router, List<DeployedFunction> functions, Map<Ruled, RuleChain> chains) {
    /** A route and its rules: what makes two chains the same. */
    record Ruled(Route route, RouteRules rules) {}

    /** How many routes it has. */
    public int routes() {
        return manifest.functions().stream().mapToInt(f -> f.routes().size()).sum()
                + manifest.routes().size();
    }
}
