package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import io.vertx.core.buffer.Buffer;
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
        RuleRun.Verdict verdict;
        try {
            verdict = run.before(head);
        } catch (RuntimeException e) {
            failed(e);
            return;
        }
        follow(verdict);
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
        if (arrived.request().isClosed()) {
            ConnectionGuard.of(arrived.channel()).requestEnded();
            ended(CLIENT_CLOSED_REQUEST, 0, "");
        } else if (decided == null) {
            failed(failure);
        } else {
            follow(decided);
        }
    }

    private void failed(@Nullable Throwable failure) {
        listener.node().log().error("rules", "a rule failed: " + failure, "request", head.id());
        Problem problem =
                Problem.of(500, "rule", "A rule could not be applied", "The node's log says more about this request.");
        refuse(problem, new Headers());
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
        ClientStream request = arrived.request();
        Headers sent = ResponseFields.rule(run, status, ResponseFields.passed(fields));
        boolean withoutContent = status == 204 || status == 304;
        if (!withoutContent) {
            sent.set("Content-Length", Integer.toString(content.length));
        }
        request.head(status, sent);
        Buffer passed = withoutContent || head.method().equals("HEAD") ? Buffer.buffer() : Buffer.buffer(content);
        request.end(passed);
        ConnectionGuard.of(arrived.channel()).requestEnded();
        ended(status, passed.length(), problem);
    }

    private void ended(int status, int bytes, String problem) {
        run.ended(status);
        ConnectionGuard guard = ConnectionGuard.of(arrived.channel());
        listener.accesses().ended(head, status, bytes, arrived.arrival(), guard, problem);
    }
}
