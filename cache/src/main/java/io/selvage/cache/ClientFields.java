package io.selvage.cache;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The fields that a client gets of a response that came through the cache. */
public final class ClientFields {
    /** What a 304 says of the response that its client has (RFC 9110 §15.4.5), and what the gateway says of itself. */
    private static final Set<String> OF_NOT_MODIFIED = Set.of(
            "cache-control",
            "content-location",
            "date",
            "etag",
            "expires",
            "vary",
            "last-modified",
            "cdn-cache-control",
            "via",
            "set-cookie");

    /** What an origin says to caches such as this one alone. */
    private static final Set<String> TO_CACHES =
            Set.of("surrogate-control", "surrogate-key", "cache-tag", "selvage-cache-control");

    private ClientFields() {}

    /**
     * The fields for a selection of a response.
     *
     * @param fields the response's
     * @param rule for how long the client may keep it, if that is not what the origin says
     * @param age how old the response is, seconds
     */
    public static Headers of(Headers fields, Selection selection, CacheRules.Lifetime rule, long age) {
        boolean all = selection.status() != 304;
        boolean ownLifetime = rule.browser().isPresent();
        Headers sent = new Headers();
        fields.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean kept = all || OF_NOT_MODIFIED.contains(lower);
            boolean replaced = ownLifetime && (lower.equals("cache-control") || lower.equals("expires"));
            if (kept && !replaced && !lower.equals("surrogate-control") && !lower.equals("surrogate-key")) {
                sent.add(name, value);
            }
        });
        if (ownLifetime) {
            sent.add("Cache-Control", control(fields, rule.browser().getAsLong() + age));
        }
        selection.contentRange().ifPresent(range -> sent.set("Content-Range", range));
        return sent;
    }

    /** The fields for another cache of the same people's, which hears all that the origin has said to caches. */
    public static Headers ofNode(Headers fields, Selection selection) {
        Headers sent = new Headers();
        fields.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (selection.status() != 304 || OF_NOT_MODIFIED.contains(lower) || TO_CACHES.contains(lower)) {
                sent.add(name, value);
            }
        });
        selection.contentRange().ifPresent(range -> sent.set("Content-Range", range));
        return sent;
    }

    /** The response's directives with another {@code max-age}, unless they forbid every reuse. */
    private static String control(Headers fields, long maxAge) {
        List<String> directives = new ArrayList<>();
        for (String line : fields.all("cache-control")) {
            directives.addAll(CacheControl.split(line, ','));
        }
        CacheControl control = CacheControl.parse(fields.all("cache-control"));
        if (!control.has("no-store") && !control.has("no-cache") && !control.has("private")) {
            directives.removeIf(d -> d.matches("(?i)(s-)?max-?age\\s*=.*"));
            directives.add("max-age=" + maxAge);
        }
        return String.join(", ", directives);
    }
}
