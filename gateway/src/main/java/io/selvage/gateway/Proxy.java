package io.selvage.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheKey;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CacheStatus;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Completion;
import io.selvage.cache.Partial;
import io.selvage.cache.QueryKey;
import io.selvage.cache.Reuse;
import io.selvage.cache.Selection;
import io.selvage.cache.TieredCache;
import io.selvage.node.CacheRules;
import io.selvage.node.Endpoint;
import io.selvage.node.Headers;
import io.selvage.node.Node;
import io.selvage.node.OriginRoute;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.ProxiedFunction;
import io.selvage.node.RequestHead;
import io.selvage.node.RequestPath;
import io.selvage.node.Router;
import io.selvage.node.RuleRun;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers what routes lead to origins: from the cache where it may, else from the origin. Thread-safe. */
final class Proxy {
    /** For how long requests for a URL whose response could not be stored do not wait for each other. */
    private static final Duration UNSTORABLE = Duration.ofSeconds(10);

    private static final int MOST_UNSTORABLE = 10_000;

    private final Node node;
    private final Origins origins;
    private final Shadows shadows;
    private final TieredCache cache;
    private final Map<Sharing, Fetch> fetches = new ConcurrentHashMap<>();
    private final Cache<Sharing, Boolean> unstorable;
    private final CodedCopies copies;
    private final CacheCounts counts;
    private final PageLog pages;
    private final AtomicLong arriving = new AtomicLong();

    Proxy(Node node, VertxInternal vertx, int eventLoops) {
        this.node = node;
        origins = new Origins(node, vertx, eventLoops);
        shadows = new Shadows(node, origins);
        cache = CacheTiers.open(node.settings(), node.log());
        copies = new CodedCopies(cache.memory());
        pages = new PageLog(node.log());
        counts = new CacheCounts(node.metrics().registry(), cache);
        unstorable = Caffeine.newBuilder()
                .maximumSize(MOST_UNSTORABLE)
                .expireAfterWrite(UNSTORABLE)
                .executor(Runnable::run)
                .build();
    }

    TieredCache cache() {
        return cache;
    }

    CacheCounts counts() {
        return counts;
    }

    /**
     * What of a target is in the key by the rules of its route.
     *
     * @param target a path, and perhaps a query
     */
    String target(String authority, String target) {
        int question = target.indexOf('?');
        String host = authority.replaceFirst(":\\d*$", "");
        try {
            String path = RequestPath.normalize(question < 0 ? target : target.substring(0, question))
                    .text();
            String query = question < 0 ? "" : target.substring(question + 1);
            CacheRules rules = router().find("GET", host, path) instanceof Router.Found<Endpoint> found
                            && found.target().destination() instanceof Proxied route
                    ? route.cache().orElse(CacheRules.DEFAULT)
                    : CacheRules.DEFAULT;
            String counting = QueryKey.of(rules.key(), query);
            return counting.isEmpty() ? path : path + "?" + counting;
        } catch (IllegalArgumentException _) {
            return target;
        }
    }

    /** Makes the coded forms of what is stored. */
    CodedCopies copies() {
        return copies;
    }

    /** Where it is told what is wrong with pages. */
    PageLog pages() {
        return pages;
    }

    /** The routes of the app as it is now. */
    Router<Endpoint> router() {
        return node.release().router();
    }

    Shadows shadows() {
        return shadows;
    }

    Origins origins() {
        return origins;
    }

    /**
     * A request to where a route leads, which is not sent yet.
     *
     * @param fields the client's fields, perhaps with other conditions
     * @param content the request's
     */
    Upstream upstream(
            Recipient exchange, String method, Headers fields, RequestContent content, OriginRequest.Answer answer) {
        return switch (exchange.route()) {
            case OriginRoute route ->
                new OriginRequest(
                        origins,
                        origins.of(route.origin()),
                        exchange.asked(),
                        method,
                        fields,
                        content,
                        exchange.bodyLimit(),
                        exchange.loop(),
                        answer);
            case ProxiedFunction route ->
                new FunctionRequest(
                        node,
                        route.function(),
                        exchange.asked().withMethod(method).withHeaders(fields),
                        content,
                        exchange.bodyLimit(),
                        origins.pace(),
                        exchange.eventLoop(),
                        answer);
        };
    }

    /** Answers a request; on the event loop of its connection. */
    void handle(ProxyExchange exchange) {
        if (exchange.route() instanceof OriginRoute route
                && Tunnel.isAskedFor(
                        exchange.request(),
                        exchange.head().headers(),
                        exchange.content().isThere())) {
            exchange.admit()
                    .ifPresentOrElse(
                            busy -> exchange.fail(busy, ""), () -> Tunnel.open(exchange, origins.of(route.origin())));
            return;
        }
        answer(exchange.route()
                .delivery()
                .esi()
                .filter(_ -> !exchange.isNode())
                .<Recipient>map(rules -> PageExchange.of(this, exchange, rules))
                .orElse(exchange));
    }

    /** Answers a request that is not to go on in another protocol; on its event loop. */
    void answer(Recipient exchange) {
        RequestHead head = exchange.head();
        CacheRules rules = exchange.route().cache().orElse(null);
        if (rules == null) {
            PassThrough.start(this, exchange);
            return;
        }
        CacheRequest asItCame = CacheRequests.of(rules, exchange.route(), head);
        if (asItCame.isQuery() && asItCame.isCacheable()) {
            query(exchange, asItCame, rules);
        } else if (!asItCame.isRead()) {
            pass(exchange, asItCame, Cause.Why.METHOD);
        } else if (!asItCame.isCacheable() || exchange.content().isThere()) {
            pass(exchange, asItCame, Cause.Why.BYPASS);
        } else {
            exchange.asks(CacheRequests.narrowed(rules, exchange.route().delivery(), head));
            lookUp(exchange, CacheRequests.of(rules, exchange.route(), exchange.asked()));
        }
    }

    /** Answers a QUERY, whose content is a part of the key; one that is too long for that goes past the cache. */
    private void query(Recipient exchange, CacheRequest asItCame, CacheRules rules) {
        if (exchange.content() instanceof RequestContent.Streamed streamed) {
            HeldQuery.read(exchange, streamed, content -> {
                exchange.holds(content);
                if (content instanceof RequestContent.Held held && held.bytes().length() > mostContent(exchange)) {
                    exchange.fail(OriginAttempt.TOO_LARGE, "");
                } else if (content instanceof RequestContent.Held held) {
                    lookUp(exchange, rules, held.bytes());
                } else {
                    pass(exchange, asItCame, Cause.Why.BYPASS);
                }
            });
        } else {
            lookUp(exchange, rules, Buffer.buffer());
        }
    }

    private static long mostContent(Recipient exchange) {
        return exchange.route() instanceof ProxiedFunction made
                ? Math.min(
                        exchange.bodyLimit(),
                        made.function().definition().limits().body())
                : exchange.bodyLimit();
    }

    private void lookUp(Recipient exchange, CacheRules rules, Buffer content) {
        exchange.asks(CacheRequests.narrowed(rules, exchange.route().delivery(), exchange.head()));
        CacheRequest asked = CacheRequests.of(rules, exchange.route(), exchange.asked());
        CacheKey key = HeldQuery.key(asked.key(), asked.fields(), content);
        lookUp(exchange, CacheRequest.of(asked.method(), key, asked.fields()));
    }

    /**
     * Whether a request for a function is a QUERY whose content can be in the key of the cache. Others that have content, or
     * may change something, go straight to the function.
     *
     * @param length of its content, bytes; -1 if that is not known
     */
    boolean takesQuery(ProxiedFunction route, RequestHead head, long length) {
        return head.method().equals("QUERY")
                && length >= 0
                && length <= HeldQuery.LONGEST
                && route.cache()
                        .filter(rules -> CacheRequests.of(rules, route, head).isCacheable())
                        .isPresent();
    }

    /** The rules of a request that goes to a function past the cache, which see to it that what it changes is let go. */
    RuleRun watching(ProxiedFunction route, RequestHead head, RuleRun run) {
        return route.cache()
                .<RuleRun>map(rules -> new InvalidatingRun(this, rules, CacheRequests.of(rules, route, head), run))
                .orElse(run);
    }

    private void pass(Recipient exchange, CacheRequest request, Cause.Why why) {
        start(exchange, request, new Cause(why));
    }

    /** Asks the origin for one client only, if the rules let it be asked. */
    private void start(Recipient exchange, CacheRequest request, Cause cause) {
        if (isAdmitted(exchange, request, cause.stored())) {
            new Fetch(this, exchange, request, cause, false, false).start();
        }
    }

    /** Whether the rules let the origin be asked now; if not, answers with what is stale where that may be, or says why. */
    private boolean isAdmitted(Recipient exchange, CacheRequest request, @Nullable CachedResponse stored) {
        Problem busy = exchange.admit().orElse(null);
        if (busy == null) {
            return true;
        }
        long now = CacheClock.millis();
        if (stored != null && Reuse.mayReplaceFailure(request, stored, false, now)) {
            counts.count(CacheCounts.Result.STALE_ON_ERROR);
            exchange.serve(request, stored, CacheStatus.staleOnError(stored.timeToLive(now), 0));
        } else {
            counts.count(CacheCounts.Result.FAILED);
            exchange.fail(busy, CacheStatus.refused(busy.kind()));
        }
        return false;
    }

    private void lookUp(Recipient exchange, CacheRequest request) {
        Optional<CachedResponse> selected = cache.select(request);
        if (selected.isEmpty() && cache.isOnDisk(request)) {
            var _ = cache.load(request).thenAccept(loaded -> exchange.onLoop(() -> decide(exchange, request, loaded)));
        } else {
            decide(exchange, request, selected);
        }
    }

    private void decide(Recipient exchange, CacheRequest request, Optional<CachedResponse> whole) {
        long now = CacheClock.millis();
        Optional<CachedResponse> partial = whole.isPresent() ? Optional.empty() : cache.selectPartial(request);
        Optional<CachedResponse> selected =
                partial.filter(stored -> answers(stored, request)).or(() -> whole);
        switch (Reuse.decide(request, selected, now)) {
            case Reuse.Fresh hit -> hit(exchange, request, hit.response(), now, CacheCounts.Result.HIT);
            case Reuse.Stale hit -> hit(exchange, request, hit.response(), now, CacheCounts.Result.STALE);
            case Reuse.StaleWhileRevalidate hit
            when hit.response().isPartial() -> fetch(exchange, request, new Cause(Cause.Why.STALE, hit.response()));
            case Reuse.StaleWhileRevalidate hit -> {
                hit(exchange, request, hit.response(), now, CacheCounts.Result.STALE);
                refresh(exchange, request, hit.response());
            }
            case Reuse.Unsatisfiable _ -> {
                counts.count(CacheCounts.Result.FAILED);
                exchange.fail(
                        Problem.of(
                                504,
                                "not-cached",
                                "There is no stored response",
                                "The request wants one that is stored (only-if-cached)."),
                        CacheStatus.refused("only-if-cached"));
            }
            case Reuse.Validate stale ->
                fetch(
                        exchange,
                        request,
                        new Cause(stale.wanted() ? Cause.Why.REQUEST : Cause.Why.STALE, stale.response()));
            case Reuse.Miss _ -> fetch(exchange, request, missed(request, partial, now));
        }
    }

    private static boolean answers(CachedResponse stored, CacheRequest request) {
        return stored.content() instanceof Partial partial && partial.has(Selection.of(request, stored));
    }

    /**
     * Why nothing stored answers, and what of the answer need not be fetched. A whole that is too large for memory is fetched
     * as such, for its parts would never be put together.
     */
    private Cause missed(CacheRequest request, Optional<CachedResponse> partial, long now) {
        if (partial.isEmpty()) {
            return new Cause(cache.holds(request.key()) ? Cause.Why.VARY_MISS : Cause.Why.URI_MISS);
        }
        return partial.filter(stored -> request.isRange() || stored.length() <= cache.largestInMemory())
                .filter(_ -> Reuse.decide(request, partial, now) instanceof Reuse.Fresh)
                .flatMap(stored -> Completion.of(request, stored))
                .map(Cause::new)
                .orElseGet(() -> new Cause(Cause.Why.PARTIAL));
    }

    private void hit(
            Recipient exchange, CacheRequest request, CachedResponse response, long now, CacheCounts.Result result) {
        counts.count(result);
        exchange.serve(request, response, CacheStatus.hit(response.timeToLive(now)));
    }

    /** Asks the origin for the whole response, whatever is stored. */
    void fetch(Recipient exchange, CacheRequest request) {
        if (!exchange.isOver()) {
            fetch(exchange, request, new Cause(Cause.Why.STALE));
        }
    }

    /** Asks the origin, or waits with those who already have. */
    private void fetch(Recipient exchange, CacheRequest request, Cause cause) {
        CachedResponse stored = cause.stored();
        Sharing sharing = cause.sharing(request, exchange.route());
        boolean alone = cause.why() == Cause.Why.REQUEST
                || request.isAuthorized()
                || request.control().has("no-store")
                || (stored != null && stored.isPartial())
                || (stored == null
                        && ((request.isRange() && request.isConditional())
                                || request.method().equals("HEAD")
                                || unstorable.getIfPresent(sharing) != null));
        if (alone) {
            start(exchange, request, cause);
            return;
        }
        @Nullable Fetch other = fetches.get(sharing);
        if (other == null) {
            if (!isAdmitted(exchange, request, stored)) {
                return;
            }
            Fetch own = new Fetch(this, exchange, request, cause, true, false);
            other = fetches.computeIfAbsent(sharing, _ -> isStoredMeanwhile(request) ? null : own);
            if (other == null) {
                alone(exchange, request);
                return;
            }
            if (other == own) {
                own.start();
                return;
            }
        }
        other.join(exchange, request);
    }

    /** Whether another fetch has stored a response since this request was looked up: a fetch stores before it is forgotten. */
    private boolean isStoredMeanwhile(CacheRequest request) {
        return Reuse.decide(request, select(request), CacheClock.millis()) instanceof Reuse.Fresh;
    }

    /** What in memory answers a request: a whole response, or parts of one that are enough. */
    private Optional<CachedResponse> select(CacheRequest request) {
        return cache.select(request).or(() -> cache.selectPartial(request).filter(stored -> answers(stored, request)));
    }

    /** Asks the origin for one client only: the response that it has waited for is not for it. */
    void alone(Recipient exchange, CacheRequest request) {
        if (exchange.isOver()) {
            return;
        }
        Optional<CachedResponse> selected = select(request);
        long now = CacheClock.millis();
        if (Reuse.decide(request, selected, now) instanceof Reuse.Fresh hit) {
            hit(exchange, request, hit.response(), now, CacheCounts.Result.HIT);
        } else {
            start(exchange, request, new Cause(Cause.Why.VARY_MISS));
        }
    }

    private void refresh(Recipient exchange, CacheRequest request, CachedResponse stale) {
        Sharing sharing = Sharing.ofWhole(request, exchange.route());
        if (!fetches.containsKey(sharing)) {
            Fetch own = new Fetch(this, exchange, request, new Cause(Cause.Why.STALE, stale), true, true);
            if (fetches.putIfAbsent(sharing, own) == null) {
                own.start();
            }
        }
    }

    /** A fetch's response is for nobody any more who comes now. */
    void finished(Fetch fetch) {
        fetches.remove(fetch.sharing(), fetch);
    }

    /** Remembers that a response could not be stored, so that the next requests for it do not wait for each other. */
    void remember(Fetch fetch) {
        unstorable.put(fetch.sharing(), Boolean.TRUE);
    }

    /** Stores a whole response, unless what was asked for has changed since. */
    void store(CacheKey key, CachedResponse response, BooleanSupplier isOutdated) {
        unstorable.invalidateAll(List.of(new Sharing(key, false, ""), new Sharing(key, true, "")));
        cache.store(key, response, isOutdated);
    }

    /** Stores a part of a response, unless what was asked for has changed since. */
    void storePart(CacheKey key, CachedResponse part, BooleanSupplier isOutdated) {
        cache.storePart(key, part, isOutdated);
    }

    /** An unsafe request that has worked makes what was stored useless (RFC 9111 §4.4). */
    void changed(CacheRules rules, CacheRequest request, int status, Headers fields) {
        if (!request.isSafe() && status >= 200 && status < 400) {
            invalidate(request.key().url());
            for (String name : List.of("location", "content-location")) {
                fields.first(name)
                        .flatMap(location -> request.key().resolve(location, rules.key()))
                        .ifPresent(this::invalidate);
            }
        }
    }

    /** Lets nothing that is stored, or just arriving, of a URL be used any more. */
    void invalidate(CacheKey url) {
        fetches.forEach((sharing, fetch) -> {
            if (sharing.key().url().equals(url)) {
                fetches.remove(sharing, fetch);
                fetch.outdate();
            }
        });
        cache.invalidate(url);
    }

    /** Removes what is chosen, and lets no response be stored that was asked for before; waits for the disk. */
    List<TieredCache.Purged> purge(BiPredicate<CacheKey, Set<String>> chosen, boolean soft, boolean dry) {
        Set<CacheKey> arriving = fetches.keySet().stream().map(Sharing::key).collect(Collectors.toSet());
        if (!dry) {
            fetches.values().forEach(Fetch::outdate);
        }
        return cache.purge(chosen, arriving, soft, dry);
    }

    /** Counts bytes of a response that is arriving and is going to be stored; whether there is room for it. */
    boolean hold(long bytes) {
        return arriving.addAndGet(bytes) <= cache.memory().maximumBytes() / 2;
    }

    /** Counts them no longer. */
    void release(long bytes) {
        arriving.addAndGet(-bytes);
    }
}
