package io.selvage.gateway;

import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Completion;
import io.selvage.node.Proxied;
import org.jspecify.annotations.Nullable;

/**
 * What makes a request go to the origin, and what is stored of its answer.
 *
 * @param stored the response that is to be validated, or null
 * @param completion what is missing of the answer where the rest of it is stored, or null
 */
record Cause(
        Why why, @Nullable CachedResponse stored, @Nullable Completion completion) {
    /** Why a request goes to the origin, in the words of RFC 9211 §2.2. */
    enum Why {
        BYPASS("bypass"),
        METHOD("method"),
        URI_MISS("uri-miss"),
        VARY_MISS("vary-miss"),
        REQUEST("request"),
        STALE("stale"),
        PARTIAL("partial");

        private final String text;

        Why(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Which requests may wait for the answer: to validate a response is to ask for the whole of it. */
    Sharing sharing(CacheRequest request, Proxied route) {
        return stored == null ? Sharing.of(request, route) : Sharing.ofWhole(request, route);
    }

    Cause(Why why) {
        this(why, null, null);
    }

    Cause(Why why, CachedResponse stored) {
        this(why, stored, null);
    }

    Cause(Completion completion) {
        this(Why.PARTIAL, null, completion);
    }
}
