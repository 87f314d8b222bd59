package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.cache.CacheRequest;
import io.selvage.node.Proxied;

/**
 * Which requests may wait for one fetch: those for the same, as long as all or none of them go through a shield. Else two
 * nodes could each wait for what the other one is fetching.
 *
 * @param range the range that is asked for, as it came; empty for the whole
 */
record Sharing(CacheKey key, boolean throughShield, String range) {
    /** The requests that may wait for a fetch of the whole, whatever part of it they want. */
    static Sharing ofWhole(CacheRequest request, Proxied route) {
        return new Sharing(request.key(), Shield.isAsked(route, request.fields()), "");
    }

    /** The requests that may wait for a fetch of what this one asks for. */
    static Sharing of(CacheRequest request, Proxied route) {
        Sharing whole = ofWhole(request, route);
        return request.isRange()
                ? new Sharing(
                        whole.key,
                        whole.throughShield,
                        String.join(", ", request.fields().all("range")))
                : whole;
    }
}
