package io.selvage.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads the rules of a route. */
final class RuleReader {
    /** Every key of a rule. */
    static final List<String> KEYS = List.of("redirect", "answer", "request_headers", "response_headers", "rewrite");

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final List<Long> REDIRECTS = List.of(301L, 302L, 303L, 307L, 308L);

    private final ManifestReader reader;
    private final Mistakes mistakes;

    RuleReader(ManifestReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    /** The rules in a table, whose other keys are of no concern. */
    RouteRules read(TomlTable table, String parent) {
        List<Rule> rules = new ArrayList<>();
        redirect(table, parent).ifPresent(rules::add);
        answer(table, parent).ifPresent(rules::add);
        fields(table, parent, "request_headers").ifPresent(rules::add);
        fields(table, parent, "response_headers").ifPresent(rules::add);
        rewrite(table, parent).ifPresent(rules::add);
        return new RouteRules(rules);
    }

    private Optional<Rule> redirect(TomlTable route, String parent) {
        String name = parent + ".redirect";
        Object value = route.get(List.of("redirect"));
        if (value instanceof String to) {
            return Optional.of(new Rule.Redirect(to, 308, false));
        }
        return reader.table(route, "redirect", name).map(table -> {
            reader.checkKeys(table, name, List.of("to", "status", "insecure"));
            return new Rule.Redirect(
                    needed(table, "to", name, "to = \"https://{host}{path}\""),
                    status(table, name, 308, REDIRECTS),
                    flag(table, "insecure", name, false));
        });
    }

    private Optional<Rule> answer(TomlTable route, String parent) {
        String name = parent + ".answer";
        return reader.table(route, "answer", name).map(table -> {
            reader.checkKeys(table, name, List.of("status", "type", "body"));
            return new Rule.Answer(
                    status(table, name, 200, List.of()),
                    reader.string(table, "type", name).orElse("text/plain; charset=utf-8"),
                    reader.string(table, "body", name).orElse(""));
        });
    }

    private Optional<Rule> fields(TomlTable route, String parent, String key) {
        String name = parent + "." + key;
        return reader.table(route, key, name).map(table -> {
            reader.checkKeys(table, name, List.of("set", "add", "remove", "rewrite"));
            List<String> remove = texts(table, "remove", name);
            remove.forEach(n -> checkField(table, "remove", name, n, ""));
            return new Rule.Fields(
                    key, values(table, "set", name), values(table, "add", name), remove, edits(table, name));
        });
    }

    private Map<String, String> values(TomlTable table, String key, String parent) {
        Map<String, String> values = new LinkedHashMap<>();
        reader.table(table, key, parent + "." + key).ifPresent(inner -> {
            for (String field : inner.keySet()) {
                reader.string(inner, field, parent + "." + key).ifPresent(value -> {
                    checkField(inner, field, parent + "." + key, field, value);
                    values.put(field, value);
                });
            }
        });
        return values;
    }

    /** A field of the connection cannot be changed by a rule, and no value can hold a line of its own. */
    private void checkField(TomlTable table, String key, String parent, String field, String value) {
        Place at = at(table, key);
        String lower = field.toLowerCase(java.util.Locale.ROOT);
        if (!TOKEN.matcher(field).matches()) {
            mistakes.add(at, parent + ": \"" + field + "\" is not a field name");
        } else if (List.of("connection", "transfer-encoding", "content-length", "host", "upgrade", "te", "trailer")
                .contains(lower)) {
            mistakes.add(at, parent + ": " + field + " is the gateway's own; no rule can change it");
        }
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f || c > 0xff)) {
            mistakes.add(at, parent + "." + field + ": the value holds a control character or one above U+00FF");
        }
    }

    private List<Rule.Edit> edits(TomlTable table, String parent) {
        String name = parent + ".rewrite";
        List<Rule.Edit> edits = new ArrayList<>();
        for (TomlTable edit : tables(table, "rewrite", name)) {
            reader.checkKeys(edit, name, List.of("name", "match", "with"));
            String field = needed(edit, "name", name, "name the field");
            checkField(edit, "name", name, field.isEmpty() ? "x" : field, "");
            String match = pattern(edit, "match", name, true);
            edits.add(new Rule.Edit(
                    field, match, reader.string(edit, "with", name).orElse("")));
        }
        return List.copyOf(edits);
    }

    private Optional<Rule> rewrite(TomlTable route, String parent) {
        String name = parent + ".rewrite";
        if (route.get(List.of("rewrite")) instanceof String with) {
            return Optional.of(new Rule.Rewrite("", "", path(route, "rewrite", parent, with), ""));
        }
        return reader.table(route, "rewrite", name).map(table -> {
            reader.checkKeys(table, name, List.of("strip_prefix", "add_prefix", "match", "with"));
            String with = reader.string(table, "with", name)
                    .map(w -> path(table, "with", name, w))
                    .orElse("");
            String match = pattern(table, "match", name, false);
            if (!match.isEmpty() && with.isEmpty()) {
                mistakes.add(at(table, "match"), name + ".with is missing; say what the path becomes");
            }
            return new Rule.Rewrite(
                    prefix(table, "strip_prefix", name), match, with, prefix(table, "add_prefix", name));
        });
    }

    private String prefix(TomlTable table, String key, String parent) {
        String prefix = reader.string(table, key, parent)
                .map(p -> path(table, key, parent, p))
                .orElse("");
        return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    private String path(TomlTable table, String key, String parent, String path) {
        if (!path.startsWith("/")) {
            mistakes.add(at(table, key), parent + "." + key + ": \"" + path + "\" is not a path; it begins with \"/\"");
        }
        return path;
    }

    /** A regular expression; empty if there is none. */
    private String pattern(TomlTable table, String key, String parent, boolean needed) {
        String text = needed
                ? needed(table, key, parent, "write a regular expression")
                : reader.string(table, key, parent).orElse("");
        try {
            return Pattern.compile(text).pattern();
        } catch (PatternSyntaxException e) {
            mistakes.add(at(table, key), parent + "." + key + ": " + e.getDescription() + " in \"" + text + "\"");
            return "";
        }
    }

    private int status(TomlTable table, String parent, int otherwise, List<Long> valid) {
        Object value = table.get(List.of("status"));
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Long status
                && (valid.isEmpty() ? status >= 200 && status <= 599 : valid.contains(status))) {
            return status.intValue();
        }
        mistakes.add(
                at(table, "status"),
                parent + ".status must be " + (valid.isEmpty() ? "a number from 200 to 599" : "one of " + valid));
        return otherwise;
    }

    private boolean flag(TomlTable table, String key, String parent, boolean otherwise) {
        Object value = table.get(List.of(key));
        if (value != null && !(value instanceof Boolean)) {
            mistakes.add(at(table, key), parent + "." + key + " must be true or false");
        }
        return value instanceof Boolean flag ? flag : otherwise;
    }

    private String needed(TomlTable table, String key, String parent, String advice) {
        if (!table.contains(List.of(key))) {
            mistakes.add(reader.start(table), parent + "." + key + " is missing; " + advice);
        }
        return reader.string(table, key, parent).orElse("");
    }

    private List<String> texts(TomlTable table, String key, String parent) {
        Object value = table.get(List.of(key));
        if (value == null) {
            return List.of();
        }
        if (value instanceof TomlArray array && ManifestReader.holds(array, String.class)) {
            return array.toList().stream().map(String.class::cast).toList();
        }
        mistakes.add(at(table, key), parent + "." + key + " must be a list of texts");
        return List.of();
    }

    /** One table, or a list of them. */
    private List<TomlTable> tables(TomlTable table, String key, String name) {
        Object value = table.get(List.of(key));
        if (value instanceof TomlTable one) {
            return List.of(one);
        }
        if (value instanceof TomlArray array && ManifestReader.holds(array, TomlTable.class)) {
            return array.toList().stream().map(TomlTable.class::cast).toList();
        }
        if (value != null) {
            mistakes.add(at(table, key), name + " must be a table or a list of tables");
        }
        return List.of();
    }

    private Place at(TomlTable table, String key) {
        return reader.position(table, key).orElseGet(() -> reader.start(table));
    }
}
