package io.selvage.gateway;

import io.selvage.gateway.OriginAttempt.Fault;
import io.selvage.node.Headers;
import io.selvage.node.OriginFallback;
import io.selvage.node.OriginRetry;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.origins.Backoff;
import io.selvage.origins.CircuitBreaker;
import io.selvage.origins.CircuitBreaker.Permit;
import io.selvage.origins.Member;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One request to an origin, in as many attempts as its policy allows and as are safe, and then by what falls back. Nothing is
 * tried twice that an origin may have acted on: only what never left, and what is idempotent and whose content is not gone. Belongs to
 * an event loop.
 */
final class OriginRequest implements Upstream {
    /** What is told, on the event loop; after {@link #end} or {@link #failed}, nothing more. */
    interface Answer {
        /** An interim response other than 100 and 101. */
        void interim(int status, Headers fields);

        /** The head of the response, with the fields that concern its client. */
        void head(int status, Headers fields);

        /** A part of the content, which nobody changes any more. */
        void content(Buffer part);

        /** The response is complete, with these fields behind its content. */
        void end(Headers trailers);

        /** Whether a stored response, however stale, takes the place of one that cannot be had; then nothing more is told. */
        boolean stale();

        /** The origin did not answer, or broke off. */
        void failed(Problem problem);
    }

    private final Origins origins;
    private final OriginAttempt.Asked wanted;
    private final LoopState loop;
    private final Answer answer;
    private final List<OriginFallback> fallbacks;
    private final Set<Integer> fallbackStatuses;
    private final List<OriginAttempt> running = new ArrayList<>(2);
    private final List<Member> tried = new ArrayList<>(2);
    private Origin origin;
    private OriginAttempt.Asked asked;
    private Optional<Origin> behindShield = Optional.empty();
    private Permit permit = Permit.REFUSED;
    private int repeated;
    private int nextFallback;
    private boolean reconnected;
    private boolean left;
    private boolean over;
    private @Nullable OriginAttempt hedge;
    private @Nullable OriginAttempt chosen;

    /**
     * A request that is not sent yet.
     *
     * @param method the method, which may be another than the client's
     * @param fields the client's fields, perhaps with other conditions
     * @param content the request's
     * @param bodyLimit the most bytes that the content may have
     */
    OriginRequest(
            Origins origins,
            Origin origin,
            RequestHead head,
            String method,
            Headers fields,
            RequestContent content,
            long bodyLimit,
            LoopState loop,
            Answer answer) {
        this.origins = origins;
        this.origin = origin;
        BodyPace pace = content instanceof RequestContent.Streamed ? origins.pace() : null;
        this.wanted = new OriginAttempt.Asked(head, method, fields, content, bodyLimit, pace);
        this.asked = wanted;
        this.loop = loop;
        this.answer = answer;
        this.fallbacks = origin.definition().fallbacks();
        this.fallbackStatuses = origin.definition().fallbackStatuses();
        origin.definition()
                .shield()
                .filter(_ -> !Shield.isMarked(fields))
                .flatMap(origins::named)
                .ifPresent(this::goThrough);
    }

    private void goThrough(Origin shield) {
        behindShield = Optional.of(origin);
        origin = shield;
        asked = wanted.withFields(Shield.marked(wanted.fields()));
    }

    /** Sends it. */
    @Override
    public void start() {
        long now = System.nanoTime();
        origin.begin();
        origin.budget().request(now);
        Optional<CircuitBreaker> breaker = origin.breaker();
        permit = breaker.isEmpty() ? Permit.USUAL : breaker.get().tryPass(now);
        if (permit == Permit.REFUSED) {
            origin.metrics().breakerRefused();
            long seconds = breaker.map(b -> b.openNanos(now) / 1_000_000_000L).orElse(0L);
            giveUp(problem(
                    "origin-open",
                    "The origin is left alone",
                    "Most requests to it have failed; it is tried again soon",
                    (int) Math.min(3_600, seconds + 1)));
            return;
        }
        attempt(false, now);
        origin.definition().hedge().filter(_ -> mayRepeat()).ifPresent(this::hedgeAfter);
    }

    private void attempt(boolean hedges, long now) {
        Optional<Member> member = origin.choose(asked.head(), tried);
        if (member.isEmpty()) {
            if (!hedges) {
                settle(Fault.OWN);
                giveUp(problem("origin-drained", "The origin is drained", "All its addresses get no new requests", 1));
            }
            return;
        }
        tried.add(member.get());
        OriginAttempt next = new OriginAttempt(origin, member.get(), asked, loop, new Watch(), now);
        running.add(next);
        if (hedges) {
            hedge = next;
            origin.metrics().hedged();
        }
        if (reconnected) {
            next.startAfresh();
        } else {
            next.start();
        }
    }

    private void hedgeAfter(Duration time) {
        Origin asks = origin;
        loop.later(time.toNanos(), () -> {
            boolean waits = !over && chosen == null && hedge == null && origin == asks && running.size() == 1;
            long now = System.nanoTime();
            if (waits && origin.budget().tryRetry(now)) {
                attempt(true, now);
            }
        });
    }

    /** Whether another attempt can do no harm. */
    private boolean mayRepeat() {
        return asked.mayRepeat();
    }

    /** What one attempt tells. */
    private final class Watch implements OriginAttempt.Listener {
        @Override
        public void leaving() {
            left = true;
        }

        @Override
        public void interim(int status, Headers fields) {
            if (chosen == null && running.size() == 1) {
                answer.interim(status, fields);
            }
        }

        @Override
        public void head(OriginAttempt attempt, int status, Headers fields) {
            answered(attempt, status, fields);
        }

        @Override
        public void content(Buffer part) {
            answer.content(part);
        }

        @Override
        public void end(Headers trailers) {
            finish();
            answer.end(trailers);
        }

        @Override
        public void failed(OriginAttempt attempt, Fault fault, Problem problem) {
            running.remove(attempt);
            if (fault.speaksAgainstAddress()) {
                origin.failed(attempt.member());
            }
            if (attempt == chosen) {
                finish();
                answer.failed(problem);
            } else if (running.isEmpty() && !repeat(fault)) {
                settle(fault);
                giveUp(problem);
            }
        }
    }

    private void answered(OriginAttempt attempt, int status, Headers fields) {
        boolean failure = status >= 502 && status <= 504;
        if (failure) {
            origin.failed(attempt.member());
        } else {
            origin.succeeded(attempt.member());
        }
        boolean isLast = running.size() == 1;
        if (origin.definition().retry().statuses().contains(status) && (!isLast || mayRepeatOnce())) {
            attempt.cancel();
            running.remove(attempt);
            if (isLast) {
                repeatSoon("status");
            }
            return;
        }
        if (attempt == hedge) {
            origin.metrics().hedgeWon();
        }
        chosen = attempt;
        if (running.size() > 1) {
            List.copyOf(running).stream().filter(other -> other != attempt).forEach(OriginAttempt::cancel);
        }
        origin.passed(permit, failure);
        permit = Permit.REFUSED;
        Set<Integer> failures = behindShield.isPresent() ? origin.definition().fallbackStatuses() : fallbackStatuses;
        if (failures.contains(status) && fallBack()) {
            attempt.cancel();
            return;
        }
        answer.head(status, fields);
    }

    private boolean repeat(Fault fault) {
        if (fault == Fault.KEPT) {
            return repeatAtOnce();
        }
        OriginRetry.Failure failure = switch (fault) {
            case CONNECT -> OriginRetry.Failure.CONNECT;
            case RESET -> OriginRetry.Failure.RESET;
            case TIMEOUT -> OriginRetry.Failure.TIMEOUT;
            case BUSY, KEPT, BROKEN, OWN -> null;
        };
        if (failure == null || !origin.definition().retry().on().contains(failure) || !mayRepeatOnce()) {
            return false;
        }
        repeatSoon(failure.name().toLowerCase(java.util.Locale.ROOT));
        return true;
    }

    /** Once, whatever policy and budget are: a connection that was kept may be closed at any time, and that says nothing. */
    private boolean repeatAtOnce() {
        if (reconnected || !mayRepeat()) {
            return false;
        }
        reconnected = true;
        origin.metrics().retried("kept");
        tried.clear();
        attempt(false, System.nanoTime());
        return true;
    }

    private boolean mayRepeatOnce() {
        return repeated < origin.definition().retry().attempts() && (!left || mayRepeat()) && withinBudget();
    }

    private boolean withinBudget() {
        boolean allowed = origin.budget().tryRetry(System.nanoTime());
        if (!allowed) {
            origin.metrics().retryRefused();
        }
        return allowed;
    }

    private void repeatSoon(String reason) {
        repeated++;
        origin.metrics().retried(reason);
        OriginRetry policy = origin.definition().retry();
        long wait = Backoff.nanos(
                policy.backoff(),
                policy.longest(),
                repeated,
                ThreadLocalRandom.current().nextDouble());
        loop.later(wait, () -> {
            if (!over) {
                attempt(false, System.nanoTime());
            }
        });
    }

    /** No attempt at this origin is left: lets the next fallback answer, or says why there is no answer. */
    private void giveUp(Problem problem) {
        if (over || fallBack()) {
            return;
        }
        finish();
        answer.failed(problem);
    }

    /** Whether something takes the origin's place. */
    private boolean fallBack() {
        Optional<Origin> direct = behindShield;
        if (direct.isPresent() && (!left || mayRepeat())) {
            behindShield = Optional.empty();
            origin.metrics().fellBack("origin");
            goTo(direct.get());
            return true;
        }
        while (nextFallback < fallbacks.size()) {
            OriginFallback fallback = fallbacks.get(nextFallback++);
            switch (fallback) {
                case OriginFallback.Other(String name) -> {
                    Optional<Origin> other = origins.named(name);
                    if (other.isPresent() && (!left || mayRepeat())) {
                        origin.metrics().fellBack("origin");
                        goTo(other.get());
                        return true;
                    }
                }
                case OriginFallback.Stale _ -> {
                    if (answer.stale()) {
                        origin.metrics().fellBack("stale");
                        finish();
                        return true;
                    }
                }
                case OriginFallback.Fixed fixed -> {
                    origin.metrics().fellBack("fixed");
                    finish();
                    answer(fixed);
                    return true;
                }
            }
        }
        return false;
    }

    private void goTo(Origin other) {
        origin.end();
        origin = other;
        asked = wanted;
        repeated = 0;
        tried.clear();
        running.clear();
        hedge = null;
        chosen = null;
        start();
    }

    private void answer(OriginFallback.Fixed fixed) {
        byte[] content = fixed.content().getBytes(StandardCharsets.UTF_8);
        Headers fields = new Headers()
                .add("Content-Type", fixed.type())
                .add("Cache-Control", "no-store")
                .add("Date", ResponseFields.date())
                .add("Content-Length", Integer.toString(content.length));
        answer.head(fixed.status(), fields);
        if (content.length > 0 && !asked.method().equals("HEAD")) {
            answer.content(Buffer.buffer(content));
        }
        answer.end(new Headers());
    }

    /** Holds the content back until {@link #resume}. */
    @Override
    public void pause() {
        OriginAttempt coming = chosen;
        if (coming != null) {
            coming.pause();
        }
    }

    /** Lets content come again. */
    @Override
    public void resume() {
        OriginAttempt coming = chosen;
        if (coming != null) {
            coming.resume();
        }
    }

    @Override
    public Optional<String> stickyCookie() {
        return Optional.ofNullable(chosen).flatMap(attempt -> origin.stickyCookie(asked.head(), attempt.member()));
    }

    /** Nobody wants the answer any more. */
    @Override
    public void cancel() {
        if (!over) {
            settle(Fault.OWN);
            finish();
        }
    }

    /** Tells the breaker what has become of the request. */
    private void settle(Fault fault) {
        if (permit != Permit.REFUSED) {
            if (fault == Fault.OWN) {
                origin.breaker().ifPresent(b -> b.abandoned(permit));
            } else {
                origin.passed(permit, true);
            }
            permit = Permit.REFUSED;
        }
    }

    private void finish() {
        if (!over) {
            over = true;
            List.copyOf(running).forEach(OriginAttempt::cancel);
            origin.end();
        }
    }

    private Problem problem(String kind, String title, String detail, int retryAfter) {
        return new Problem(
                503,
                kind,
                title,
                detail + ".",
                "",
                retryAfter,
                List.of("origin", origin.definition().name()));
    }
}
