package io.selvage.gateway;

import io.selvage.cache.CacheControl;
import io.selvage.cache.CacheKey;
import io.selvage.cache.CacheRequest;
import io.selvage.node.CacheRules;
import io.selvage.node.Delivery;
import io.selvage.node.EsiRules;
import io.selvage.node.OriginDefinition;
import io.selvage.node.Quantity;
import io.selvage.node.RequestHead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Tells a person what becomes of one request, and of its answer, between the rules of its route and its destination: the
 * cache, includes, compression, and the node that is asked first. Nothing is sent or stored.
 */
public final class Handling {
    /**
     * One thing that is done.
     *
     * @param part its key in the manifest
     * @param outcome what it does, in a word or two
     * @param why what it does with this request, and why
     */
    public record Step(String part, String outcome, String why) {}

    private static final String RESPONSE = "response";

    private final RequestHead head;
    private final Delivery delivery;
    private final List<Step> steps = new ArrayList<>();

    private Handling(RequestHead head, Delivery delivery) {
        this.head = head;
        this.delivery = delivery;
    }

    /**
     * What becomes of a request.
     *
     * @param head the request as the rules leave it
     * @param origin where it goes; a function if there is none
     * @param cache how answers are stored; nothing if they are not
     */
    public static List<Step> of(
            RequestHead head, Optional<OriginDefinition> origin, Optional<CacheRules> cache, Delivery delivery) {
        Handling handling = new Handling(head, delivery);
        cache.ifPresent(rules -> handling.cache(rules, origin.isPresent()));
        origin.filter(to -> to.shield().isPresent()).ifPresent(handling::shield);
        delivery.esi().ifPresent(rules -> handling.esi(rules));
        if (!delivery.codings().isEmpty()) {
            handling.compress();
        }
        return List.copyOf(handling.steps);
    }

    private void say(String part, String outcome, String why) {
        steps.add(new Step(part, outcome, why));
    }

    private void cache(CacheRules rules, boolean isOrigin) {
        CacheKey url = CacheKey.of(head.scheme(), head.authority(), head.asked(), head.query());
        CacheRequest request = CacheRequest.of(head.method(), url, head.headers());
        if (!request.isSafe()) {
            say(
                    "cache",
                    "passed by",
                    head.method() + " may change something: if it works, what is stored of its URL goes");
        } else if (!request.isRead() && !request.isQuery()) {
            say("cache", "passed by", "answers to " + head.method() + " are not stored");
        } else if (!request.isCacheable()) {
            say("cache", "passed by", "a field such as X-HTTP-Method-Override may make another request of it");
        } else {
            lookUp(rules, request, isOrigin ? "the origin" : "the function");
            lifetimes(rules);
        }
    }

    private void lookUp(CacheRules rules, CacheRequest request, String destination) {
        RequestHead asked = CacheRequests.narrowed(rules, delivery, head);
        CacheKey key = CacheRequests.key(rules, asked);
        String more = key.partitionText().isEmpty() ? "" : " (" + key.partitionText() + ")";
        String content = request.isQuery() ? " and the content, up to " + Quantity.sizeText(HeldQuery.LONGEST) : "";
        say("cache", "looked up", "the key is " + key.scheme() + "://" + key + more + content + "; then Vary decides");
        leftOut(asked, destination);
        directives(request);
    }

    /** What is not in the key, and so is not sent on. */
    private void leftOut(RequestHead asked, String destination) {
        List<String> kept = Arrays.asList(asked.query().split("&"));
        String parameters = Arrays.stream(head.query().split("&"))
                .filter(parameter -> !parameter.isEmpty() && !kept.contains(parameter))
                .collect(Collectors.joining("&"));
        if (!parameters.isEmpty()) {
            say("cache", "", destination + " does not get " + parameters + ", which is not in the key");
        }
        for (String name : List.of("cookie", "accept-language")) {
            String before = String.join(", ", head.headers().all(name));
            String after = String.join(", ", asked.headers().all(name));
            if (!before.equals(after)) {
                String field = name.equals("cookie") ? "Cookie" : "Accept-Language";
                say("cache", "", destination + " gets " + (after.isEmpty() ? "no " + field : field + ": " + after));
            }
        }
    }

    private void directives(CacheRequest request) {
        CacheControl control = request.control();
        if (request.isRange()) {
            say("cache", "", "the range is taken from what is stored; of what is missing, only that is fetched");
        }
        if (request.isAuthorized()) {
            say(
                    "cache",
                    "",
                    "with Authorization, only what says public, must-revalidate or s-maxage is stored and reused");
        }
        if (control.has("no-store")) {
            say("cache", "", "the request says no-store: its answer is not stored");
        }
        if (control.has("no-cache") || control.has("max-age")) {
            say(
                    "cache",
                    "",
                    "the request says " + (control.has("no-cache") ? "no-cache" : "max-age")
                            + ": what is stored may have to be validated first");
        }
        if (control.has("only-if-cached")) {
            say("cache", "", "the request says only-if-cached: what is not stored is answered with 504");
        }
    }

    private void lifetimes(CacheRules rules) {
        rules.lifetimes().forEach(lifetime -> say("cache.ttl", RESPONSE, which(lifetime) + ": " + times(lifetime)));
        String fields = rules.targeted().stream().map(Handling::capitals).collect(Collectors.joining(", "));
        say(
                "cache.ttl",
                RESPONSE,
                (rules.lifetimes().isEmpty() ? "" : "others: ") + "as the answer says, by " + fields
                        + ", Surrogate-Control or else Cache-Control and Expires; if it does not, a tenth of the time since"
                        + " Last-Modified");
    }

    private static String which(CacheRules.Lifetime lifetime) {
        String statuses = lifetime.statuses().stream()
                .map(s -> s.from() == s.to() ? Integer.toString(s.from()) : s.from() + "-" + s.to())
                .collect(Collectors.joining(", "));
        String types = String.join(", ", lifetime.types());
        return statuses.isEmpty() || types.isEmpty() ? statuses + types : statuses + " of " + types;
    }

    private static String times(CacheRules.Lifetime lifetime) {
        List<String> times = new ArrayList<>();
        add(times, lifetime.edge(), " here, whatever the answer says");
        add(times, lifetime.otherwise(), " here where the answer does not say");
        add(times, lifetime.browser(), " in browsers");
        add(times, lifetime.staleWhileRevalidate(), " stale while it is refreshed");
        add(times, lifetime.staleIfError(), " stale when its source fails");
        return times.isEmpty() ? "as the answer says" : String.join(", ", times);
    }

    private static void add(List<String> times, OptionalLong seconds, String what) {
        seconds.ifPresent(value -> times.add(Quantity.durationText(Duration.ofSeconds(value)) + what));
    }

    /** A field's name as it is usually written. */
    private static String capitals(String name) {
        String all = Arrays.stream(name.split("-"))
                .map(word -> word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining("-"));
        return all.replaceFirst("^Cdn-", "CDN-");
    }

    private void shield(OriginDefinition origin) {
        if (Shield.isMarked(head.headers())) {
            say("shield", "passed by", "CDN-Loop says that another node asks: the origin is asked itself");
        } else {
            say(
                    "shield",
                    "asked first",
                    "origin " + origin.shield().orElseThrow() + ", whose cache is asked before " + origin.name());
        }
    }

    private void esi(EsiRules rules) {
        say(
                "esi",
                RESPONSE,
                "pages of " + String.join(", ", rules.types()) + " are put together: up to " + rules.includes()
                        + " includes, " + rules.depth() + " deep, " + Quantity.sizeText(rules.size()) + ", "
                        + Quantity.durationText(rules.time()) + "; what is stored is the page with its tags");
    }

    private void compress() {
        String all = String.join(", ", delivery.codings());
        String accepted = String.join(", ", head.headers().all("accept-encoding"));
        say(
                "compress",
                RESPONSE,
                Codings.choose(delivery, head)
                        .map(coding -> "texts go as " + coding.token() + ", the best of " + all
                                + " for Accept-Encoding: " + accepted)
                        .orElse(
                                accepted.isEmpty()
                                        ? "nothing is coded: the request has no Accept-Encoding"
                                        : "nothing is coded: Accept-Encoding: " + accepted + " takes none of " + all));
    }
}
