package io.selvage.rules;

import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.RequestPath;
import io.selvage.node.Route;
import io.selvage.node.Rule;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks the destination for another path than the client has. What comes out is normalised as every path is, so that no
 * rewrite can climb out of what it leads to.
 */
final class PathRewrite implements Step {
    private final Rule.Rewrite rule;
    private final Pattern match;
    private final Template with;

    PathRewrite(Rule.Rewrite rule, Route route) {
        this.rule = rule;
        this.match = Pattern.compile(rule.match());
        this.with = Template.ofPath(rule.match().isEmpty() ? rule.with() : "", route);
    }

    @Override
    public String key() {
        return rule.key();
    }

    @Override
    public Outcome apply(Passage passage) {
        RequestHead head = passage.head();
        String path = head.path();
        String strip = rule.stripPrefix();
        if (!strip.isEmpty() && (path.equals(strip) || path.startsWith(strip + "/"))) {
            path = path.substring(strip.length());
        }
        try {
            path = rule.addPrefix() + rewritten(path, passage);
            path = RequestPath.normalize(path.isEmpty() ? "/" : path).text();
        } catch (IllegalArgumentException e) {
            return Outcome.refuse(Problem.of(
                    400, "malformed", "The request is malformed", "Of its rewritten target, " + e.getMessage() + "."));
        }
        passage.say(key(), path.equals(head.path()) ? "leaves the path as it is" : "makes the path " + path);
        passage.head(head.withPath(path));
        return Outcome.PASS;
    }

    private String rewritten(String path, Passage passage) {
        if (rule.match().isEmpty()) {
            return rule.with().isEmpty() ? path : with.expand(passage);
        }
        Matcher matcher = match.matcher(new CostlyText(path));
        return matcher.matches() ? matcher.replaceFirst(rule.with()) : path;
    }
}
