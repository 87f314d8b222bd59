package io.selvage.cache;

import io.selvage.node.Headers;
import java.util.List;
import java.util.Set;

/**
 * A request as the cache sees it. Immutable, as long as nobody changes its fields.
 *
 * @param method the method as it came
 * @param key what it asks for
 * @param fields its fields
 * @param control its directives; {@code Pragma: no-cache} counts where there is no {@code Cache-Control} (RFC 9111 §5.4)
 */
public record CacheRequest(String method, CacheKey key, Headers fields, CacheControl control) {
    private static final Set<String> SAFE =
            Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY");

    /** Fields with which frameworks let a request stand for one of another method or path. */
    private static final List<String> OVERRIDES =
            List.of("x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url");

    private static final List<String> CONDITIONS =
            List.of("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range");

    /** A request with its directives. */
    public static CacheRequest of(String method, CacheKey key, Headers fields) {
        List<String> lines = fields.all("cache-control");
        if (lines.isEmpty() && fields.contains("pragma")) {
            lines = fields.all("pragma").stream()
                    .filter(p -> CacheControl.parse(List.of(p)).has("no-cache"))
                    .map(_ -> "no-cache")
                    .toList();
        }
        return new CacheRequest(method, key, fields, CacheControl.parse(lines));
    }

    /** Whether stored responses can answer it: a GET, a HEAD or a QUERY that does not ask for something else by other means. */
    public boolean isCacheable() {
        return (isRead() || isQuery()) && OVERRIDES.stream().noneMatch(fields::containsAlike);
    }

    /** Whether it is a GET or a HEAD. */
    public boolean isRead() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** Whether it is a QUERY, whose content is a part of what it asks for (RFC 10008). */
    public boolean isQuery() {
        return method.equals("QUERY");
    }

    /** Whether its method changes nothing; a method that is not known may (RFC 9111 §4.4). */
    public boolean isSafe() {
        return SAFE.contains(method);
    }

    /** Whether it asks for a part of the content. */
    public boolean isRange() {
        return method.equals("GET") && fields.contains("range");
    }

    /** Whether it is to be answered only if something holds of what there is (RFC 9110 §13.1). */
    public boolean isConditional() {
        return isConditional(fields);
    }

    private static boolean isConditional(Headers fields) {
        return CONDITIONS.stream().anyMatch(fields::contains);
    }

    /** Whether the fields of a request ask for a part of what is stored, on a condition, or for nothing but what is stored. */
    public static boolean isOfTheStored(Headers fields) {
        return fields.contains("range")
                || isConditional(fields)
                || CacheControl.parse(fields.all("cache-control")).has("only-if-cached");
    }

    /** Whether it carries credentials (RFC 9111 §3.5). */
    public boolean isAuthorized() {
        return fields.contains("authorization");
    }
}
