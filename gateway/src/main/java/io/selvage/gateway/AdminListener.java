package io.selvage.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.Channel;
import io.selvage.node.Json;
import io.selvage.node.Node;
import io.selvage.node.Problem;
import io.selvage.node.Release;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Answers those who run the node: whether it lives, whether it is ready, what it counts, and what it caches. */
final class AdminListener {
    private static final int MOST_CONTENT = 64 << 10;
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Node node;
    private final Listener listener;
    private final CacheAdmin cache;
    private final OriginAdmin origins;
    private final Shadows shadows;
    private final Runnable leave;
    private final Runnable replace;
    private final AtomicBoolean jvmBound = new AtomicBoolean();

    /**
     * A listener for those who run a node.
     *
     * @param leave closes this listener, apart from what is being asked
     * @param replace ends the node, since another has taken over
     */
    AdminListener(Node node, Listener listener, Proxy proxy, Runnable leave, Runnable replace) {
        this.leave = leave;
        this.replace = replace;
        this.node = node;
        this.listener = listener;
        this.cache = new CacheAdmin(proxy);
        this.origins = new OriginAdmin(node, proxy.origins());
        this.shadows = proxy.shadows();
    }

    void handle(HttpServerRequest request) {
        Channel channel = Listener.channel(request.connection());
        ConnectionGuard guard = ConnectionGuard.of(channel);
        guard.requestBegan(false);
        String method = request.method().name();
        if ("/cache".equals(request.path()) && (method.equals("GET") || method.equals("DELETE"))) {
            cache(request, channel, guard);
            return;
        }
        if (String.valueOf(request.path()).startsWith(OriginAdmin.PATH)) {
            origins(request, channel, guard);
            return;
        }
        if ("/release".equals(request.path()) && method.equals("POST")) {
            reload(request, channel, guard);
            return;
        }
        if (Predecessor.PATH.equals(request.path()) && method.equals("POST")) {
            request.response().putHeader("Connection", "close");
            leave.run();
            answer(
                    request,
                    200,
                    "application/json",
                    Json.object("pid", ProcessHandle.current().pid()));
            node.log().info("take-over", "another node serves here from now on");
            replace.run();
            guard.requestEnded();
            return;
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            request.response().headers().set("Allow", "GET, HEAD");
            problem(request, Problem.of(405, "method", "The method is not allowed here", "Use GET."));
            guard.requestEnded();
            return;
        }
        switch (String.valueOf(request.path())) {
            case "/health/live" -> answer(request, 200, "application/json", Json.object("status", "live"));
            case "/shadow" -> answer(request, 200, "application/x-ndjson", shadows.lines());
            case "/health/ready" -> ready(request);
            case "/release" -> release(request);
            case "/metrics" -> {
                metrics(request, channel, guard);
                return;
            }
            default ->
                problem(
                        request,
                        Problem.of(
                                404,
                                "no-route",
                                "There is nothing here",
                                "There are /health/live, /health/ready, /metrics, /release, /cache, /origins and /shadow."));
        }
        guard.requestEnded();
    }

    /** Reads the content and answers on a virtual thread: a change waits for the disk. */
    private void origins(HttpServerRequest request, Channel channel, ConnectionGuard guard) {
        String method = request.method().name();
        boolean asText = String.valueOf(request.getHeader("Accept")).contains("text/plain");
        Buffer content = Buffer.buffer();
        request.handler(part -> {
            if (content.length() <= MOST_CONTENT) {
                content.appendBuffer(part);
            }
        });
        request.exceptionHandler(_ -> guard.requestEnded());
        request.endHandler(_ -> Thread.ofVirtual().name("origins").start(() -> {
            CacheAdmin.Answer answer = content.length() > MOST_CONTENT
                    ? new CacheAdmin.Answer(
                            "",
                            "",
                            Optional.of(Problem.of(
                                    413, "too-large", "The origin is too large", "Its definition has at most 64 KiB.")))
                    : origins.handle(
                            method, String.valueOf(request.path()), request.params(), content.toString(), asText);
            channel.eventLoop().execute(() -> {
                cache(request, answer);
                guard.requestEnded();
            });
        }));
    }

    private void cache(HttpServerRequest request, CacheAdmin.Answer answer) {
        answer.problem()
                .ifPresentOrElse(
                        problem -> problem(request, problem), () -> answer(request, 200, answer.type(), answer.text()));
    }

    /** Looks and purges on a virtual thread, for what is on disk may have to be read. */
    private void cache(HttpServerRequest request, Channel channel, ConnectionGuard guard) {
        boolean asText = String.valueOf(request.getHeader("Accept")).contains("text/plain");
        boolean purges = request.method() == HttpMethod.DELETE;
        MultiMap wanted = request.params();
        Thread.ofVirtual().name("cache").start(() -> {
            String url = wanted.get("url");
            CacheAdmin.Answer answer = purges
                    ? cache.purge(wanted, asText)
                    : url == null ? cache.stats(asText) : cache.inspect(url, asText);
            channel.eventLoop().execute(() -> {
                cache(request, answer);
                guard.requestEnded();
            });
        });
    }

    private void ready(HttpServerRequest request) {
        boolean ready = node.isDeployed() && !listener.isDraining();
        answer(
                request,
                ready ? 200 : 503,
                "application/json",
                Json.object("status", ready ? "ready" : listener.isDraining() ? "draining" : "starting"));
    }

    /** What serves, and why it is not the newest version if it is not. */
    private void release(HttpServerRequest request) {
        Release release = node.release();
        List<Object> fields = new ArrayList<>(List.of(
                "app",
                release.manifest().name(),
                "functions",
                release.functions().size(),
                "routes",
                release.routes(),
                "state",
                node.reloadFailure().isPresent() ? "stale" : "current"));
        node.reloadFailure()
                .ifPresent(failure -> fields.addAll(
                        List.of("refused", Map.of("at", failure.at().toString(), "mistakes", failure.mistakes()))));
        answer(request, 200, "application/json", Json.object(fields.toArray()));
    }

    /** Reads the app again on a virtual thread, for it may take as long as compiling a module does. */
    private void reload(HttpServerRequest request, Channel channel, ConnectionGuard guard) {
        Thread.ofVirtual().name("reload").start(() -> {
            node.reload();
            channel.eventLoop().execute(() -> {
                node.reloadFailure()
                        .ifPresentOrElse(
                                failure -> problem(
                                        request,
                                        new Problem(
                                                422,
                                                "refused",
                                                "The app is wrong, and the one before it goes on",
                                                String.join("\n", failure.mistakes()),
                                                "",
                                                0,
                                                List.of("mistakes", failure.mistakes()))),
                                () -> release(request));
                guard.requestEnded();
            });
        });
    }

    /** Scrapes on a virtual thread: with thousands of functions it takes a while. */
    private void metrics(HttpServerRequest request, Channel channel, ConnectionGuard guard) {
        Thread.ofVirtual().name("metrics").start(() -> {
            MeterRegistry registry = node.metrics().registry();
            if (jvmBound.compareAndSet(false, true)) {
                bindJvm(registry);
            }
            String text = registry instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape(METRICS_TYPE) : "";
            channel.eventLoop().execute(() -> {
                answer(request, 200, METRICS_TYPE, text);
                guard.requestEnded();
            });
        });
    }

    /** With the first scrape rather than at the start: it takes time that nobody should wait for. */
    @SuppressWarnings("resource")
    private static void bindJvm(MeterRegistry registry) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private static void problem(HttpServerRequest request, Problem problem) {
        if (problem.retryAfter() > 0) {
            request.response().putHeader("Retry-After", Integer.toString(problem.retryAfter()));
        }
        String document = new String(problem.json(RequestIds.next()), StandardCharsets.UTF_8);
        answer(request, problem.status(), Problem.MEDIA_TYPE, document);
    }

    private static void answer(HttpServerRequest request, int status, String type, String body) {
        if (request.response().closed()) {
            return;
        }
        request.response().setStatusCode(status).putHeader("Content-Type", type).putHeader("Cache-Control", "no-store");
        if (request.method().name().equals("HEAD")) {
            request.response().end();
        } else {
            request.response().end(Buffer.buffer(body));
        }
    }
}
