package io.selvage.node;

import java.util.List;
import java.util.Map;

/** One thing that a route does to its requests or responses, as the manifest says. All are immutable. */
public sealed interface Rule {
    /** The key in the manifest. */
    String key();

    /**
     * Sends the client elsewhere.
     *
     * @param to where to: a template, see {@code docs/rules.md}
     * @param status 301, 302, 303, 307 or 308
     * @param insecure whether only requests that came without TLS are sent
     */
    record Redirect(String to, int status, boolean insecure) implements Rule {
        @Override
        public String key() {
            return "redirect";
        }
    }

    /**
     * Answers by itself.
     *
     * @param status 200 to 599
     * @param type the media type of the body
     * @param body what is answered
     */
    record Answer(int status, String type, String body) implements Rule {
        @Override
        public String key() {
            return "answer";
        }
    }

    /**
     * Changes fields: first removes, then rewrites, then sets, then adds.
     *
     * @param key {@code request_headers} or {@code response_headers}
     * @param set what replaces every line of its name; values are templates
     * @param add what is added; values are templates
     * @param remove the names that go
     * @param rewrite what is changed where it stands
     */
    record Fields(String key, Map<String, String> set, Map<String, String> add, List<String> remove, List<Edit> rewrite)
            implements Rule {}

    /**
     * Changes every value of a field that matches.
     *
     * @param name the field's name
     * @param match a regular expression for what is looked for in its value
     * @param with what replaces each occurrence, with {@code $1} for a group
     */
    record Edit(String name, String match, String with) {}

    /**
     * Asks the destination for another path than the client has.
     *
     * @param stripPrefix whole segments that go from the front; empty for none
     * @param match a regular expression for the whole path; empty if every path is taken
     * @param with what the path becomes, with {@code $1} for a group of {@code match}, or a template
     * @param addPrefix what is put in front; empty for nothing
     */
    record Rewrite(String stripPrefix, String match, String with, String addPrefix) implements Rule {
        @Override
        public String key() {
            return "rewrite";
        }
    }
}
