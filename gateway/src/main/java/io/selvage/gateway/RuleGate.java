package io.selvage.gateway;

import io.netty.channel.Channel;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes one request through the rules of its route: they let it go on, answer it, or make it wait. Belongs to the event
 * loop of its connection; a request whose route has no rule never comes here.
 */
final class RuleGate {
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private final Listener listener;
    private final Listener.Arrived arrived;
    private final RequestHead head;
    private final RuleRun run;
    private final Consumer<RequestHead> next;

    /**
     * A request before its rules.
     *
     * @param next takes the request on if the rules let it
     */
    RuleGate(Listener listener, Listener.Arrived arrived, RequestHead head, RuleRun run, Consumer<RequestHead> next) {
        this.listener = listener;
        this.arrived = arrived;
        this.head = head;
        this.run = run;
        this.next = next;
    }

    /** Applies the rules. */
    void enter() {
        follow(run.before(head));
    }

    private void follow(RuleRun.Verdict verdict) {
        switch (verdict) {
            case RuleRun.Proceed go -> next.accept(go.head());
            case RuleRun.Answered answer -> answer(answer.status(), answer.fields(), answer.content(), "");
            case RuleRun.Refused refused -> refuse(refused.problem(), refused.fields());
            case RuleRun.Later later -> {
                arrived.request().pause();
                later.verdict()
                        .whenComplete((decided, failure) ->
                                arrived.channel().eventLoop().execute(() -> resume(decided, failure)));
            }
        }
    }

    private void resume(RuleRun.@Nullable Verdict decided, @Nullable Throwable failure) {
        if (!arrived.channel().isActive() || arrived.request().response().closed()) {
            ConnectionGuard.of(arrived.channel()).requestEnded();
            ended(CLIENT_CLOSED_REQUEST, 0, "");
        } else if (decided == null) {
            listener.node().log().error("rules", "a rule failed: " + failure, "request", head.id());
            Problem problem = Problem.of(
                    500, "rule", "A rule could not be applied", "The node's log says more about this request.");
            refuse(problem, new Headers());
        } else {
            follow(decided);
        }
    }

    private void refuse(Problem problem, Headers fields) {
        Headers all = new Headers().add("Content-Type", Problem.MEDIA_TYPE).add("Cache-Control", "no-store");
        if (problem.retryAfter() > 0) {
            all.add("Retry-After", Integer.toString(problem.retryAfter()));
        }
        fields.forEach(all::add);
        answer(problem.status(), all, problem.json(head.id()), problem.kind());
    }

    private void answer(int status, Headers fields, byte[] content, String problem) {
        HttpServerRequest request = arrived.request();
        HttpServerResponse response = request.response();
        Channel channel = arrived.channel();
        boolean http2 = arrived.http2();
        boolean unread = arrived.length() != 0 && !request.isEnded();
        boolean closes = !http2 && (listener.isDraining() || unread);
        MultiMap to = response.setStatusCode(status).headers();
        ResponseFields.copy(fields, to, http2);
        ResponseFields.rule(run, status, to, http2);
        if (closes) {
            to.set("Connection", "close");
        }
        if (http2 && unread) {
            request.handler(null);
            request.resume();
        }
        if (head.method().equals("HEAD") && status != 204 && status != 304) {
            to.set(http2 ? "content-length" : "Content-Length", Integer.toString(content.length));
            response.end();
        } else {
            response.end(status == 204 || status == 304 ? Buffer.buffer() : Buffer.buffer(content));
        }
        ConnectionGuard guard = ConnectionGuard.of(channel);
        guard.requestEnded();
        if (closes) {
            channel.eventLoop().execute(() -> Listener.closeSoon(channel, guard, unread && !request.isEnded()));
        }
        ended(status, content.length, problem);
    }

    private void ended(int status, int bytes, String problem) {
        run.ended(status);
        List<Object> more = problem.isEmpty() ? List.of() : List.of("problem", problem);
        listener.ended(head, status, bytes, arrived.arrival(), arrived.channel(), more);
    }
}
