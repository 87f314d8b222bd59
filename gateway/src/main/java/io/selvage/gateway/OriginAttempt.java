package io.selvage.gateway;

import io.selvage.gateway.OriginStream.Kept;
import io.selvage.gateway.OriginStream.Unreachable;
import io.selvage.node.Headers;
import io.selvage.node.OriginDefinition;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.origins.Member;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get a response from one address of an origin: finds a connection, sends the request, and tells what comes
 * back, or why nothing does. Belongs to an event loop.
 */
final class OriginAttempt extends LoopMember implements OriginStream.Told {
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

    /** What is asked, the most bytes that the content may have, and how fast its client must send it. */
    record Asked(
            RequestHead head,
            String method,
            Headers fields,
            RequestContent content,
            long bodyLimit,
            @Nullable BodyPace pace) {
        /** Whether another attempt can do no harm: an idempotent method (RFC 9110 §9.2.2), and content that is not gone. */
        boolean mayRepeat() {
            return content.canRepeat() && IDEMPOTENT.contains(method);
        }

        /** The same with other fields. */
        Asked withFields(Headers other) {
            return new Asked(head, method, other, content, bodyLimit, pace);
        }
    }

    private static final Set<String> IDEMPOTENT =
            Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY", "PROPFIND", "REPORT", "SEARCH");

    private static final Problem MALFORMED =
            Problem.of(400, "malformed", "The request is malformed", "It holds a field that cannot be passed on.");

    static final Problem TOO_LARGE =
            Problem.of(413, "body-limit", "The request body is too large", "It has more bytes than its route takes.");

    private static final Problem TOO_SLOW =
            Problem.of(408, "slow-body", "The request came too slowly", "Its content did not arrive in time.");

    /** What is told, on the event loop; after {@link #end} or {@link #failed}, nothing more. */
    interface Listener {
        /** The request begins to leave: content that goes now cannot be sent again. */
        void leaving();

        /** An interim response other than 100 and 101. */
        void interim(int status, Headers fields);

        /** The head of the response, with the fields that concern its client. */
        void head(OriginAttempt attempt, int status, Headers fields);

        /** A part of the content, which nobody changes any more. */
        void content(Buffer part);

        /** The response is complete, with the fields behind its content that concern its client. */
        void end(Headers trailers);

        /** There is no response, or no more of it. */
        void failed(OriginAttempt attempt, Fault fault, Problem problem);
    }

    private final Origin origin;
    private final Member member;
    private final Asked asked;
    private final LoopState loop;
    private final Listener listener;
    private final long begun;
    private int status;
    private boolean responding;
    private boolean paused;
    private boolean fresh;
    private boolean over;
    /** When something last happened, as far as {@link #check} has looked. */
    private long activity;

    private boolean stirred;
    private @Nullable OriginStream stream;

    /**
     * An attempt that has not begun.
     *
     * @param now the time, by {@link System#nanoTime}
     */
    OriginAttempt(Origin origin, Member member, Asked asked, LoopState loop, Listener listener, long now) {
        this.origin = origin;
        this.member = member;
        this.asked = asked;
        this.loop = loop;
        this.listener = listener;
        this.begun = now;
    }

    Member member() {
        return member;
    }

    /** Whether nothing more is going to be told. */
    boolean isOver() {
        return over;
    }

    /** Begins it, on a connection that has carried nothing yet where that can be chosen. */
    void startAfresh() {
        fresh = true;
        start();
    }

    /** Begins it. */
    void start() {
        loop.add(this);
        member.begin();
        origin.connections().open(loop, member, this);
    }

    @Override
    public boolean isWanted() {
        return !over;
    }

    @Override
    public Kept kept() {
        return fresh ? Kept.NONE : asked.mayRepeat() ? Kept.ANY : Kept.RECENT;
    }

    @Override
    public void connected(OriginStream connected) {
        if (over) {
            connected.reset();
            return;
        }
        stirred = true;
        stream = connected;
        RequestHead head = asked.head();
        RequestContent content = asked.content();
        Headers fields = ProxyFields.toOrigin(asked.fields(), head, origin.definition(), content.isThere());
        String target = head.query().isEmpty() ? head.path() : head.path() + "?" + head.query();
        listener.leaving();
        try {
            connected.send(asked.method(), target, fields, content.isThere());
        } catch (IllegalArgumentException _) {
            fail(Fault.OWN, MALFORMED);
            return;
        }
        if (content instanceof RequestContent.Held held) {
            connected.write(held.bytes().copy());
            connected.end(ClientStream.NO_TRAILERS);
        } else if (content instanceof RequestContent.Streamed streamed) {
            pipe(streamed, connected, fields);
        }
    }

    private void pipe(RequestContent.Streamed streamed, OriginStream to, Headers sent) {
        ClientStream from = streamed.request();
        if (from.received() > asked.bodyLimit()) {
            fail(Fault.OWN, TOO_LARGE);
            return;
        }
        from.read(
                part -> {
                    stirred = true;
                    if (over) {
                        return;
                    }
                    if (from.received() > asked.bodyLimit()) {
                        fail(Fault.OWN, TOO_LARGE);
                        return;
                    }
                    to.write(part);
                    if (to.isFull()) {
                        from.pause();
                    }
                },
                () -> {
                    stirred = true;
                    if (!over) {
                        end(to, trailers(from, sent));
                    }
                });
        if (streamed.begun().length() > 0) {
            to.write(streamed.begun().copy());
        }
        from.resume();
    }

    private void end(OriginStream to, Headers trailers) {
        if (ProxyFields.canBeSent(trailers)) {
            to.end(trailers);
        } else {
            fail(Fault.OWN, MALFORMED);
        }
    }

    /** What is sent behind the content. */
    private Headers trailers(ClientStream from, Headers sent) {
        return origin.definition().trailers()
                ? ProxyFields.requestTrailers(from.trailers(), sent)
                : ClientStream.NO_TRAILERS;
    }

    @Override
    public void drained() {
        if (asked.content() instanceof RequestContent.Streamed streamed && !over) {
            streamed.request().resume();
        }
    }

    @Override
    public void interim(int code, Headers fields) {
        if (!over) {
            listener.interim(code, ProxyFields.interim(fields));
        }
    }

    @Override
    public void head(int came, Headers fields) {
        if (!over) {
            stirred = true;
            responding = true;
            status = came;
            listener.head(this, status, ProxyFields.fromOrigin(fields));
        }
    }

    @Override
    public void content(Buffer part) {
        stirred = true;
        if (!over) {
            listener.content(part);
        }
    }

    @Override
    public void complete(Headers trailers) {
        if (!over) {
            finish("");
            listener.end(ProxyFields.trailers(trailers));
        }
    }

    /** Holds the content back until {@link #resume}. */
    void pause() {
        OriginStream coming = stream;
        if (coming != null && !paused) {
            paused = true;
            coming.pause();
        }
    }

    /** Lets content come again. */
    void resume() {
        OriginStream coming = stream;
        if (coming != null && paused) {
            paused = false;
            stirred = true;
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
        if (stirred) {
            stirred = false;
            activity = now;
        }
        if (over || paused || waitsForClient(now)) {
            return;
        }
        long silent = now - activity;
        OriginDefinition.Timeouts timeouts = origin.definition().timeouts();
        if (stream == null) {
            if (now - begun > timeouts.connect().toNanos()) {
                unreachable(Unreachable.LATE);
            }
        } else if (!responding && silent > timeouts.firstByte().toNanos()) {
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

    /** Whether the client has still to send what the origin would take; then the origin's time does not run. */
    private boolean waitsForClient(long now) {
        BodyPace pace = asked.pace();
        OriginStream to = stream;
        if (responding
                || pace == null
                || to == null
                || !(asked.content() instanceof RequestContent.Streamed streamed)
                || streamed.request().isEnded()) {
            return false;
        }
        boolean waits = !to.isFull();
        if (waits) {
            activity = now;
        }
        if (pace.isTooSlow(now, streamed.request().received(), waits)) {
            fail(Fault.OWN, TOO_SLOW);
        }
        return waits;
    }

    @Override
    void shutdown() {
        fail(
                Fault.OWN,
                problem(503, "shutting-down", "The node is stopping", "It stopped before the origin had answered"));
    }

    @Override
    public void unreachable(Unreachable why) {
        switch (why) {
            case BUSY ->
                fail(
                        Fault.BUSY,
                        problem(
                                503,
                                "origin-busy",
                                "The origin is busy",
                                "Too many requests wait for a connection to it"));
            case LATE ->
                fail(
                        Fault.CONNECT,
                        problem(
                                504,
                                "origin-timeout",
                                "The origin cannot be reached",
                                "No connection could be made in time"));
            case REFUSED ->
                fail(
                        Fault.CONNECT,
                        problem(
                                502,
                                "origin-unreachable",
                                "The origin cannot be reached",
                                "No connection could be made"));
        }
    }

    @Override
    public void broken(String malformed) {
        OriginStream broke = stream;
        if (responding) {
            fail(Fault.BROKEN, problem(502, "origin-broken", "The origin broke off", "Its answer is not complete"));
        } else if (!malformed.isEmpty()) {
            fail(Fault.RESET, problem(502, "origin-malformed", "The origin's answer is malformed", malformed));
        } else {
            fail(
                    broke != null && broke.isKept() ? Fault.KEPT : Fault.RESET,
                    problem(
                            502,
                            "origin-closed",
                            "The origin did not answer",
                            "It closed the connection, or the request's stream"));
        }
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
        OriginStream sent = stream;
        if (sent != null) {
            sent.reset();
        }
    }
}
