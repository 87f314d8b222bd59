package io.selvage.gateway;

import io.netty.channel.ConnectTimeoutException;
import io.selvage.node.Headers;
import io.selvage.node.OriginDefinition;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.origins.Member;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get a response from one address of an origin: finds a connection, sends the request, and tells what comes
 * back, or why nothing does. Belongs to an event loop.
 */
final class OriginAttempt extends LoopMember {
    /** How an attempt fails. */
    enum Fault {
        /** No connection could be made; nothing was sent. */
        CONNECT,
        /** Too many wait for a connection; nothing was sent. */
        BUSY,
        /** The connection was closed before the head of a response came, or what came is no HTTP. */
        RESET,
        /** The head of a response did not come in time. */
        TIMEOUT,
        /** A connection that was kept open was closed before the head of a response came. */
        KEPT,
        /** The response broke off. */
        BROKEN,
        /** It is not the origin's fault. */
        OWN;

        /** Whether it speaks against the address. */
        boolean speaksAgainstAddress() {
            return this != OWN && this != BUSY && this != KEPT;
        }
    }

    /** What is asked, and the most bytes that the content may have. */
    record Asked(
            RequestHead head,
            String method,
            Headers fields,
            @Nullable HttpServerRequest body,
            long bodyLimit) {}

    private static final Problem TOO_LARGE =
            Problem.of(413, "body-limit", "The request body is too large", "It has more bytes than its route takes.");

    /** What is told, on the event loop; after {@link #end} or {@link #failed}, nothing more. */
    interface Listener {
        /** The request begins to leave: content that goes now cannot be sent again. */
        void leaving();

        /** An interim response (103). */
        void hints(MultiMap fields);

        /** The head of the response, with the fields that concern its client. */
        void head(OriginAttempt attempt, int status, Headers fields);

        /** A part of the content, which nobody changes any more. */
        void content(Buffer part);

        /** The response is complete. */
        void end();

        /** There is no response, or no more of it. */
        void failed(OriginAttempt attempt, Fault fault, Problem problem);
    }

    private final Origin origin;
    private final Member member;
    private final Asked asked;
    private final LoopState loop;
    private final Listener listener;
    private final long begun = System.nanoTime();
    private int status;
    private boolean kept;
    private boolean responding;
    private boolean paused;
    private boolean over;
    private long activity = Long.MAX_VALUE;
    private @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse response;

    /** An attempt that has not begun. */
    OriginAttempt(Origin origin, Member member, Asked asked, LoopState loop, Listener listener) {
        this.origin = origin;
        this.member = member;
        this.asked = asked;
        this.loop = loop;
        this.listener = listener;
    }

    Member member() {
        return member;
    }

    /** Whether nothing more is going to be told. */
    boolean isOver() {
        return over;
    }

    /** Begins it. */
    void start() {
        loop.add(this);
        member.begin();
        RequestHead head = asked.head();
        RequestOptions options = to(origin.definition(), member)
                .setMethod(HttpMethod.valueOf(asked.method()))
                .setURI(head.query().isEmpty() ? head.path() : head.path() + "?" + head.query());
        origin.client(loop).request(options).onComplete(this::send, this::unreachable);
    }

    /** A request to an address of an origin, without a method and a target. */
    static RequestOptions to(OriginDefinition origin, Member member) {
        URI url = member.url();
        boolean secure = "https".equals(url.getScheme());
        int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
        String host = url.getHost().replaceAll("[\\[\\]]", "");
        return new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(port, member.address()))
                .setHost(secure ? origin.tls().name().orElse(host) : host)
                .setPort(port)
                .setSsl(secure)
                .setFollowRedirects(false)
                .setConnectTimeout(origin.timeouts().connect().toMillis());
    }

    private void send(HttpClientRequest connected) {
        HttpConnection connection = connected.connection();
        if (over) {
            var _ = connected.reset();
            return;
        }
        activity = System.nanoTime();
        request = connected;
        if (connection instanceof ConnectionBase base) {
            kept = OriginConnection.install(base.channel());
        }
        HttpServerRequest body = asked.body();
        try {
            ProxyFields.toOrigin(asked.fields(), asked.head(), origin.definition(), body != null, connected.headers());
        } catch (IllegalArgumentException _) {
            fail(
                    Fault.OWN,
                    problem(
                            400,
                            "malformed",
                            "The request is malformed",
                            "It holds a header field that cannot be passed on"));
            return;
        }
        if (connected.version() == HttpVersion.HTTP_2) {
            host(connected, origin.definition().host().orElse(asked.head().authority()));
        }
        connected.earlyHintsHandler(listener::hints);
        connected.exceptionHandler(this::broken);
        connected.response().onComplete(this::respond, this::broken);
        listener.leaving();
        if (body == null) {
            var _ = connected.end();
        } else {
            pipe(body, connected);
        }
    }

    /** Says which host is asked; in HTTP/2 that is not a field (RFC 9113 §8.3.1). */
    static void host(HttpClientRequest request, String host) {
        request.headers().remove("host");
        HostAndPort authority = request.version() == HttpVersion.HTTP_2 ? HostAndPort.parseAuthority(host, -1) : null;
        if (authority == null) {
            request.headers().set("Host", host);
        } else {
            request.authority(authority);
        }
    }

    private void pipe(HttpServerRequest from, HttpClientRequest to) {
        if (!to.headers().contains("content-length")) {
            to.setChunked(true);
        }
        from.handler(part -> {
            activity = System.nanoTime();
            if (over) {
                return;
            }
            if (from.bytesRead() > asked.bodyLimit()) {
                fail(Fault.OWN, TOO_LARGE);
                return;
            }
            var _ = to.write(part);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(_ -> from.resume());
            }
        });
        from.endHandler(_ -> {
            activity = System.nanoTime();
            if (!over) {
                var _ = to.end();
            }
        });
        from.resume();
    }

    private void respond(HttpClientResponse came) {
        if (over) {
            return;
        }
        if (came.statusCode() < 200 || came.statusCode() > 999) {
            malformed("Its status is " + came.statusCode());
            return;
        }
        List<String> lengths = came.headers().getAll("content-length");
        if (lengths.stream().distinct().count() > 1) {
            malformed("It has two lengths");
            return;
        }
        activity = System.nanoTime();
        responding = true;
        status = came.statusCode();
        response = came;
        came.exceptionHandler(this::broken);
        came.handler(part -> {
            activity = System.nanoTime();
            if (!over) {
                listener.content(part);
            }
        });
        came.endHandler(_ -> {
            if (!over) {
                finish("");
                listener.end();
            }
        });
        listener.head(this, status, ProxyFields.fromOrigin(came.headers()));
    }

    /** Holds the content back until {@link #resume}. */
    void pause() {
        HttpClientResponse coming = response;
        if (coming != null && !paused) {
            paused = true;
            coming.pause();
        }
    }

    /** Lets content come again. */
    void resume() {
        HttpClientResponse coming = response;
        if (coming != null && paused) {
            paused = false;
            activity = System.nanoTime();
            coming.resume();
        }
    }

    /** Nobody wants its response any more; nothing more is told. */
    void cancel() {
        if (!over) {
            finish("cancelled");
            reset();
        }
    }

    @Override
    void check(long now) {
        if (over || paused || activity == Long.MAX_VALUE) {
            return;
        }
        long silent = now - activity;
        OriginDefinition.Timeouts timeouts = origin.definition().timeouts();
        if (!responding && silent > timeouts.firstByte().toNanos()) {
            fail(
                    Fault.TIMEOUT,
                    problem(504, "origin-timeout", "The origin took too long", "It did not begin to answer in time"));
        } else if (responding && silent > timeouts.betweenBytes().toNanos()) {
            fail(
                    Fault.BROKEN,
                    problem(
                            504,
                            "origin-timeout",
                            "The origin took too long",
                            "It stopped in the middle of its answer"));
        }
    }

    @Override
    void shutdown() {
        fail(
                Fault.OWN,
                problem(503, "shutting-down", "The node is stopping", "It stopped before the origin had answered"));
    }

    private void unreachable(Throwable cause) {
        if (cause instanceof ConnectionPoolTooBusyException) {
            fail(
                    Fault.BUSY,
                    problem(503, "origin-busy", "The origin is busy", "Too many requests wait for a connection to it"));
        } else if (cause instanceof TimeoutException || cause instanceof ConnectTimeoutException) {
            fail(
                    Fault.CONNECT,
                    problem(
                            504,
                            "origin-timeout",
                            "The origin cannot be reached",
                            "No connection could be made in time"));
        } else {
            fail(
                    Fault.CONNECT,
                    problem(502, "origin-unreachable", "The origin cannot be reached", "No connection could be made"));
        }
    }

    private void broken(Throwable cause) {
        if (responding) {
            fail(Fault.BROKEN, problem(502, "origin-broken", "The origin broke off", "Its answer is not complete"));
        } else {
            fail(
                    kept ? Fault.KEPT : Fault.RESET,
                    problem(
                            502,
                            "origin-closed",
                            "The origin did not answer",
                            "It closed the connection, or sent no HTTP"));
        }
    }

    private void malformed(String detail) {
        fail(Fault.RESET, problem(502, "origin-malformed", "The origin's answer is malformed", detail));
    }

    private Problem problem(int code, String kind, String title, String detail) {
        return new Problem(
                code,
                kind,
                title,
                detail + ".",
                "",
                code == 503 ? 1 : 0,
                List.of("origin", origin.definition().name()));
    }

    private void fail(Fault fault, Problem problem) {
        if (over) {
            return;
        }
        finish(problem.kind());
        reset();
        listener.failed(this, fault, problem);
    }

    private void finish(String error) {
        over = true;
        loop.remove(this);
        member.end();
        origin.metrics().attempt(member, status, error, System.nanoTime() - begun);
    }

    private void reset() {
        HttpClientRequest sent = request;
        if (sent != null) {
            var _ = sent.reset();
        }
    }
}
