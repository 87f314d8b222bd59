package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What rules make of one request, for a person who asks. Immutable.
 *
 * @param steps the rules in their order, and what each makes of it
 * @param status the status with which a rule answers; empty if the destination gets the request
 * @param request the request that the destination gets, if it gets one
 * @param response the fields of the response as the client gets them
 */
public record Explanation(List<Step> steps, Optional<Integer> status, Optional<RequestHead> request, Headers response) {
    /**
     * One rule.
     *
     * @param rule its key in the manifest
     * @param outcome {@code passes}, {@code answers}, {@code not reached} or {@code response} for those that only look at
     *     responses
     * @param why what it makes of the request
     */
    public record Step(String rule, String outcome, String why) {}

    static Explanation of(Chain chain, RequestHead head, Headers response) {
        List<Passage.Said> said = new ArrayList<>();
        Passage passage = new Passage(chain, head, 0, Optional.of(said));
        RuleRun.Verdict verdict = passage.before(head);
        while (verdict instanceof RuleRun.Later later) {
            verdict = later.verdict().toCompletableFuture().join();
        }
        List<Step> steps = new ArrayList<>();
        boolean goes = verdict instanceof RuleRun.Proceed;
        for (int i = 0; i < chain.steps().size(); i++) {
            io.selvage.rules.Step step = chain.steps().get(i);
            boolean reached = i < passage.reached();
            boolean last = i == passage.reached() - 1;
            String outcome = !reached ? "not reached" : last && !goes ? "answers" : "passes";
            String why = said.stream()
                    .filter(s -> reached && s.by() == step)
                    .map(Passage.Said::what)
                    .reduce((a, b) -> a + "; " + b)
                    .orElse("");
            steps.add(new Step(step.key(), outcome, why));
        }
        said.clear();
        int status = switch (verdict) {
            case RuleRun.Answered answered -> answered.status();
            case RuleRun.Refused refused -> refused.problem().status();
            default -> 200;
        };
        Headers fields = switch (verdict) {
            case RuleRun.Answered answered -> answered.fields();
            case RuleRun.Refused refused -> refused.fields();
            default -> response;
        };
        Headers changed = passage.response(status, fields);
        for (ResponseStep step : chain.responseSteps()) {
            String why = said.stream()
                    .filter(s -> s.key().equals(step.key()))
                    .map(Passage.Said::what)
                    .reduce((a, b) -> a + "; " + b)
                    .orElse("");
            steps.add(new Step(step.key(), "response", why));
        }
        passage.ended(499);
        return new Explanation(
                List.copyOf(steps),
                goes ? Optional.empty() : Optional.of(status),
                verdict instanceof RuleRun.Proceed go ? Optional.of(go.head()) : Optional.empty(),
                changed);
    }
}
