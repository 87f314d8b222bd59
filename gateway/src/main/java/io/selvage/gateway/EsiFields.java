package io.selvage.gateway;

import io.selvage.cache.CacheControl;
import io.selvage.cache.Cookies;
import io.selvage.esi.Variables;
import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What ESI changes of the fields of requests and responses, and what pages learn from them. */
final class EsiFields {
    /** What a request says of the page as a whole, and not of what it includes. */
    private static final List<String> OF_PAGE = List.of(
            "accept-encoding",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "http2-settings",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "keep-alive",
            "origin",
            "range",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-original-url",
            "x-rewrite-url");

    /** What a response says of the page with its tags, and is not right for the page that is put together. */
    private static final List<String> OF_TEMPLATE = List.of(
            "accept-ranges",
            "age",
            "cdn-cache-control",
            "content-digest",
            "content-length",
            "content-md5",
            "digest",
            "etag",
            "expires",
            "last-modified",
            "repr-digest",
            "surrogate-control");

    private EsiFields() {}

    /** A request that asks for the whole of a page as it is, and tells that ESI is understood (Edge Architecture 1.0). */
    static RequestHead toOrigin(RequestHead head, boolean caches) {
        Headers fields = copy(head.headers()).remove("accept-encoding");
        if (head.method().equals("GET")) {
            fields.remove("range").remove("if-range");
        }
        if (caches && (head.method().equals("GET") || head.method().equals("HEAD"))) {
            fields.remove("if-none-match").remove("if-modified-since");
        }
        return head.withHeaders(fields.set("Surrogate-Capability", "selvage=\"Surrogate/1.0 ESI/1.0\""));
    }

    /** The client's request as what a page includes is asked for; another host learns no credentials. */
    static Headers toInclude(Headers came, boolean sameHost) {
        Headers fields = copy(came);
        OF_PAGE.forEach(fields::remove);
        return sameHost ? fields : fields.remove("cookie").remove("authorization");
    }

    /** The fields of a page that is put together: for one client, and only as long as the route's rules say. */
    static Headers toClient(Headers came, Optional<CacheRules.Lifetime> lifetime) {
        Headers fields = copy(came);
        OF_TEMPLATE.forEach(fields::remove);
        boolean never = CacheControl.parse(came.all("cache-control")).has("no-store");
        String reuse = lifetime.filter(l -> l.browser().isPresent())
                .map(l -> "private, max-age=" + l.browser().getAsLong())
                .orElse("private, no-cache");
        return fields.set("Cache-Control", never ? "private, no-store" : reuse);
    }

    /** What a page may know of the request. */
    static Variables variables(RequestHead came, List<String> names) {
        Headers fields = came.headers();
        Map<String, String> cookies = new HashMap<>();
        for (String name : names) {
            String pair = Cookies.only(List.of(name), fields);
            if (!pair.isEmpty()) {
                cookies.put(
                        name,
                        pair.split(";", 2)[0].substring(pair.indexOf('=') + 1).strip());
            }
        }
        List<String> languages = fields.members("accept-language").stream()
                .map(member -> member.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .toList();
        return new Variables(
                came.authority(),
                came.query(),
                Map.copyOf(cookies),
                languages,
                fields.first("referer").orElse(""),
                fields.first("user-agent").orElse(""));
    }

    private static Headers copy(Headers fields) {
        Headers copy = new Headers();
        fields.forEach(copy::add);
        return copy;
    }
}
