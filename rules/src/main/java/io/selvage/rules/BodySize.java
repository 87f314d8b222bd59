package io.selvage.rules;

import io.selvage.node.Problem;
import io.selvage.node.Quantity;
import io.selvage.node.Rule;

/** Refuses at once what says that it is too large; what does not say is counted as it comes. */
final class BodySize implements Step {
    private final long limit;

    BodySize(Rule.BodyLimit rule) {
        limit = rule.bytes();
    }

    @Override
    public String key() {
        return "body_limit";
    }

    @Override
    public Outcome apply(Passage passage) {
        boolean within = passage.declaredLength() <= limit;
        if (passage.isExplained()) {
            passage.say(
                    key(),
                    "the body may have " + Quantity.sizeText(limit) + (within ? "" : ", and says that it has more"));
        }
        return within
                ? Outcome.PASS
                : Outcome.refuse(Problem.of(
                        413,
                        "body-limit",
                        "The request body is too large",
                        "This route takes up to " + Quantity.sizeText(limit) + "."));
    }
}
