package io.selvage.gateway;

import io.selvage.node.Call;
import io.selvage.node.DeployedFunction;
import io.selvage.node.Headers;
import io.selvage.node.Inbound;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import io.selvage.node.RuleRun;
import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response between an event loop and a virtual thread. The guest's thread calls what {@link Inbound}
 * has; everything that touches the connection happens on its event loop.
 */
final class HttpExchange extends GuestExchange {
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private final Listener listener;
    private final ClientStream request;
    private final ConnectionGuard guard;
    private final RuleRun rules;
    private final long declaredLength;
    private final @Nullable RequestBody requestBody;

    private boolean awaitsContinue;
    private boolean headSent;
    private boolean over;
    private long sent;
    private String met = "";
    private final @Nullable BodyPace pace;

    HttpExchange(
            Listener listener, Listener.Arrived arrived, RequestHead head, DeployedFunction function, RuleRun rules) {
        super(listener.node(), arrived.channel().eventLoop(), function, head, arrived.arrival());
        this.listener = listener;
        this.request = arrived.request();
        this.rules = rules;
        this.guard = ConnectionGuard.of(arrived.channel());
        this.declaredLength = arrived.length();
        this.pace = declaredLength == 0
                ? null
                : new BodyPace(listener.limits().bodyRate(), listener.limits().bodyGraceNanos(), arrived.arrival());
        this.requestBody = declaredLength == 0
                ? null
                : new RequestBody(
                        this::fetch, Math.min(function.definition().limits().body(), rules.bodyLimit()));
    }

    /** Begins to listen to the client, before the call is dispatched; on the event loop. */
    void open(boolean expectsContinue) {
        awaitsContinue = expectsContinue;
        guard.loop().add(this);
        request.whenGone(this::broken);
        RequestBody body = requestBody;
        if (body != null) {
            request.pause();
            request.read(body::put, body::end);
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
                    met = problem.kind();
                    request.reset(StreamError.INTERNAL);
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
            if (over) {
                return;
            }
            if (awaitsContinue && !headSent) {
                awaitsContinue = false;
                request.interim(100, new Headers());
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
                prepareHead(-1);
            }
            sent += chunk.length();
            request.write(chunk);
            if (request.isFull()) {
                request.whenDrained(() -> body.sent(1));
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
            ResponseHead head = responseHead();
            int status = head == null ? 500 : head.status();
            if (!headSent) {
                prepareHead(written);
            }
            over = true;
            sent += rest.length();
            request.end(rest);
            over(status);
        });
    }

    /**
     * Begins the response.
     *
     * @param length how long its content is if all of it is there; -1 if not
     */
    private void prepareHead(long length) {
        ResponseHead guest = responseHead();
        if (guest == null) {
            throw new IllegalStateException("there is no head to send");
        }
        headSent = true;
        Headers fields = ResponseFields.rule(rules, guest.status(), ResponseFields.passed(guest.headers()));
        if (length >= 0 && request().method().equals("HEAD") && !fields.contains("content-length")) {
            fields.add("Content-Length", Long.toString(length));
        }
        request.head(guest.status(), fields);
    }

    private void sendProblem(Problem problem) {
        headSent = true;
        over = true;
        met = problem.kind();
        sent = Listener.answer(request, request().id(), problem, rules);
        over(problem.status());
    }

    /** The client is gone; on the event loop. */
    private void gone() {
        if (!over) {
            over(CLIENT_CLOSED_REQUEST);
        }
    }

    /** The client is gone, or the framing of its content is malformed; on the event loop. */
    private void broken(String malformed) {
        if (over || headSent || malformed.isEmpty()) {
            gone();
            return;
        }
        Call running = call();
        sendProblem(Problem.of(
                400,
                "malformed",
                "The request is malformed",
                "The framing of its content is broken. " + malformed + "."));
        if (running != null) {
            running.cancel(Call.Reason.CLIENT_GONE);
        }
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
        listener.accesses().ended(request(), function(), status, sent, arrival(), guard, met);
    }
}
