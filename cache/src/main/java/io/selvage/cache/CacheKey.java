package io.selvage.cache;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * What a stored response is found by before its {@code Vary}: where it comes from, and the target URI (RFC 9111 §2).
 *
 * @param source what answers, for example an origin's name, so that two routes never share what they store
 * @param authority the host and port as the request has them, in small letters
 * @param target the path and query
 */
public record CacheKey(String source, String authority, String target) {
    /** The key of a request. */
    public static CacheKey of(String source, String authority, String path, String query) {
        return new CacheKey(source, authority.toLowerCase(Locale.ROOT), query.isEmpty() ? path : path + "?" + query);
    }

    /**
     * The key of what a field such as {@code Location} or {@code Content-Location} refers to; nothing if that is another
     * authority's or no reference at all.
     */
    public Optional<CacheKey> resolve(String reference) {
        try {
            URI resolved = new URI("http://" + authority + target).resolve(new URI(reference.strip()));
            if (!authority.equalsIgnoreCase(resolved.getRawAuthority())) {
                return Optional.empty();
            }
            String path = resolved.getRawPath().isEmpty() ? "/" : resolved.getRawPath();
            String query = resolved.getRawQuery() == null ? "" : resolved.getRawQuery();
            return Optional.of(of(source, authority, path, query));
        } catch (URISyntaxException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** The URL for people. */
    @Override
    public String toString() {
        return authority + target;
    }
}
