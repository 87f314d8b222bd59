package io.selvage.node;

import java.util.Optional;

/**
 * A route that leads to an origin.
 *
 * @param route which requests it gets
 * @param origin where they go
 * @param cache how its responses are stored and reused; nothing if they are not
 * @param delivery what becomes of responses on their way to clients
 */
public record OriginRoute(Route route, OriginDefinition origin, Optional<CacheRules> cache, Delivery delivery)
        implements Proxied {
    @Override
    public String name() {
        return origin.name();
    }
}
