package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.Rule;
import io.selvage.node.RuleRun;
import java.nio.charset.StandardCharsets;

/** Answers every request in the same way. */
final class StaticAnswer implements Step {
    private final Rule.Answer rule;
    private final byte[] content;

    StaticAnswer(Rule.Answer rule) {
        this.rule = rule;
        this.content = rule.body().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String key() {
        return rule.key();
    }

    @Override
    public Outcome apply(Passage passage) {
        passage.say(key(), "answers " + rule.status() + " with " + content.length + " bytes of " + rule.type());
        Headers fields = new Headers().add("Content-Type", rule.type());
        return new Outcome.Done(new RuleRun.Answered(rule.status(), fields, content));
    }
}
