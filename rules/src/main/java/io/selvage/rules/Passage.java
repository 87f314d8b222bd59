package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;

/** One request on its way through the rules of a route. Used by one thread at a time. */
final class Passage implements RuleRun {
    /** What a rule made of a request, for a person who asks. */
    record Said(Object by, String key, String what) {}

    private final Chain chain;
    private final long declaredLength;
    private final Optional<List<Said>> said;
    private final Map<String, String> values = new HashMap<>(4);
    private final List<IntConsumer> whenEnded = new ArrayList<>(1);
    private final List<ResponseStep> whenAnswered = new ArrayList<>(1);
    private final Optional<String> origin;
    private final long beganAt = System.nanoTime();
    private RequestHead head;
    private long decidedAt = beganAt;
    private int next;
    private boolean admitted;

    Passage(Chain chain, RequestHead head, long declaredLength, Optional<List<Said>> said) {
        this.chain = chain;
        this.head = head;
        this.declaredLength = declaredLength;
        this.said = said;
        this.origin = head.headers().first("origin");
    }

    @Override
    public Verdict before(RequestHead request) {
        head = request;
        return go();
    }

    private Verdict go() {
        Verdict verdict = decide();
        decidedAt = System.nanoTime();
        return verdict;
    }

    private Verdict decide() {
        while (next < chain.steps().size()) {
            Step step = chain.steps().get(next++);
            Outcome outcome = step instanceof ConcurrencyLimiter && !isExplained() ? Outcome.PASS : step.apply(this);
            switch (outcome) {
                case Outcome.Pass _ -> {}
                case Outcome.Done done -> {
                    return done.verdict();
                }
                case Outcome.Wait wait -> {
                    return new Later(wait.outcome().thenCompose(this::goOn));
                }
            }
        }
        return new Proceed(head);
    }

    private CompletionStage<Verdict> goOn(Outcome outcome) {
        Verdict verdict = switch (outcome) {
            case Outcome.Pass _ -> go();
            case Outcome.Done done -> done.verdict();
            case Outcome.Wait wait -> new Later(wait.outcome().thenCompose(this::goOn));
        };
        return verdict instanceof Later later
                ? later.verdict()
                : java.util.concurrent.CompletableFuture.completedStage(verdict);
    }

    @Override
    public Optional<Problem> admit() {
        if (admitted) {
            return Optional.empty();
        }
        for (Step step : chain.steps()) {
            if (step instanceof ConcurrencyLimiter limiter
                    && limiter.apply(this) instanceof Outcome.Done(Refused refused)) {
                return Optional.of(refused.problem());
            }
        }
        admitted = true;
        return Optional.empty();
    }

    @Override
    public Headers response(int status, Headers fields) {
        if (chain.responseSteps().isEmpty() && whenAnswered.isEmpty()) {
            return fields;
        }
        Headers changed = new Headers();
        fields.forEach(changed::add);
        for (ResponseStep step : whenAnswered) {
            step.apply(this, status, changed);
        }
        for (ResponseStep step : chain.responseSteps()) {
            step.apply(this, status, changed);
        }
        return changed;
    }

    @Override
    public long bodyLimit() {
        return chain.bodyLimit();
    }

    @Override
    public void ended(int status) {
        whenEnded.forEach(action -> action.accept(status));
    }

    /** The request as the rules before have made it. */
    RequestHead head() {
        return head;
    }

    /** Lets the next rules and the destination see another request. */
    void head(RequestHead changed) {
        head = changed;
    }

    /** What the client has sent as {@code Origin}, whatever rules have made of it. */
    Optional<String> origin() {
        return origin;
    }

    /** When the rules began, in the terms of {@link System#nanoTime}. */
    long beganAt() {
        return beganAt;
    }

    /** When they were done with the request. */
    long decidedAt() {
        return decidedAt;
    }

    /**
     * Gives the request a field in place of all that the client has sent by this name or one that is alike; an empty value only
     * removes those.
     */
    void set(String name, String value) {
        Headers fields = new Headers();
        head.headers().forEach(fields::add);
        fields.removeAlike(name);
        if (!value.isEmpty()) {
            fields.add(name, Template.harmless(value));
        }
        head = head.withHeaders(fields);
    }

    /** The length of the request's body in bytes; 0 without one, -1 if it is not known. */
    long declaredLength() {
        return declaredLength;
    }

    /** What rules have found out about the request, by name, for templates and other rules. */
    Map<String, String> values() {
        return values;
    }

    /** Does something when the request is over. */
    void whenEnded(IntConsumer action) {
        whenEnded.add(action);
    }

    /** Changes the response before the rules that are for every response. */
    void whenAnswered(ResponseStep step) {
        whenAnswered.add(step);
    }

    /** How many of the rules had their turn. */
    int reached() {
        return next;
    }

    private Object speaker() {
        return next > 0 ? chain.steps().get(next - 1) : this;
    }

    /** Whether a person wants to know what happens. */
    boolean isExplained() {
        return said.isPresent();
    }

    /** Tells the person, if there is one, what a rule makes of the request. */
    void say(String key, String what) {
        said.ifPresent(list -> list.add(new Said(speaker(), key, what)));
    }
}
