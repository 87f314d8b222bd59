package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.RuleRun;
import java.util.concurrent.CompletionStage;

/** What one rule makes of a request. */
sealed interface Outcome {
    /** The next rule has its turn. */
    Outcome PASS = new Pass();

    /** The next rule has its turn. */
    record Pass() implements Outcome {}

    /** The request is over for the rules. */
    record Done(RuleRun.Verdict verdict) implements Outcome {}

    /** The rule needs time; the stage completes on any thread. */
    record Wait(CompletionStage<Outcome> outcome) implements Outcome {}

    /** The request is refused. */
    static Outcome refuse(Problem problem) {
        return refuse(problem, new Headers());
    }

    /** The request is refused, and the response has these fields too. */
    static Outcome refuse(Problem problem, Headers fields) {
        return new Done(new RuleRun.Refused(problem, fields));
    }
}
