package io.selvage.node;

import java.util.Optional;

/** A destination whose responses the gateway passes on itself, and so may store and change. */
public sealed interface Proxied extends Destination permits OriginRoute, ProxiedFunction {
    /** Which requests it gets. */
    Route route();

    /** The name of the origin or the function. */
    String name();

    /** How responses are stored and reused; nothing if they are not. */
    Optional<CacheRules> cache();

    /** What becomes of responses on their way to clients. */
    Delivery delivery();

    /** Whether responses are stored and reused. */
    default boolean caches() {
        return cache().isPresent();
    }
}
