package io.selvage.node;

import java.util.Optional;

/**
 * A route that leads to an origin.
 *
 * @param route which requests it gets
 * @param origin where they go
 * @param cache how its responses are stored and reused; nothing if they are not
 */
public record OriginRoute(Route route, OriginDefinition origin, Optional<CacheRules> cache) implements Destination {
    /** Whether its responses are stored and reused. */
    public boolean caches() {
        return cache.isPresent();
    }
}
