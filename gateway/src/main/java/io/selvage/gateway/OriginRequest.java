package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request to an origin: finds a connection, sends the request, and tells what comes back. Tries the next address where
 * none could be reached, and once more where a kept connection was closed before its answer; nothing is tried twice that
 * an origin may have acted on. Belongs to an event loop.
 */
final class OriginRequest extends LoopMember {
    /** What is told, on the event loop; after {@link #end} or {@link #failed}, nothing more. */
    interface Answer {
        /** An interim response (103). */
        void hints(MultiMap fields);

        /** The head of the response, with the fields that concern its client. */
        void head(int status, Headers fields);

        /** A part of the content, which nobody changes any more. */
        void content(Buffer part);

        /** The response is complete. */
        void end();

        /** The origin did not answer, or broke off. */
        void failed(Problem problem);
    }

    private static final Set<String> IDEMPOTENT =
            Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY", "PROPFIND");

    private final Origin origin;
    private final RequestHead head;
    private final String method;
    private final Headers fields;
    private final @Nullable HttpServerRequest body;
    private final LoopState loop;
    private final Answer answer;
    private final int turn;
    private int attempt;
    private boolean resent;
    private boolean used;
    private boolean responding;
    private boolean paused;
    private boolean over;
    private long activity = System.nanoTime();
    private @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse response;

    /**
     * A request that is not sent yet.
     *
     * @param method the method, which may be another than the client's
     * @param fields the client's fields, perhaps with other conditions
     * @param body where the request's content comes from, or null if it has none
     */
    OriginRequest(
            Origin origin,
            RequestHead head,
            String method,
            Headers fields,
            @Nullable HttpServerRequest body,
            LoopState loop,
            Answer answer) {
        this.origin = origin;
        this.head = head;
        this.method = method;
        this.fields = fields;
        this.body = body;
        this.loop = loop;
        this.answer = answer;
        this.turn = origin.turn();
    }

    /** Sends it. */
    void start() {
        if (attempt == 0 && !resent) {
            loop.add(this);
        }
        URI url = origin.address(turn, attempt);
        boolean secure = "https".equals(url.getScheme());
        int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
        String host = url.getHost().replaceAll("[\\[\\]]", "");
        RequestOptions options = new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(port, host))
                .setHost(host)
                .setPort(port)
                .setSsl(secure)
                .setMethod(HttpMethod.valueOf(method))
                .setURI(head.query().isEmpty() ? head.path() : head.path() + "?" + head.query())
                .setFollowRedirects(false)
                .setConnectTimeout(origin.definition().connectTimeout().toMillis());
        activity = Long.MAX_VALUE;
        origin.client().request(options).onComplete(this::send, this::unreachable);
    }

    private void send(HttpClientRequest connected) {
        HttpConnection connection = connected.connection();
        if (over) {
            var _ = connected.reset();
            return;
        }
        activity = System.nanoTime();
        request = connected;
        used = connection instanceof ConnectionBase base && InterimFilter.install(base.channel());
        try {
            ProxyFields.toOrigin(fields, head, origin.definition(), body != null, connected.headers());
        } catch (IllegalArgumentException _) {
            fail(400, "malformed", "The request is malformed", "It holds a header field that cannot be passed on");
            return;
        }
        connected.earlyHintsHandler(answer::hints);
        connected.exceptionHandler(this::broken);
        connected.response().onComplete(this::respond, this::broken);
        if (body == null) {
            var _ = connected.end();
        } else {
            pipe(body, connected);
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
            fail(502, "origin-malformed", "The origin's answer is malformed", "Its status is " + came.statusCode());
            return;
        }
        activity = System.nanoTime();
        responding = true;
        response = came;
        came.exceptionHandler(this::broken);
        came.handler(part -> {
            activity = System.nanoTime();
            if (!over) {
                answer.content(part);
            }
        });
        came.endHandler(_ -> {
            if (!over) {
                finish();
                answer.end();
            }
        });
        List<String> lengths = came.headers().getAll("content-length");
        if (lengths.stream().distinct().count() > 1) {
            fail(502, "origin-malformed", "The origin's answer is malformed", "It has two lengths");
            return;
        }
        answer.head(came.statusCode(), ProxyFields.fromOrigin(came.headers()));
    }

    /** Lets no more content come for now. */
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

    /** Nobody wants the answer any more. */
    void cancel() {
        if (!over) {
            finish();
            reset();
        }
    }

    @Override
    void check(long now) {
        if (over || paused || activity == Long.MAX_VALUE) {
            return;
        }
        long silent = now - activity;
        if (!responding && silent > origin.definition().firstByteTimeout().toNanos()) {
            fail(504, "origin-timeout", "The origin took too long", "It did not begin to answer in time");
        } else if (responding
                && silent > origin.definition().betweenBytesTimeout().toNanos()) {
            fail(504, "origin-timeout", "The origin took too long", "It stopped in the middle of its answer");
        }
    }

    @Override
    void shutdown() {
        fail(503, "shutting-down", "The node is stopping", "It stopped before the origin had answered");
    }

    private void unreachable(Throwable cause) {
        if (over) {
            return;
        }
        if (attempt + 1 < origin.definition().urls().size()) {
            attempt++;
            start();
            return;
        }
        if (cause instanceof TimeoutException || cause instanceof io.netty.channel.ConnectTimeoutException) {
            fail(504, "origin-timeout", "The origin cannot be reached", "No connection could be made in time");
        } else if (cause instanceof io.vertx.core.http.ConnectionPoolTooBusyException) {
            fail(503, "origin-busy", "The origin is busy", "Too many requests wait for a connection to it");
        } else {
            fail(502, "origin-unreachable", "The origin cannot be reached", "No connection could be made");
        }
    }

    private void broken(Throwable cause) {
        if (over) {
            return;
        }
        boolean again = !responding && used && !resent && body == null && IDEMPOTENT.contains(method);
        if (again) {
            resent = true;
            request = null;
            start();
        } else if (responding) {
            fail(502, "origin-broken", "The origin broke off", "Its answer is not complete");
        } else {
            fail(502, "origin-closed", "The origin did not answer", "It closed the connection, or sent no HTTP");
        }
    }

    private void fail(int status, String kind, String title, String detail) {
        if (over) {
            return;
        }
        finish();
        reset();
        String origins = origin.definition().name();
        answer.failed(
                new Problem(status, kind, title, detail + ".", "", status == 503 ? 1 : 0, List.of("origin", origins)));
    }

    private void finish() {
        over = true;
        loop.remove(this);
    }

    private void reset() {
        HttpClientRequest sent = request;
        if (sent != null) {
            var _ = sent.reset();
        }
    }
}
