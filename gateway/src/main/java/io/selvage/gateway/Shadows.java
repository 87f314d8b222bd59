package io.selvage.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.selvage.cache.CacheRequest;
import io.selvage.node.Delivery;
import io.selvage.node.DeployedFunction;
import io.selvage.node.Headers;
import io.selvage.node.Json;
import io.selvage.node.Node;
import io.selvage.node.Nowhere;
import io.selvage.node.OriginRoute;
import io.selvage.node.Problem;
import io.selvage.node.ProxiedFunction;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import io.selvage.node.Shadow;
import io.selvage.node.ShadowRule;
import io.selvage.origins.Reply;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Sends a share of requests also elsewhere when they have been answered, and tells how the answers differ. Nobody ever gets
 * what a shadow answers, and nobody waits for it. Thread-safe.
 */
final class Shadows {
    /** The field that tells a shadow that it is one. */
    private static final String FIELD = "X-Selvage-Shadow";

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final int MOST_RUNNING = 64;
    private static final int KEPT = 100;

    private final Node node;
    private final Origins origins;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong held = new AtomicLong();
    private final Deque<String> reports = new ArrayDeque<>();

    Shadows(Node node, Origins origins) {
        this.node = node;
        this.origins = origins;
    }

    /**
     * A request that may be sent to a shadow too.
     *
     * @param caches whether answers to it are stored and reused
     * @param delivery what becomes of answers on their way to its client
     * @param run the rules of its route
     * @param loop its client's
     */
    record Shadowed(Shadow shadow, RequestHead head, boolean caches, Delivery delivery, RuleRun run, LoopState loop) {
        ShadowRule rule() {
            return shadow.rule();
        }

        /** Whether its answer may be a part, a 304 or a 504 by what the cache holds, which says nothing of the shadow's. */
        boolean isOfTheCache() {
            return caches && CacheRequest.isOfTheStored(head.headers());
        }

        /** An answer as its client would get it, so that what its route does to the fields is no difference. */
        Reply delivered(Reply reply) {
            if (reply.status() == 0) {
                return reply;
            }
            Headers sent = new Headers();
            reply.fields().forEach(sent::add);
            boolean isPage = delivery.esi()
                    .filter(rules -> PageExchange.isPage(rules, reply.status(), reply.fields()))
                    .isPresent();
            if (isPage) {
                sent = EsiFields.toClient(sent, Optional.empty());
            }
            if (!delivery.codings().isEmpty()) {
                var _ = Codings.apply(delivery, head, reply.status(), sent);
            }
            return reply.with(ResponseFields.rule(run, reply.status(), sent));
        }
    }

    /** The request as it is to be answered: the same, or one whose answer is watched so that it can be compared. */
    ClientStream watch(Shadowed shadowed, ClientStream request, boolean hasBody) {
        RequestHead head = shadowed.head();
        long most = shadowed.rule().content();
        boolean chosen = (most > 0 || (!hasBody && SAFE.contains(head.method())))
                && !Tunnel.isAskedFor(request, head.headers(), hasBody)
                && ThreadLocalRandom.current().nextInt(100) < shadowed.rule().share();
        if (!chosen) {
            return request;
        }
        long declared = ResponseFields.declaredLength(head.headers());
        if (shadowed.isOfTheCache() || (hasBody && declared > most)) {
            count(shadowed.shadow(), "skipped");
            return request;
        }
        Optional<ShadowContent> content =
                hasBody ? Optional.of(new ShadowContent(held, most, declared, request.channel())) : Optional.empty();
        return new WatchedStream(request, content, new ReplyRecorder(served -> {
            if (served.whole()) {
                begin(shadowed, content, served);
            } else {
                content.ifPresent(ShadowContent::release);
            }
        }));
    }

    private void begin(Shadowed shadowed, Optional<ShadowContent> content, Reply served) {
        Shadow shadow = shadowed.shadow();
        boolean isWhole = content.isEmpty() || content.get().isWhole();
        if (!isWhole || running.incrementAndGet() > MOST_RUNNING) {
            if (isWhole) {
                running.decrementAndGet();
            }
            content.ifPresent(ShadowContent::release);
            count(shadow, "skipped");
            return;
        }
        Optional<Buffer> bytes = content.map(ShadowContent::take);
        RequestHead head = shadowed.head();
        Headers fields = new Headers();
        head.headers().forEach(fields::add);
        RequestHead marked = head.withHeaders(fields.set(FIELD, "true"));
        ReplyRecorder recorder = new ReplyRecorder(reply -> {
            running.decrementAndGet();
            content.ifPresent(ShadowContent::release);
            compare(shadowed, served, reply);
        });
        switch (shadow.destination()) {
            case OriginRoute route ->
                new OriginRequest(
                                origins,
                                origins.of(route.origin()),
                                marked,
                                head.method(),
                                fields,
                                bytes.<RequestContent>map(RequestContent.Held::new)
                                        .orElse(RequestContent.None.NONE),
                                Long.MAX_VALUE,
                                shadowed.loop(),
                                new Recorded(recorder))
                        .start();
            case DeployedFunction function -> {
                byte[] body = bytes.map(Buffer::getBytes).orElse(new byte[0]);
                ShadowExchange exchange = new ShadowExchange(marked, body, recorder, node.log());
                if (node.dispatcher().dispatch(function, exchange, System.nanoTime()) == null) {
                    running.decrementAndGet();
                    content.ifPresent(ShadowContent::release);
                    count(shadow, "skipped");
                }
            }
            case ProxiedFunction _, Nowhere _ -> {
                running.decrementAndGet();
                content.ifPresent(ShadowContent::release);
            }
        }
    }

    /** The answer of an origin that is only recorded. */
    private record Recorded(ReplyRecorder recorder) implements OriginRequest.Answer {
        @Override
        public void interim(int status, Headers fields) {}

        @Override
        public void head(int status, Headers fields) {
            recorder.head(status, fields);
        }

        @Override
        public void content(Buffer part) {
            byte[] bytes = part.getBytes();
            recorder.content(bytes, 0, bytes.length);
        }

        @Override
        public void end(Headers trailers) {
            recorder.end(true);
        }

        @Override
        public boolean stale() {
            return false;
        }

        @Override
        public void failed(Problem problem) {
            recorder.end(false);
        }
    }

    private void compare(Shadowed shadowed, Reply served, Reply reply) {
        Shadow shadow = shadowed.shadow();
        RequestHead head = shadowed.head();
        List<Reply.Difference> differences = served.differences(shadowed.delivered(reply), shadowed.rule());
        count(shadow, reply.status() == 0 ? "failed" : differences.isEmpty() ? "same" : "different");
        time(shadow, "served", served.nanos());
        time(shadow, "shadow", reply.nanos());
        if (differences.isEmpty()) {
            return;
        }
        differences.stream()
                .map(d -> d.part().name().toLowerCase(Locale.ROOT))
                .distinct()
                .forEach(part -> Counter.builder("selvage.shadow.differences")
                        .description("Answers of shadows that differ, by the part that does")
                        .tag("http.route", shadow.route())
                        .tag("selvage.part", part)
                        .register(registry())
                        .increment());
        String text = differences.stream().map(Reply.Difference::toString).collect(Collectors.joining("; "));
        node.log()
                .info(
                        "shadow",
                        "the shadow's answer differs",
                        "route",
                        shadow.route(),
                        "shadow",
                        shadow.rule().destination(),
                        "method",
                        head.method(),
                        "path",
                        head.path(),
                        "request",
                        head.id(),
                        "differences",
                        text);
        report(Json.object(
                "route", shadow.route(),
                "shadow", shadow.rule().destination(),
                "method", head.method(),
                "url", head.url(),
                "request", head.id(),
                "served_us", served.nanos() / 1_000,
                "shadow_us", reply.nanos() / 1_000,
                "differences", text));
    }

    private void report(String line) {
        synchronized (reports) {
            if (reports.size() == KEPT) {
                reports.removeFirst();
            }
            reports.addLast(line);
        }
    }

    /** The last differences, an object a line, the oldest first. */
    String lines() {
        synchronized (reports) {
            return reports.stream().map(line -> line + "\n").collect(Collectors.joining());
        }
    }

    private MeterRegistry registry() {
        return node.metrics().registry();
    }

    private void count(Shadow shadow, String result) {
        Counter.builder("selvage.shadow.requests")
                .description("Requests that were also sent to a shadow, by how its answer compares")
                .tag("http.route", shadow.route())
                .tag("selvage.result", result)
                .register(registry())
                .increment();
    }

    private void time(Shadow shadow, String side, long nanos) {
        Timer.builder("selvage.shadow.duration")
                .description("How long answers took that were compared")
                .tag("http.route", shadow.route())
                .tag("selvage.side", side)
                .register(registry())
                .record(nanos, TimeUnit.NANOSECONDS);
    }
}
