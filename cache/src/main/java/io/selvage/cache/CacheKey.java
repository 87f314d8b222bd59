package io.selvage.cache;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a stored response is found by before its {@code Vary}: the target URI (RFC 9111 §2), and what a route's rules add.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority the host and port, as {@link #authority} writes them
 * @param target the path, and what of the query counts
 * @param partition further parts of the request that count, such as a cookie, each a line {@code name: value}; empty where
 *     none does
 */
public record CacheKey(String scheme, String authority, String target, String partition) {
    /** The key of a URL of which everything counts. */
    public static CacheKey of(String scheme, String authority, String path, String query) {
        return new CacheKey(scheme, authority(scheme, authority), query.isEmpty() ? path : path + "?" + query, "");
    }

    /** A host and port in small letters, and without the port that the scheme has anyway (RFC 9110 §4.2.3). */
    public static String authority(String scheme, String authority) {
        String small = authority.toLowerCase(Locale.ROOT);
        int colon = small.lastIndexOf(':');
        boolean hasPort = colon >= 0 && small.indexOf(']', colon) < 0;
        boolean isUsual = hasPort
                && (colon == small.length() - 1
                        || small.substring(colon + 1).equals(scheme.equals("https") ? "443" : "80"));
        return isUsual ? small.substring(0, colon) : small;
    }

    /** The key of a request by a route's rules; {@code query} is what {@link QueryKey#of} has left of it. */
    public static CacheKey of(
            CacheRules.Key rules, String scheme, String authority, String path, String query, Headers fields) {
        CacheKey url = of(scheme, authority, path, query);
        if (rules.headers().isEmpty()
                && rules.cookies().orElse(java.util.List.of()).isEmpty()) {
            return url;
        }
        StringBuilder partition = new StringBuilder();
        for (String name : rules.headers()) {
            partition
                    .append(name)
                    .append(": ")
                    .append(String.join(", ", fields.all(name)))
                    .append('\n');
        }
        rules.cookies()
                .ifPresent(names -> partition
                        .append("cookie: ")
                        .append(Cookies.only(names, fields))
                        .append('\n'));
        return url.in(partition.toString());
    }

    /** This URL with further parts that count. */
    public CacheKey in(String part) {
        return new CacheKey(scheme, authority, target, part);
    }

    /** The URL alone, which stands for all its parts when it is invalidated. */
    public CacheKey url() {
        return partition.isEmpty() ? this : in("");
    }

    /**
     * The URL that a field such as {@code Location} or {@code Content-Location} refers to; nothing if that is another
     * authority's or no reference at all.
     */
    public Optional<CacheKey> resolve(String reference, CacheRules.Key rules) {
        try {
            URI resolved = new URI(scheme + "://" + authority + target).resolve(new URI(reference.strip()));
            String other = resolved.getRawAuthority();
            if (other == null || !authority.equals(authority(scheme, other)) || !scheme.equals(resolved.getScheme())) {
                return Optional.empty();
            }
            String path = resolved.getRawPath().isEmpty() ? "/" : resolved.getRawPath();
            String query = resolved.getRawQuery() == null ? "" : resolved.getRawQuery();
            return Optional.of(of(scheme, authority, path, QueryKey.of(rules, query)));
        } catch (URISyntaxException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /**
     * What counts beside the URL, for people: {@code query: 1f2e3d4c5b6a; content-type: text/csv}. Of a digest, so much that it
     * tells contents apart.
     */
    public String partitionText() {
        return partition
                .lines()
                .filter(line -> !line.endsWith(": "))
                .map(line -> line.replaceFirst("\\b(\\p{XDigit}{12})\\p{XDigit}{52}\\b", "$1"))
                .collect(Collectors.joining("; "));
    }

    /** The URL for people, without its scheme. */
    @Override
    public String toString() {
        return authority + target;
    }
}
