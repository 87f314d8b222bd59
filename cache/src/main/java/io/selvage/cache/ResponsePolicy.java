package io.selvage.cache;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a response says about its storing and reuse, as this cache reads it: the targeted field that is meant for it, else
 * {@code Cache-Control} and {@code Expires} (RFC 9213 §2.2, RFC 9111 §4.2.1). Immutable.
 *
 * @param control the directives that count
 * @param lifetime the freshness lifetime, seconds
 * @param isExplicit whether the lifetime was given by the origin or the route's rules, not guessed
 * @param rule what the route's rules say of such a response
 */
public record ResponsePolicy(CacheControl control, long lifetime, boolean isExplicit, CacheRules.Lifetime rule) {
    /** Statuses that may be kept for a guessed time (RFC 9110 §15.1); a 206 counts as the 200 that it is a part of. */
    private static final Set<Integer> HEURISTIC = Set.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501);

    /** Statuses whose meaning this cache knows, for {@code must-understand} (RFC 9111 §5.2.2.3). */
    private static final Set<Integer> UNDERSTOOD =
            Set.of(200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 404, 405, 410, 414, 500, 501, 502, 503, 504);

    /**
     * Statuses that say something of one request's range, conditions or expectation, which are not in the key: whatever
     * lifetime they have, to others they would be wrong.
     */
    private static final Set<Integer> OF_ONE_REQUEST = Set.of(206, 304, 412, 416, 417);

    /** The part of the time since the last change that a response may be expected to stay as it is (§4.2.2). */
    private static final int HEURISTIC_FRACTION = 10;

    private static final String SET_COOKIE = "set-cookie";
    private static final long LONGEST_GUESS = 24 * 60 * 60;

    /**
     * Reads a response's fields.
     *
     * @param responseSecond when it arrived, seconds since 1970
     * @param rules the route's
     */
    public static ResponsePolicy of(int status, Headers fields, long responseSecond, CacheRules rules) {
        CacheControl control = control(fields, rules.targeted());
        boolean withExpires = control == null;
        CacheControl counting = control == null ? CacheControl.parse(fields.all("cache-control")) : control;
        CacheRules.Lifetime rule = rules.lifetime(status, fields);
        if (fields.contains(SET_COOKIE)) {
            rule = rule.forOneUser();
        }
        OptionalLong said = counting.seconds("s-maxage");
        if (said.isEmpty()) {
            said = counting.seconds("max-age");
        }
        if (said.isEmpty() && withExpires) {
            said = untilExpires(fields, responseSecond);
        }
        OptionalLong age = rule.edge().isPresent() ? rule.edge() : said.isPresent() ? said : rule.otherwise();
        return age.isPresent()
                ? new ResponsePolicy(counting, age.getAsLong(), true, rule)
                : new ResponsePolicy(counting, guess(status, fields, responseSecond, counting), false, rule);
    }

    /** The directives of the first targeted field that is there and well-formed; null if {@code Cache-Control} counts. */
    private static @Nullable CacheControl control(Headers fields, List<String> targeted) {
        for (String name : targeted) {
            if (fields.contains(name)) {
                var control = CacheControl.parseTargeted(fields.all(name));
                if (control.isPresent()) {
                    return control.get();
                }
            }
        }
        return fields.contains("surrogate-control") ? surrogate(fields) : null;
    }

    /** {@code Surrogate-Control: max-age=60+30}: the second number is how long it may be stale while it is refreshed. */
    private static CacheControl surrogate(Headers fields) {
        List<String> lines = fields.all("surrogate-control").stream()
                .map(line -> line.replaceAll("(?i)max-age=(\\d+)\\+(\\d+)", "max-age=$1, stale-while-revalidate=$2"))
                .toList();
        return CacheControl.parse(lines);
    }

    private static OptionalLong untilExpires(Headers fields, long responseSecond) {
        List<String> lines = fields.all("expires");
        if (lines.isEmpty()) {
            return OptionalLong.empty();
        }
        OptionalLong expires = lines.size() == 1 ? HttpDate.parse(lines.getFirst()) : OptionalLong.empty();
        return expires.isEmpty()
                ? OptionalLong.of(0)
                : OptionalLong.of(
                        Math.clamp(expires.getAsLong() - date(fields, responseSecond), 0, CacheControl.FOREVER));
    }

    private static long guess(int status, Headers fields, long responseSecond, CacheControl control) {
        boolean allowed = HEURISTIC.contains(status) || control.has("public");
        OptionalLong modified =
                fields.first("last-modified").map(HttpDate::parse).orElse(OptionalLong.empty());
        if (!allowed || modified.isEmpty() || fields.contains(SET_COOKIE)) {
            return 0;
        }
        long unchanged = date(fields, responseSecond) - modified.getAsLong();
        return Math.clamp(unchanged / HEURISTIC_FRACTION, 0, LONGEST_GUESS);
    }

    /** The response's {@code Date}, or when it arrived if it has none that is one. */
    static long date(Headers fields, long responseSecond) {
        return fields.first("date")
                .map(HttpDate::parse)
                .orElse(OptionalLong.empty())
                .orElse(responseSecond);
    }

    /** Whether this cache may store the response to {@code request} (RFC 9111 §3), not counting what that would bring. */
    public boolean allowsStoring(CacheRequest request, int status, Headers fields) {
        boolean understands = control.has("must-understand");
        if (understands ? !UNDERSTOOD.contains(status) : control.has("no-store")) {
            return false;
        }
        if (status < 200 || OF_ONE_REQUEST.contains(status) || request.control().has("no-store")) {
            return false;
        }
        if (control.holds("private") || Variant.variesOnEverything(fields)) {
            return false;
        }
        return !request.isAuthorized()
                || control.has("public")
                || control.has("must-revalidate")
                || control.has("s-maxage");
    }

    /**
     * Whether a stored response would ever be used: while it is fresh, stale, or after its validation. One that sets a cookie is
     * another user's, unless its origin gives it a lifetime.
     */
    public boolean isWorthStoring(Headers fields) {
        if (fields.contains(SET_COOKIE)) {
            return isExplicit && lifetime > 0;
        }
        return lifetime > 0
                || staleWhileRevalidate() > 0
                || staleIfError().orElse(0) > 0
                || fields.contains("etag")
                || fields.contains("last-modified");
    }

    /** Whether every reuse needs the origin's consent (§5.2.2.4). */
    public boolean needsValidation() {
        return control.holds("no-cache");
    }

    /** Whether it may not be used stale, whatever the reason (§4.2.4). */
    public boolean forbidsStale() {
        return control.has("must-revalidate")
                || control.has("proxy-revalidate")
                || control.has("s-maxage")
                || needsValidation();
    }

    /** For how many seconds it may be used stale while it is refreshed (RFC 5861 §3). */
    public long staleWhileRevalidate() {
        return needsValidation() || control.has("must-revalidate") || control.has("proxy-revalidate")
                ? 0
                : rule.staleWhileRevalidate()
                        .orElseGet(
                                () -> control.seconds("stale-while-revalidate").orElse(0));
    }

    /** For how many seconds it may be used stale when the origin fails (RFC 5861 §4); nothing if it does not say. */
    public OptionalLong staleIfError() {
        return needsValidation() || control.has("must-revalidate") || control.has("proxy-revalidate")
                ? OptionalLong.of(0)
                : rule.staleIfError().isPresent() ? rule.staleIfError() : control.seconds("stale-if-error");
    }

    /** Whether a reload by its client need not be validated (RFC 8246). */
    public boolean isImmutable() {
        return control.has("immutable");
    }
}
