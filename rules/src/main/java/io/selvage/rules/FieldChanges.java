package io.selvage.rules;

import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import io.selvage.node.Route;
import io.selvage.node.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Removes, rewrites, sets and adds fields of requests or responses. */
final class FieldChanges implements Step, ResponseStep {
    private record Edit(String name, Pattern match, String with) {}

    private final String key;
    private final List<String> remove;
    private final List<Edit> rewrite;
    private final Map<String, Template> set;
    private final Map<String, Template> add;

    FieldChanges(Rule.Fields rule, Route route) {
        key = rule.key();
        remove = rule.remove();
        rewrite = rule.rewrite().stream()
                .map(e -> new Edit(e.name(), Pattern.compile(e.match()), e.with()))
                .toList();
        set = templates(rule.set(), route);
        add = templates(rule.add(), route);
    }

    private static Map<String, Template> templates(Map<String, String> values, Route route) {
        Map<String, Template> templates = new LinkedHashMap<>();
        values.forEach((name, text) -> templates.put(name, Template.of(text, route)));
        return templates;
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public Outcome apply(Passage passage) {
        RequestHead head = passage.head();
        Headers fields = new Headers();
        head.headers().forEach(fields::add);
        change(passage, fields);
        passage.head(head.withHeaders(fields));
        return Outcome.PASS;
    }

    @Override
    public void apply(Passage passage, int status, Headers fields) {
        change(passage, fields);
    }

    private void change(Passage passage, Headers fields) {
        remove.forEach(fields::removeAlike);
        rewrite.forEach(edit -> rewrite(edit, fields));
        set.forEach((name, value) -> fields.removeAlike(name).add(name, value.expand(passage)));
        add.forEach((name, value) -> fields.add(name, value.expand(passage)));
        if (passage.isExplained()) {
            List<String> said = new ArrayList<>();
            remove.forEach(name -> said.add("removes " + name));
            rewrite.forEach(e -> said.add("rewrites " + e.name + " where it matches " + e.match));
            set.forEach((name, value) -> said.add("sets " + name + ": " + value.expand(passage)));
            add.forEach((name, value) -> said.add("adds " + name + ": " + value.expand(passage)));
            passage.say(key, String.join("; ", said));
        }
    }

    private static void rewrite(Edit edit, Headers fields) {
        List<String> values = fields.all(edit.name);
        if (!values.isEmpty()) {
            fields.remove(edit.name);
            values.forEach(value -> rewritten(edit, value).ifPresent(changed -> fields.add(edit.name, changed)));
        }
    }

    /** What becomes of a value; nothing if that takes too long to find out: as it was it must not go on. */
    private static Optional<String> rewritten(Edit edit, String value) {
        try {
            return Optional.of(
                    Template.harmless(edit.match.matcher(new CostlyText(value)).replaceAll(edit.with)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
