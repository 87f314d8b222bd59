package io.selvage.gateway;

import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Completion;
import io.selvage.cache.Reuse;
import io.selvage.node.Headers;
import io.selvage.node.Proxied;
import java.util.Optional;
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

    /**
     * The fields of the request to the origin.
     *
     * @param shared whether other requests may get its answer
     */
    Headers asking(CacheRequest request, boolean shared) {
        CachedResponse old = stored;
        Completion missing = completion;
        if (missing != null) {
            return missing.asking(request.fields());
        }
        if (old == null) {
            return shared ? withRange(Reuse.unconditional(request.fields()), request) : request.fields();
        }
        Headers fields = Reuse.validating(request.fields(), old);
        return old.isPartial() ? withRange(fields, request) : fields;
    }

    /** Whether a 304 is about a response with another strong validator, and so says nothing of the stored one (§4.3.4). */
    boolean isAnother(Headers fields) {
        Optional<String> tag = fields.first("etag").map(String::strip);
        Optional<String> known = Optional.ofNullable(stored).flatMap(CachedResponse::entityTag);
        return tag.isPresent()
                && known.isPresent()
                && tag.get().startsWith("\"")
                && known.get().startsWith("\"")
                && !tag.equals(known);
    }

    private static Headers withRange(Headers fields, CacheRequest request) {
        request.fields().all("range").forEach(range -> fields.add("Range", range));
        return fields;
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
