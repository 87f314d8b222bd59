package io.selvage.cache;

import io.selvage.node.Headers;
import java.util.Optional;
import java.util.OptionalLong;

/** What may be done with what is stored for a request (RFC 9111 §4). Decided by {@link #decide}. */
public sealed interface Reuse {
    /** For how long a response may be used when its origin cannot be reached and nobody has said how long, seconds. */
    long STALE_WHEN_DISCONNECTED = 60 * 60;

    /** Nothing stored fits; the origin must be asked. */
    record Miss() implements Reuse {}

    /** Nothing stored may be used, and the client wants nothing else: 504 (§5.2.1.7). */
    record Unsatisfiable() implements Reuse {}

    /** The response answers the request. */
    record Fresh(CachedResponse response) implements Reuse {}

    /** The response answers the request although it is stale, and is to be refreshed meanwhile (RFC 5861 §3). */
    record StaleWhileRevalidate(CachedResponse response) implements Reuse {}

    /** The response is stale, and the client has said that it takes it (§5.2.1.2). */
    record Stale(CachedResponse response) implements Reuse {}

    /**
     * The origin must be asked whether the response is still right.
     *
     * @param wanted whether that is because of the request's directives
     */
    record Validate(CachedResponse response, boolean wanted) implements Reuse {}

    /** Decides about the response that a request has selected, if one was. */
    static Reuse decide(CacheRequest request, Optional<CachedResponse> selected, long nowMillis) {
        CacheControl wanted = request.control();
        if (selected.isEmpty()) {
            return wanted.has("only-if-cached") ? new Unsatisfiable() : new Miss();
        }
        Reuse reuse = decide(wanted, selected.get(), nowMillis);
        return reuse instanceof Validate && wanted.has("only-if-cached") ? new Unsatisfiable() : reuse;
    }

    private static Reuse decide(CacheControl wanted, CachedResponse response, long now) {
        ResponsePolicy policy = response.policy();
        boolean fresh = response.isFresh(now);
        if (policy.needsValidation()) {
            return new Validate(response, false);
        }
        boolean reloads = wanted.has("no-cache")
                || wanted.seconds("max-age").orElse(Long.MAX_VALUE) < Math.max(1, response.age(now));
        if (reloads && !(policy.isImmutable() && fresh && !wanted.has("no-cache"))) {
            return new Validate(response, true);
        }
        if (fresh) {
            boolean longEnough =
                    response.timeToLive(now) >= wanted.seconds("min-fresh").orElse(0);
            return longEnough ? new Fresh(response) : new Validate(response, true);
        }
        long staleness = -response.timeToLive(now);
        if (!policy.forbidsStale() && wanted.has("max-stale")) {
            boolean anyStale = wanted.holds("max-stale");
            if (anyStale || staleness <= wanted.seconds("max-stale").orElse(0)) {
                return new Stale(response);
            }
        }
        return staleness < policy.staleWhileRevalidate()
                ? new StaleWhileRevalidate(response)
                : new Validate(response, false);
    }

    /**
     * Whether a stale response may answer because the origin has failed (RFC 5861 §4, RFC 9111 §4.2.4).
     *
     * @param disconnected whether the origin could not be reached, rather than answered with a 5xx
     */
    static boolean mayReplaceFailure(CacheRequest request, CachedResponse response, boolean disconnected, long now) {
        ResponsePolicy policy = response.policy();
        long staleness = -response.timeToLive(now);
        OptionalLong allowed = policy.staleIfError();
        if (allowed.isEmpty()) {
            allowed = request.control().seconds("stale-if-error");
        }
        if (allowed.isPresent()) {
            return staleness < allowed.getAsLong() && !policy.needsValidation();
        }
        return disconnected && !policy.forbidsStale() && staleness <= STALE_WHEN_DISCONNECTED;
    }

    /**
     * The fields of the request that validates a stored response (§4.3.1): the client's without its own conditions, and
     * with the stored validators.
     */
    static Headers validating(Headers request, CachedResponse stored) {
        Headers fields = unconditional(request);
        stored.entityTag().ifPresent(tag -> fields.set("If-None-Match", tag));
        stored.fields().first("last-modified").ifPresent(date -> fields.set("If-Modified-Since", date));
        return fields;
    }

    /** The fields of a request that asks for a whole response which all clients can share. */
    static Headers unconditional(Headers request) {
        Headers fields = new Headers();
        request.forEach(fields::add);
        return fields.remove("if-none-match")
                .remove("if-modified-since")
                .remove("if-match")
                .remove("if-unmodified-since")
                .remove("if-range")
                .remove("range");
    }
}
