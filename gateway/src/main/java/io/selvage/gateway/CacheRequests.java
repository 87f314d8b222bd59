package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.Cookies;
import io.selvage.cache.Languages;
import io.selvage.cache.QueryKey;
import io.selvage.node.CacheRules;
import io.selvage.node.Delivery;
import io.selvage.node.Headers;
import io.selvage.node.Proxied;
import io.selvage.node.ProxiedFunction;
import io.selvage.node.RequestHead;

/** Makes of a request what a route's cache looks at. */
final class CacheRequests {
    private CacheRequests() {}

    /**
     * The key of a request: the URL that its client asks for, which alone decides on the route, and the path that the route's
     * rules make of it, for they may look at more than the URL.
     */
    static CacheKey key(CacheRules rules, RequestHead head) {
        String query = QueryKey.of(rules.key(), head.query());
        CacheKey key = CacheKey.of(rules.key(), head.scheme(), head.authority(), head.asked(), query, head.headers());
        return head.path().equals(head.asked()) ? key : key.in(key.partition() + "rewritten: " + head.path() + "\n");
    }

    /** The request with its key; a function's code is part of it, so that a new version does not get old answers. */
    static CacheRequest of(CacheRules rules, Proxied route, RequestHead head) {
        CacheKey key = key(rules, head);
        CacheKey whole = route instanceof ProxiedFunction made
                ? key.in(key.partition() + "code: " + made.function().digest() + "\n")
                : key;
        return CacheRequest.of(head.method(), whole, head.headers());
    }

    /** The request without what does not count for the key, as the origin gets it: uncoded where the gateway compresses. */
    static RequestHead narrowed(CacheRules rules, Delivery delivery, RequestHead head) {
        boolean compresses = !delivery.codings().isEmpty();
        boolean fields = compresses
                || rules.key().cookies().isPresent()
                || !rules.languages().isEmpty();
        if (!fields && rules.key().keepsQuery()) {
            return head;
        }
        Headers headers = fields ? narrowed(rules, head.headers()) : head.headers();
        if (compresses) {
            headers.remove("accept-encoding");
        }
        return head.withHeaders(headers).withQuery(QueryKey.of(rules.key(), head.query()));
    }

    private static Headers narrowed(CacheRules rules, Headers came) {
        Headers headers = new Headers();
        came.forEach(headers::add);
        rules.key().cookies().ifPresent(names -> {
            String cookies = Cookies.only(names, came);
            headers.remove("cookie");
            if (!cookies.isEmpty()) {
                headers.add("Cookie", cookies);
            }
        });
        if (!rules.languages().isEmpty()) {
            headers.set("Accept-Language", Languages.best(rules.languages(), came.all("accept-language")));
        }
        return headers;
    }
}
