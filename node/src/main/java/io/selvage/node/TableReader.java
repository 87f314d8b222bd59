package io.selvage.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads the values of one table, and says what is wrong with each. */
final class TableReader {

    private final TomlReader reader;
    private final Mistakes mistakes;
    private final TomlTable table;
    private final String name;

    TableReader(TomlReader reader, Mistakes mistakes, TomlTable table, String name) {
        this.reader = reader;
        this.mistakes = mistakes;
        this.table = table;
        this.name = name;
    }

    /** Says which keys the table may have. */
    TableReader keys(String... valid) {
        reader.checkKeys(table, name, List.of(valid));
        return this;
    }

    boolean has(String key) {
        return table.contains(List.of(key));
    }

    List<String> all() {
        return List.copyOf(table.keySet());
    }

    void mistake(String key, String message) {
        mistakes.add(
                reader.position(table, key).orElseGet(() -> reader.start(table)), name + "." + key + ": " + message);
    }

    Optional<String> text(String key) {
        return reader.string(table, key, name);
    }

    String text(String key, String otherwise) {
        return text(key).orElse(otherwise);
    }

    /** A text that has to be there; empty if it is not. */
    String needed(String key, String advice) {
        if (!has(key)) {
            mistakes.add(reader.start(table), name + "." + key + " is missing; " + advice);
        }
        return text(key, "");
    }

    /** One of several texts; the first if there is none. */
    String oneOf(String key, List<String> valid) {
        String text = text(key, valid.getFirst());
        if (!valid.contains(text)) {
            mistake(key, "\"" + text + "\" is none of them; " + Nearest.advice(text, valid));
            return valid.getFirst();
        }
        return text;
    }

    boolean flag(String key, boolean otherwise) {
        Object value = table.get(List.of(key));
        if (value != null && !(value instanceof Boolean)) {
            mistake(key, "must be true or false");
        }
        return value instanceof Boolean flag ? flag : otherwise;
    }

    /** Whether there is a key whose value is {@code true}. */
    boolean isTrue(String key) {
        return Boolean.TRUE.equals(table.get(List.of(key)));
    }

    /** Whether there is a key whose value is {@code false}. */
    boolean isFalse(String key) {
        return Boolean.FALSE.equals(table.get(List.of(key)));
    }

    boolean isText(String key) {
        return table.get(List.of(key)) instanceof String;
    }

    boolean isArray(String key) {
        return table.get(List.of(key)) instanceof TomlArray;
    }

    /** A list of texts, or a single one. */
    List<String> texts(String key) {
        Object value = table.get(List.of(key));
        if (value instanceof String one) {
            return List.of(one);
        }
        if (value instanceof TomlArray array && TomlReader.holds(array, String.class)) {
            return array.toList().stream().map(String.class::cast).toList();
        }
        if (value != null) {
            mistake(key, "must be a list of texts");
        }
        return List.of();
    }

    int number(String key, int otherwise, int least) {
        return reader.integer(table, name, key, otherwise, least);
    }

    /** A whole number from one to another. */
    int number(String key, int otherwise, int least, int most) {
        Object value = table.get(List.of(key));
        if (value instanceof Long number && number >= least && number <= most) {
            return number.intValue();
        }
        if (value != null) {
            mistake(key, "must be a whole number from " + least + " to " + most);
        }
        return otherwise;
    }

    /** A number with or without a fraction. */
    double decimal(String key, double otherwise, double least, double most) {
        Object value = table.get(List.of(key));
        if (value instanceof Number number && number.doubleValue() >= least && number.doubleValue() <= most) {
            return number.doubleValue();
        }
        if (value != null) {
            mistake(key, "must be a number from " + least + " to " + most);
        }
        return otherwise;
    }

    Duration duration(String key, Duration otherwise) {
        return reader.duration(table, name, key, otherwise);
    }

    long size(String key) {
        return text(key)
                .map(text -> {
                    try {
                        return Quantity.size(text);
                    } catch (IllegalArgumentException e) {
                        mistake(key, String.valueOf(e.getMessage()));
                        return 0L;
                    }
                })
                .orElse(0L);
    }

    /** A status from 200 to 599, or one of those that are valid. */
    int status(int otherwise, List<Long> valid) {
        Object value = table.get(List.of("status"));
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Long status
                && (valid.isEmpty() ? status >= 200 && status <= 599 : valid.contains(status))) {
            return status.intValue();
        }
        mistake("status", "must be " + (valid.isEmpty() ? "a number from 200 to 599" : "one of " + valid));
        return otherwise;
    }

    /** A regular expression; empty if there is none. */
    String pattern(String key, boolean needed) {
        String text = needed ? needed(key, "write a regular expression") : text(key, "");
        try {
            return Pattern.compile(text).pattern();
        } catch (PatternSyntaxException e) {
            mistake(key, e.getDescription() + " in \"" + text + "\"");
            return "";
        }
    }

    /**
     * Sees to it that {@code with} can take the place of what {@code match} finds: that each group that it names is there.
     *
     * @see java.util.regex.Matcher#replaceAll(String)
     */
    void checkReplacement(String key, String with, String match) {
        Matcher groups = Pattern.compile(match).matcher("");
        int i = 0;
        while (i < with.length()) {
            char c = with.charAt(i++);
            char next = i < with.length() ? with.charAt(i) : 0;
            if (c == '\\') {
                if (i++ == with.length()) {
                    mistake(key, "\"" + with + "\" ends with a backslash, which stands for nothing; write two for one");
                }
            } else if (c == '$' && next == '{') {
                int end = Math.max(i, with.indexOf('}', i));
                String name = with.substring(i + 1, Math.max(i + 1, end));
                if (!groups.namedGroups().containsKey(name)) {
                    mistake(key, "\"" + with + "\" names a group \"" + name + "\", which \"" + match + "\" has not");
                }
            } else if (c == '$' && next >= '0' && next <= '9') {
                if (next - '0' > groups.groupCount()) {
                    mistake(
                            key,
                            "\"" + with + "\" names group " + next + ", and \"" + match + "\" has "
                                    + groups.groupCount());
                }
            } else if (c == '$') {
                mistake(key, "in \"" + with + "\" no group's number follows a $; write \\$ for a dollar sign");
            }
        }
    }

    /** A path that begins with a slash; empty if there is none. */
    String path(String key) {
        String path = text(key, "");
        if (!path.isEmpty() && !path.startsWith("/")) {
            mistake(key, "\"" + path + "\" is not a path; it begins with \"/\"");
        }
        return path;
    }

    /** Addresses and networks such as {@code 10.0.0.0/8}. */
    List<String> networks(String key) {
        List<String> networks = texts(key);
        for (String network : networks) {
            try {
                Network.parse(network);
            } catch (IllegalArgumentException e) {
                mistake(key, String.valueOf(e.getMessage()));
            }
        }
        return networks;
    }

    /** Values by the names of fields. */
    Map<String, String> fields(String key) {
        Map<String, String> fields = new LinkedHashMap<>();
        table(key).ifPresent(inner -> {
            for (String field : inner.all()) {
                inner.text(field).ifPresent(value -> {
                    inner.checkField(field, field, value);
                    fields.put(field, value);
                });
            }
        });
        return fields;
    }

    /** A field of the connection cannot be changed by a rule, and no value can hold a line of its own. */
    void checkField(String key, String field, String value) {
        String lower = field.toLowerCase(java.util.Locale.ROOT);
        if (!Headers.isToken(field)) {
            mistake(key, "\"" + field + "\" is not a field name");
        } else if (List.of("connection", "transfer-encoding", "content-length", "host", "upgrade", "te", "trailer")
                .contains(lower)) {
            mistake(key, field + " is the gateway's own; no rule can change it");
        }
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f || c > 0xff)) {
            mistake(key, "the value holds a control character or one above U+00FF");
        }
    }

    /** The file that a key names, relative to the manifest; empty if there is none, or no such file. */
    Optional<Path> file(String key) {
        return text(key).map(text -> reader.resolve(text)).filter(path -> {
            if (!Files.isRegularFile(path)) {
                mistake(key, "there is no file " + path + "; the path is relative to the manifest");
                return false;
            }
            return true;
        });
    }

    /** The folder that a key names, relative to the manifest; it need not be there. */
    Optional<Path> folder(String key) {
        return text(key).map(reader::resolve);
    }

    /** What a text file holds; empty if it cannot be read. */
    String content(String key, Path file) {
        try {
            return Files.readString(file);
        } catch (IOException _) {
            mistake(key, "the file " + file + " cannot be read; it must be UTF-8 text, and readable for this user");
            return "";
        }
    }

    Optional<TableReader> table(String key) {
        return reader.table(table, key, name + "." + key)
                .map(inner -> new TableReader(reader, mistakes, inner, name + "." + key));
    }

    /** One table, or a list of them. */
    List<TableReader> tables(String key) {
        Object value = table.get(List.of(key));
        List<TomlTable> tables = new ArrayList<>();
        if (value instanceof TomlTable one) {
            tables.add(one);
        } else if (value instanceof TomlArray array && TomlReader.holds(array, TomlTable.class)) {
            array.toList().forEach(inner -> tables.add((TomlTable) inner));
        } else if (value != null) {
            mistake(key, "must be a table or a list of tables");
        }
        return tables.stream()
                .map(inner -> new TableReader(reader, mistakes, inner, name + "." + key))
                .toList();
    }

    /** What is read from the table of a key, if there is one. */
    <T> Optional<T> with(String key, Function<TableReader, T> read) {
        return table(key).map(read);
    }
}
