package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.node.OriginRoute;
import io.selvage.node.Proxied;

/**
 * What nodes tell each other when one fetches through another: the second, the shield, asks the origin itself, whatever its
 * manifest says, and hands on what the origin has said to caches. The mark is the field for loops of CDNs (RFC 8586).
 */
final class Shield {
    private static final String FIELD = "CDN-Loop";
    private static final String NAME = "selvage";

    private Shield() {}

    /** Whether another node asks, for a client of its own. */
    static boolean isMarked(Headers fields) {
        for (String member : fields.members(FIELD)) {
            if (member.split(";", 2)[0].strip().equals(NAME)) {
                return true;
            }
        }
        return false;
    }

    /** The fields with the mark. */
    static Headers marked(Headers fields) {
        Headers marked = new Headers();
        fields.forEach(marked::add);
        return marked.add(FIELD, NAME);
    }

    /** Whether a request on a route goes through a shield. */
    static boolean isAsked(Proxied route, Headers fields) {
        return route instanceof OriginRoute to && to.origin().shield().isPresent() && !isMarked(fields);
    }
}
