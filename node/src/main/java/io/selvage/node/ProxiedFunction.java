package io.selvage.node;

import java.util.Optional;

/**
 * A route that leads to a function whose responses are stored, or changed on their way.
 *
 * @param route which requests it gets
 * @param function where they go
 * @param cache how its responses are stored and reused; nothing if they are not
 * @param delivery what becomes of responses on their way to clients
 */
public record ProxiedFunction(Route route, DeployedFunction function, Optional<CacheRules> cache, Delivery delivery)
        implements Proxied {
    @Override
    public String name() {
        return function.definition().name();
    }
}
