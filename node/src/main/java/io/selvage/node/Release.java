package io.selvage.node;

import java.util.List;

/**
 * One version of an app as a node runs it. Immutable; thread-safe.
 *
 * @param manifest what it was made from
 * @param router finds the function or the origin for a request
 * @param functions its functions, in the manifest's order
 */
public record Release(Manifest manifest, Router<Destination> router, List<DeployedFunction> functions) {
    /** How many routes it has. */
    public int routes() {
        return manifest.functions().stream().mapToInt(f -> f.routes().size()).sum()
                + manifest.originRoutes().size();
    }
}
