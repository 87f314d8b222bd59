package io.selvage.gateway;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.selvage.node.Call;
import io.selvage.node.Delivery;
import io.selvage.node.DeployedFunction;
import io.selvage.node.Destination;
import io.selvage.node.Endpoint;
import io.selvage.node.Headers;
import io.selvage.node.Node;
import io.selvage.node.Nowhere;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.ProxiedFunction;
import io.selvage.node.RequestHead;
import io.selvage.node.RequestPath;
import io.selvage.node.Router;
import io.selvage.node.RuleChain;
import io.selvage.node.RuleRun;
import io.selvage.node.Setting;
import io.selvage.node.Shadow;
import io.selvage.node.TraceContext;
import io.selvage.tls.AcmeChallenges;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Takes requests from their connections: refuses what is malformed, finds the function or the origin, and hands the rest to it. */
final class Listener {
    /** How much of a body that no one reads is taken in, so that its connection can be used again. */
    static final int DISCARDED_BYTES = 256 << 10;

    private static final int OPTIONS_STATUS = 204;

    /** How long a client that says it will ask no more may take for the answers that it waits for. */
    private static final Duration GOING_AWAY = Duration.ofMinutes(10);

    /**
     * A well-framed request as it came.
     *
     * @param id the id that the node gives it
     * @param arrival when it came, in the terms of {@link System#nanoTime}
     * @param length the length of its body in bytes; 0 without one, -1 if it is not known
     */
    record Arrived(ClientStream request, String id, long arrival, long length, boolean expectsContinue) {
        /** The same as another request. */
        Arrived with(ClientStream other) {
            return new Arrived(other, id, arrival, length, expectsContinue);
        }

        Channel channel() {
            return request.channel();
        }
    }

    private final Node node;
    private final GatewayLimits limits;
    private final Proxy proxy;
    private final AcmeChallenges challenges;
    private final AccessLog accesses;
    private final int largestLine;
    private final int largestFields;
    private volatile boolean draining;

    Listener(Node node, GatewayLimits limits, Proxy proxy, AcmeChallenges challenges) {
        this.node = node;
        this.challenges = challenges;
        this.proxy = proxy;
        this.limits = limits;
        this.largestLine = node.settings().get(Setting.REQUEST_LINE).intValue();
        this.largestFields = node.settings().get(Setting.HEADER_SIZE).intValue();
        this.accesses = new AccessLog(node);
    }

    Node node() {
        return node;
    }

    Proxy proxy() {
        return proxy;
    }

    GatewayLimits limits() {
        return limits;
    }

    /** What is told of each request that has ended. */
    AccessLog accesses() {
        return accesses;
    }

    /** The most bytes that a request line of HTTP/1.1 may have. */
    int largestLine() {
        return largestLine;
    }

    /** The most bytes that the fields of a request may have. */
    int largestFields() {
        return largestFields;
    }

    boolean isDraining() {
        return draining;
    }

    /** From now on every response tells its client that the connection ends. */
    void drain() {
        draining = true;
    }

    /** Takes a request of HTTP/2 or HTTP/3; on its event loop. */
    void handle(HttpServerRequest request) {
        handle(new VertxClientStream(request, channel(request.connection())));
    }

    /** Takes a well-framed request; on its event loop. */
    void handle(ClientStream request) {
        long arrival = System.nanoTime();
        ConnectionGuard guard = ConnectionGuard.of(request.channel());
        guard.requestBegan(request.isMultiplexed());
        node.metrics().requestBegan();
        String id = RequestIds.next();
        String alternative = guard.entrance().alternative();
        if (!alternative.isEmpty() && !request.protocol().equals("HTTP/3")) {
            request.always("Alt-Svc", alternative);
        }
        try {
            serve(request, guard, id, arrival);
        } catch (Refused refused) {
            refuse(request, id, refused.problem(), arrival);
        } catch (RuntimeException e) {
            node.log().error("gateway", "a request could not be handled: " + e, "request", id);
            request.reset(StreamError.INTERNAL);
        }
    }

    private void serve(ClientStream request, ConnectionGuard guard, String id, long arrival) {
        Headers headers = ClientIdentity.headers(request.fields(), guard.identity());
        String method = request.method();
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            throw new Refused(
                    501, "not-implemented", "The method is not implemented", "The node does not do " + method + ".");
        }
        if (method.equals("OPTIONS") && request.target().equals("*")) {
            RequestTarget all = RequestTarget.ofServer(request, headers);
            answerItself(request, head(request, headers, all, "", Map.of(), id, trace(headers)), arrival);
            return;
        }
        RequestTarget target = RequestTarget.of(request, headers);
        if (challenges.isHttpAsked() && prove(request, target, arrival)) {
            return;
        }
        long length = request.length();
        boolean expectsContinue = RequestFraming.expectsContinue(request.protocol(), headers);
        Arrived arrived = new Arrived(request, id, arrival, length, expectsContinue);
        Router.Found<Endpoint> found =
                preflight(method, headers, target).orElseGet(() -> find(arrived, method, target.host(), target.path()));
        checkUnambiguous(found, method, target);
        RequestHead head = head(request, headers, target, found.route().path(), found.parameters(), id, trace(headers));
        RuleChain rules = found.target().rules();
        if (rules == RuleChain.NONE) {
            go(arrived, head, target, found, RuleRun.NONE);
        } else {
            RuleRun run = rules.begin(head, length);
            new RuleGate(this, arrived, head, run, ruled -> goRuled(arrived, ruled, target, found, run)).enter();
        }
    }

    /** Answers OPTIONS where it is for the server as a whole, or must go no further (RFC 9110 §9.3.7, §7.6.2). */
    private void answerItself(ClientStream request, RequestHead head, long arrival) {
        Headers fields = new Headers();
        ResponseFields.own(fields, true, true);
        request.head(OPTIONS_STATUS, fields);
        request.end(Buffer.buffer());
        ConnectionGuard guard = ConnectionGuard.of(request.channel());
        guard.requestEnded();
        accesses.ended(head, OPTIONS_STATUS, 0, arrival, guard, "");
    }

    /** Answers a certificate authority that looks whether a name is this node's (RFC 8555 §8.3); whether it was one. */
    private boolean prove(ClientStream request, RequestTarget target, long arrival) {
        Optional<String> proof = target.path().startsWith(AcmeChallenges.HTTP_PATH)
                ? challenges.http(target.path().substring(AcmeChallenges.HTTP_PATH.length()))
                : Optional.empty();
        if (proof.isEmpty()) {
            return false;
        }
        request.head(200, new Headers().add("Content-Type", "application/octet-stream"));
        request.end(Buffer.buffer(proof.get()));
        ConnectionGuard guard = ConnectionGuard.of(request.channel());
        guard.requestEnded();
        node.metrics().requestEnded(null, request.method(), AcmeChallenges.HTTP_PATH, 200, System.nanoTime() - arrival);
        node.log().info("acme", "answered a challenge", "name", target.host(), "remote", guard.client());
        return true;
    }

    /** For a preflight request of CORS, the route of the request that is to follow, if that route answers it. */
    private Optional<Router.Found<Endpoint>> preflight(String method, Headers headers, RequestTarget target) {
        if (!method.equals("OPTIONS") || !headers.contains("access-control-request-method")) {
            return Optional.empty();
        }
        String next = headers.first("access-control-request-method").orElse("");
        return node.release().router().find(next, target.host(), target.path()) instanceof Router.Found<Endpoint> found
                        && found.target().rules().answersPreflight()
                ? Optional.of(found)
                : Optional.empty();
    }

    /**
     * Refuses a path that an origin may read as another one, for which the app has a guard: {@code //admin} must not go
     * around what protects {@code /admin}.
     */
    private void checkUnambiguous(Router.Found<Endpoint> found, String method, RequestTarget target) {
        String plainer = RequestPath.plainer(target.path());
        if (plainer.equals(target.path())) {
            return;
        }
        if (node.release().router().find(method, target.host(), plainer) instanceof Router.Found<Endpoint> other
                && other.target().rules() != found.target().rules()
                && other.target().rules().guards()) {
            throw new Refused(
                    400,
                    "ambiguous-path",
                    "The path is ambiguous",
                    "Write it without empty segments, \";\" and encoded slashes.");
        }
    }

    private void goRuled(
            Arrived arrived, RequestHead head, RequestTarget target, Router.Found<Endpoint> found, RuleRun run) {
        try {
            go(arrived, head, target, found, run);
        } catch (Refused refused) {
            run.ended(refused.problem().status());
            refuse(arrived.request, head.id(), refused.problem(), arrived.arrival);
        }
    }

    private Router.Found<Endpoint> find(Arrived arrived, String method, String host, String path) {
        return switch (node.release().router().find(method, host, path)) {
            case Router.Found<Endpoint> found -> found;
            case Router.NotFound<Endpoint> _ -> throw nothing(path);
            case Router.MethodNotAllowed<Endpoint> no -> {
                arrived.request.always("Allow", String.join(", ", no.allow()));
                throw new Refused(
                        405,
                        "method",
                        "The method is not allowed here",
                        "This route takes " + String.join(", ", no.allow()) + ".");
            }
        };
    }

    /** Gives a request to its destination; when a function is replaced at this moment, to the one that replaces it. */
    private void go(Arrived came, RequestHead head, RequestTarget target, Router.Found<Endpoint> first, RuleRun run) {
        Router.Found<Endpoint> found = first;
        Arrived arrived = first.target()
                .shadow()
                .map(shadow -> watched(came, head, first.target().destination(), shadow, run))
                .orElse(came);
        while (!go(arrived, head, found.target().destination(), run)) {
            found = find(arrived, arrived.request.method(), target.host(), target.path());
        }
    }

    private boolean go(Arrived arrived, RequestHead head, Destination destination, RuleRun run) {
        switch (destination) {
            case DeployedFunction function -> {
                return dispatch(arrived, head, function, run);
            }
            case Proxied _
            when ProxyFields.forwards(head).orElse(1) == 0 -> {
                answerItself(arrived.request, head, arrived.arrival);
                run.ended(OPTIONS_STATUS);
                return true;
            }
            case Proxied route -> {
                boolean hasBody = hasContent(arrived);
                if (route instanceof ProxiedFunction made
                        && made.delivery().esi().isEmpty()
                        && (hasBody || !isRead(head.method()))
                        && !proxy.takesQuery(made, head, hasBody ? arrived.length : 0)) {
                    return dispatch(arrived, head, made.function(), proxy.watching(made, head, run));
                }
                ProxyExchange exchange = new ProxyExchange(this, arrived, head, route, hasBody, run);
                exchange.open(arrived.expectsContinue);
                proxy.handle(exchange);
                return true;
            }
            case Nowhere _ -> throw nothing(head.path());
        }
    }

    /**
     * Whether a request has content that goes to an origin. HTTP/2 tells only after the head that there is none; what comes
     * with a GET or a HEAD that declares no length is thrown away, as RFC 9110 §9.3.1 allows: it means nothing, and no
     * cache key knows it.
     */
    private static boolean hasContent(Arrived arrived) {
        if (arrived.length >= 0) {
            return arrived.length != 0;
        }
        return !arrived.request.isMultiplexed() || (!isRead(arrived.request.method()) && !arrived.request.isEnded());
    }

    private static boolean isRead(String method) {
        return method.equals("GET") || method.equals("HEAD");
    }

    private Arrived watched(Arrived arrived, RequestHead head, Destination destination, Shadow shadow, RuleRun run) {
        Delivery delivery = destination instanceof Proxied route ? route.delivery() : Delivery.PLAIN;
        Shadows.Shadowed shadowed = new Shadows.Shadowed(
                shadow,
                head,
                destination instanceof Proxied route && route.caches(),
                delivery,
                run,
                ConnectionGuard.of(arrived.channel()).loop());
        return arrived.with(proxy.shadows().watch(shadowed, arrived.request, hasContent(arrived)));
    }

    private static Refused nothing(String path) {
        return new Refused(404, "no-route", "There is nothing here", "No route of the app matches " + path + ".");
    }

    private boolean dispatch(Arrived arrived, RequestHead head, DeployedFunction function, RuleRun run) {
        if (function.isRetired()) {
            return false;
        }
        HttpExchange exchange = new HttpExchange(this, arrived, head, function, run);
        exchange.open(arrived.expectsContinue);
        Optional<Problem> busy = run.admit();
        if (busy.isPresent()) {
            exchange.fail(busy.get());
            return true;
        }
        Call call = node.dispatcher().dispatch(function, exchange, arrived.arrival);
        if (call != null) {
            exchange.call(call);
            return true;
        }
        exchange.abandon();
        return false;
    }

    private static RequestHead head(
            ClientStream request,
            Headers headers,
            RequestTarget target,
            String route,
            Map<String, String> parameters,
            String id,
            TraceContext trace) {
        ConnectionGuard guard = ConnectionGuard.of(request.channel());
        return new RequestHead(
                id,
                request.method(),
                guard.isSecure() || request.isSecure() ? "https" : "http",
                target.authority(),
                target.path(),
                target.query(),
                request.protocol(),
                headers,
                guard.remote(),
                guard.local(),
                route,
                parameters,
                trace);
    }

    private static TraceContext trace(Headers headers) {
        return headers.contains("traceparent")
                ? TraceContext.from(headers.all("traceparent"), headers.all("tracestate"))
                : TraceContext.begin();
    }

    /** A request as its client sent it, whatever the rules have made of it. */
    RequestHead came(ClientStream request, RequestHead ruled) {
        Headers headers = ClientIdentity.headers(
                request.fields(), ConnectionGuard.of(request.channel()).identity());
        RequestTarget target = RequestTarget.of(request, headers);
        return head(request, headers, target, ruled.route(), ruled.parameters(), ruled.id(), ruled.trace());
    }

    /** Takes what came in place of a request; on its event loop. The connection is closed afterwards. */
    void handleInvalid(ClientStream request, Refused refused) {
        ConnectionGuard.of(request.channel()).requestBegan(false);
        node.metrics().requestBegan();
        request.endsConnection();
        refuse(request, RequestIds.next(), refused.problem(), System.nanoTime());
    }

    private void refuse(ClientStream request, String id, Problem problem, long arrival) {
        if (problem.status() == 400 || problem.status() == 501) {
            request.endsConnection();
        }
        long bytes = answer(request, id, problem, RuleRun.NONE);
        ConnectionGuard guard = ConnectionGuard.of(request.channel());
        guard.requestEnded();
        accesses.refused(request, id, problem, bytes, arrival, guard);
    }

    /**
     * Sends a problem document with what the rules of a route say of its fields; on the event loop.
     *
     * @return how many bytes of content that has
     */
    static long answer(ClientStream request, String id, Problem problem, RuleRun run) {
        byte[] body = problem.json(id);
        Headers fields = new Headers().add("Content-Type", Problem.MEDIA_TYPE).add("Cache-Control", "no-store");
        ResponseFields.own(fields, true, true);
        if (problem.retryAfter() > 0) {
            fields.add("Retry-After", Integer.toString(problem.retryAfter()));
        }
        Headers ruled = ResponseFields.rule(run, problem.status(), fields);
        ruled.set("Content-Length", Integer.toString(body.length));
        request.head(problem.status(), ruled);
        Buffer content = request.method().equals("HEAD") ? Buffer.buffer() : Buffer.buffer(body);
        request.end(content);
        return content.length();
    }

    /** The channel of a connection of Vert.x. */
    static Channel channel(HttpConnection connection) {
        return ((HttpServerConnection) connection).channelHandlerContext().channel();
    }

    /** A connection of HTTP/3 is open; on its event loop. */
    static void opened(HttpConnection connection, GatewayLimits limits, Entrance entrance) {
        ConnectionGuard.guard(channel(connection), limits, entrance);
        secured(connection);
    }

    /** A connection speaks HTTP/2 from now on, or HTTP/1.1 over TLS; on its event loop. */
    void opened(HttpConnection connection, boolean secure) {
        if (secure) {
            secured(connection);
        }
        if (connection.protocolVersion() == HttpVersion.HTTP_2) {
            RequestTrailers.keep(channel(connection));
            // a client that says it will ask no more (RFC 9113 §6.8) is let go when it has its answers
            connection.goAwayHandler(_ -> connection.shutdown(GOING_AWAY));
        } else if (secure) {
            Channel channel = channel(connection);
            ClientConnection.begin(this, channel, channel.pipeline().get(SslHandler.class), true);
        } else {
            // it asked for HTTP/2 in a way that is none
            connection.close();
        }
    }

    /** The TLS handshake of a connection is done: what comes now is HTTP; on its event loop. */
    private static void secured(HttpConnection connection) {
        ConnectionGuard.of(channel(connection))
                .secured(connection.protocolVersion() != HttpVersion.HTTP_1_1, ClientIdentity.of(connection));
    }
}
