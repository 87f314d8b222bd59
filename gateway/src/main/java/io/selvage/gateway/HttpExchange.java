package io.selvage.gateway;

import io.netty.channel.Channel;
import io.selvage.node.Call;
import io.selvage.node.DeployedFunction;
import io.selvage.node.Headers;
import io.selvage.node.Inbound;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import io.selvage.node.RuleRun;
import io.vertx.core.MultiMap;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response between an event loop and a virtual thread. The guest's thread calls what {@link Inbound}
 * has; everything that touches the connection happens on its event loop.
 */
final class HttpExchange extends GuestExchange {
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private final Listener listener;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Channel channel;
    private final ConnectionGuard guard;
    private final RuleRun rules;
    private final long declaredLength;
    private final @Nullable RequestBody requestBody;
    private final boolean http2;

    private boolean awaitsContinue;
    private boolean headSent;
    private boolean over;
    private final @Nullable BodyPace pace;

    HttpExchange(
            Listener listener, Listener.Arrived arrived, RequestHead head, DeployedFunction function, RuleRun rules) {
        super(listener.node(), arrived.channel().eventLoop(), function, head, arrived.arrival());
        this.listener = listener;
        this.request = arrived.request();
        this.response = request.response();
        this.channel = arrived.channel();
        this.rules = rules;
        this.guard = ConnectionGuard.of(channel);
        this.declaredLength = arrived.length();
        this.http2 = arrived.http2();
        this.pace = declaredLength == 0
                ? null
                : new BodyPace(listener.limits().bodyRate(), listener.limits().bodyGraceNanos(), arrived.arrival());
        this.requestBody = declaredLength == 0
                ? null
                : new RequestBody(this, Math.min(function.definition().limits().body(), rules.bodyLimit()));
    }

    /** Begins to listen to the client, before the call is dispatched; on the event loop. */
    void open(boolean expectsContinue) {
        awaitsContinue = expectsContinue;
        guard.loop().add(this);
        response.exceptionHandler(this::broken);
        response.closeHandler(_ -> gone());
        RequestBody body = requestBody;
        if (body != null) {
            request.pause();
            request.handler(body::put);
            request.endHandler(_ -> body.end());
            request.exceptionHandler(this::broken);
        }
    }

    /** The function has been replaced: another exchange takes the request on; on the event loop. */
    void abandon() {
        over = true;
        guard.loop().remove(this);
    }

    /** Looks whether the time is up or the client too slow. */
    @Override
    void check(long now) {
        Call running = call();
        RequestBody body = requestBody;
        if (!endsLate(now)
                && running != null
                && body != null
                && pace != null
                && pace.isTooSlow(now, body.received(), body.isWaiting())) {
            running.cancel(Call.Reason.CLIENT_SLOW);
        }
    }

    @Override
    public long declaredLength() {
        return declaredLength;
    }

    @Override
    public InputStream requestBody() {
        RequestBody body = requestBody;
        return body == null ? InputStream.nullInputStream() : body;
    }

    @Override
    public void fail(Problem problem) {
        onLoop(() -> {
            if (!over) {
                if (headSent) {
                    over = true;
                    breakOff();
                    over(problem.status());
                } else {
                    sendProblem(problem);
                }
            }
        });
    }

    /** Lets {@code more} further buffers of the request body come; from the guest's thread. */
    void fetch(int more) {
        onLoop(() -> {
            if (over || request.isEnded()) {
                return;
            }
            if (awaitsContinue && !headSent) {
                awaitsContinue = false;
                response.writeContinue();
            }
            request.fetch(more);
        });
    }

    /** Sends a part of the response body; from the guest's thread. */
    @Override
    public void send(Buffer chunk) {
        onLoop(() -> {
            ResponseBody body = responseBody();
            if (over || body == null) {
                return;
            }
            if (!headSent) {
                prepareHead(true);
            }
            response.write(chunk);
            if (response.writeQueueFull()) {
                response.drainHandler(_ -> body.sent(1));
            } else {
                body.sent(1);
            }
        });
    }

    /** Sends the rest of the response; from the guest's thread. */
    @Override
    public void finish(Buffer rest, long written) {
        onLoop(() -> {
            if (over) {
                return;
            }
            ResponseHead sent = responseHead();
            int status = sent == null ? 500 : sent.status();
            if (!headSent) {
                prepareHead(false);
                if (request().method().equals("HEAD")
                        && status != 204
                        && status != 304
                        && !response.headers().contains("content-length")) {
                    response.headers().set("content-length", Long.toString(written));
                }
            }
            over = true;
            UnreadContent.beforeEnd(request, requestBody != null, http2);
            response.end(rest);
            UnreadContent.settle(request, requestBody != null, http2, channel);
            over(status);
        });
    }

    private void prepareHead(boolean streams) {
        ResponseHead guest = responseHead();
        if (guest == null) {
            throw new IllegalStateException("there is no head to send");
        }
        headSent = true;
        response.setStatusCode(guest.status());
        MultiMap fields = response.headers();
        ResponseFields.copy(guest.headers(), fields, http2);
        ResponseFields.rule(rules, guest.status(), fields, http2);
        boolean closes = mustClose();
        boolean endsWithClose =
                streams && request().protocol().equals("HTTP/1.0") && !fields.contains("content-length");
        if (guest.status() == 204 || endsWithClose) {
            response.headersEndHandler(_ -> {
                if (guest.status() == 204) {
                    fields.remove("content-length");
                }
                if (endsWithClose) {
                    fields.set("Connection", "close");
                }
            });
        }
        if (closes) {
            fields.set("Connection", "close");
        }
    }

    private void sendProblem(Problem problem) {
        headSent = true;
        over = true;
        UnreadContent.beforeEnd(request, requestBody != null, http2);
        listener.answer(request, request().id(), problem, mustClose(), rules);
        UnreadContent.settle(request, requestBody != null, http2, channel);
        over(problem.status());
    }

    /** HTTP/1 can only go on with the next request if this one's body has come, or will. */
    private boolean mustClose() {
        return !http2 && (listener.isDraining() || (requestBody != null && !request.isEnded() && !comesSoon()));
    }

    /** Whether what is left of the request body is small and on its way. */
    private boolean comesSoon() {
        RequestBody body = requestBody;
        return body != null
                && !awaitsContinue
                && declaredLength > 0
                && declaredLength - body.received() <= Listener.DISCARDED_BYTES;
    }

    private void breakOff() {
        if (http2) {
            StreamError.INTERNAL.reset(request);
        } else {
            var _ = channel.close();
        }
    }

    /** The client is gone; on the event loop. */
    private void gone() {
        if (!over) {
            over(CLIENT_CLOSED_REQUEST);
        }
    }

    /** The request's body breaks off or is malformed; on the event loop. */
    private void broken(Throwable cause) {
        boolean malformed = !(cause instanceof VertxException || cause instanceof IOException);
        if (!over && !headSent && !http2 && malformed && channel.isActive()) {
            Call running = call();
            sendProblem(Problem.of(
                    400,
                    "malformed",
                    "The request is malformed",
                    "The body's framing is broken: " + cause.getMessage() + "."));
            if (running != null) {
                running.cancel(Call.Reason.CLIENT_GONE);
            }
            return;
        }
        gone();
    }

    /** Does what is left when the last of the response is sent, or will never be. */
    private void over(int status) {
        over = true;
        Call running = call();
        call(null);
        String why = status == CLIENT_CLOSED_REQUEST ? "the client went away" : "the request is over";
        RequestBody in = requestBody;
        if (in != null) {
            in.fail(why);
        }
        ResponseBody out = responseBody();
        if (out != null) {
            out.fail(why);
        }
        if (running != null && status == CLIENT_CLOSED_REQUEST) {
            running.cancel(Call.Reason.CLIENT_GONE);
        }
        guard.loop().remove(this);
        guard.requestEnded();
        rules.ended(status);
        listener.ended(request(), function(), status, out == null ? 0 : out.written(), arrival(), guard.client());
    }

    /** The fields of a request as the node has them. */
    static Headers headers(MultiMap fields) {
        Headers headers = new Headers();
        fields.forEach((name, value) -> headers.add(name, value));
        return headers;
    }
}
