package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.cache.CacheRequest;
import io.selvage.node.Proxied;

/**
 * Which requests may wait for one fetch: those for the same, as long as all or none of them go through a shield. Else two
 * nodes could each wait for what the other one is fetching.
 */
record Sharing(CacheKey key, boolean throughShield) {
    static Sharing of(CacheRequest request, Proxied route) {
        return new Sharing(request.key(), Shield.isAsked(route, request.fields()));
    }
}
