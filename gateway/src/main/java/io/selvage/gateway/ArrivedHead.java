package io.selvage.gateway;

import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ContentRange;
import io.selvage.cache.HttpDate;
import io.selvage.cache.ResponsePolicy;
import io.selvage.cache.Variant;
import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.util.Optional;

/**
 * The head of a response that has come from an origin, and what follows from it: for whom it is, and whether it may be
 * stored.
 *
 * @param originStatus the status that came
 * @param status the status that clients get, where the rest of the response is stored
 * @param range which part of a content is coming; nothing if it is the whole
 * @param declared how many bytes are coming; -1 if that is not known
 */
record ArrivedHead(
        int originStatus,
        int status,
        Headers fields,
        CachedResponse.Arrival arrival,
        Optional<ContentRange> range,
        long declared,
        Variant variant,
        CacheRules rules,
        ResponsePolicy policy) {

    /** What follows from what came; {@code completed} is the part that was missing, if this is just that. */
    static ArrivedHead of(
            int originStatus,
            int status,
            Headers fields,
            CachedResponse.Arrival arrival,
            Optional<ContentRange> completed,
            CacheRequest request,
            CacheRules rules) {
        Optional<ContentRange> range = completed.or(() -> ContentRange.of(originStatus, fields));
        return new ArrivedHead(
                originStatus,
                status,
                fields,
                arrival,
                range,
                range.map(ContentRange::length).orElseGet(() -> ResponseFields.declaredLength(fields)),
                Variant.of(fields, request.fields()),
                rules,
                ResponsePolicy.of(meaning(range, status), fields, arrival.second(), rules));
    }

    /** The status that counts for storing: a part is one of a 200. */
    private static int meaning(Optional<ContentRange> range, int status) {
        return range.isPresent() ? 200 : status;
    }

    /**
     * Whether it may be stored, and is worth it.
     *
     * @param method of the request from the client
     */
    boolean isStorable(String method, CacheRequest request, Cause cause) {
        if (range.isPresent() && (!method.equals("GET") || isBare(request, cause))) {
            return false;
        }
        boolean get = cause.why() != Cause.Why.BYPASS && !method.equals("HEAD") && request.isCacheable();
        boolean asGet = method.equals("POST")
                && status == 200
                && policy.isExplicit()
                && fields.first("content-location")
                        .flatMap(location -> request.key().resolve(location, rules.key()))
                        .filter(request.key()::equals)
                        .isPresent();
        return (get || asGet)
                && policy.allowsStoring(request, meaning(range, status), fields)
                && policy.isWorthStoring(fields);
    }

    /** Whether a part may lack fields of the whole, since its client has said that it has them (RFC 9110 §15.3.7). */
    private boolean isBare(CacheRequest request, Cause cause) {
        return cause.completion() == null && request.fields().contains("if-range") && !fields.contains("content-type");
    }

    /** When the origin has made it, seconds since 1970: as it says, or when it came. */
    long date() {
        return HttpDate.parse(fields.first("date").orElse("")).orElse(arrival.second());
    }
}
