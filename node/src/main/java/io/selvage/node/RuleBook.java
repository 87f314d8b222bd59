package io.selvage.node;

import java.nio.file.Path;

/** Knows how to apply rules: what a manifest says becomes a chain that requests go through. Thread-safe. */
@FunctionalInterface
public interface RuleBook {
    /** Knows no rule. */
    RuleBook NONE = (_, _, place) -> {
        throw new ConfigurationException(place + ": the route has rules, and this node applies none");
    };

    /**
     * The chain for a route's rules.
     *
     * @param route the route that they belong to
     * @param rules at least one
     * @param place where the route stands in the manifest
     * @throws ConfigurationException if they cannot be applied, for example because a file is missing
     */
    RuleChain chain(Route route, RouteRules rules, Place place);

    /** The folder that relative paths of a manifest are relative to. */
    static Path folder(Place place) {
        Path parent = place.file().getParent();
        return parent == null ? Path.of("") : parent;
    }
}
