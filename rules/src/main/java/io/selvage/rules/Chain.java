package io.selvage.rules;

import io.selvage.node.RequestHead;
import io.selvage.node.RuleChain;
import io.selvage.node.RuleRun;
import java.util.List;
import java.util.Optional;

/** The rules of a route in the order in which they are applied. Thread-safe. */
final class Chain implements RuleChain {
    private final List<Step> steps;
    private final List<ResponseStep> responseSteps;
    private final long bodyLimit;
    private final boolean guards;

    Chain(List<Step> steps, List<ResponseStep> responseSteps, long bodyLimit, boolean guards) {
        this.steps = List.copyOf(steps);
        this.responseSteps = List.copyOf(responseSteps);
        this.bodyLimit = bodyLimit;
        this.guards = guards;
    }

    @Override
    public RuleRun begin(RequestHead head, long declaredLength) {
        return new Passage(this, head, declaredLength, Optional.empty());
    }

    @Override
    public boolean answersPreflight() {
        return steps.stream().anyMatch(CrossOrigin.class::isInstance);
    }

    @Override
    public boolean guards() {
        return guards;
    }

    @Override
    public void close() {
        for (Step step : steps) {
            if (step instanceof Location location) {
                location.close();
            }
        }
    }

    List<Step> steps() {
        return steps;
    }

    List<ResponseStep> responseSteps() {
        return responseSteps;
    }

    long bodyLimit() {
        return bodyLimit;
    }
}
