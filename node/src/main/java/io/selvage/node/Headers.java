package io.selvage.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * HTTP fields in the order they came, names in any case (RFC 9110 §5). Not thread-safe.
 */
public final class Headers {
    private static final String[] NO_LINES = {};

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final int FIRST_LINES = 16;

    /** The name and the value of each line, in turns. */
    private String[] lines = NO_LINES;

    private int size;

    /** A bit for each length, modulo 64, that a name has had: most names that are asked for are told apart by it. */
    private long lengths;

    /** Whether a text can be a field's name, a cookie's name or a method: a token (RFC 9110 §5.6.2). */
    public static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    /**
     * Whether two names are one to programs that get fields as variables, as those of CGI do, for which {@code -} and {@code _}
     * are the same (RFC 3875 §4.1.18).
     */
    public static boolean areAlike(String name, String other) {
        return name.length() == other.length()
                && (name.equalsIgnoreCase(other)
                        || ((name.indexOf('_') >= 0 || other.indexOf('_') >= 0)
                                && name.replace('_', '-').equalsIgnoreCase(other.replace('_', '-'))));
    }

    /** Adds a field line after those that are there. */
    public Headers add(String name, String value) {
        int at = 2 * size;
        if (at == lines.length) {
            lines = Arrays.copyOf(lines, Math.max(2 * FIRST_LINES, 2 * at));
        }
        lines[at] = name;
        lines[at + 1] = value;
        lengths |= 1L << name.length();
        size++;
        return this;
    }

    /** Replaces every line of this name by one. */
    public Headers set(String name, String value) {
        remove(name);
        return add(name, value);
    }

    /** Removes every line of this name. */
    public Headers remove(String name) {
        int kept = find(name, 0);
        if (kept < 0) {
            return this;
        }
        for (int i = kept + 1; i < size; i++) {
            if (!lines[2 * i].equalsIgnoreCase(name)) {
                lines[2 * kept] = lines[2 * i];
                lines[2 * kept + 1] = lines[2 * i + 1];
                kept++;
            }
        }
        size = kept;
        return this;
    }

    /** Removes every line of this name, and of those that are {@linkplain #areAlike alike}. */
    public Headers removeAlike(String name) {
        if (!containsAlike(name)) {
            return this;
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!areAlike(lines[2 * i], name)) {
                lines[2 * kept] = lines[2 * i];
                lines[2 * kept + 1] = lines[2 * i + 1];
                kept++;
            }
        }
        size = kept;
        return this;
    }

    /** The place of the next line of this name from a place on; -1 if there is none. */
    private int find(String name, int from) {
        if ((lengths >>> name.length() & 1) == 0) {
            return -1;
        }
        for (int i = from; i < size; i++) {
            if (lines[2 * i].equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The first line of this name. */
    public Optional<String> first(String name) {
        int place = find(name, 0);
        return place < 0 ? Optional.empty() : Optional.of(value(place));
    }

    /** Every line of this name, in order. */
    public List<String> all(String name) {
        int place = find(name, 0);
        if (place < 0) {
            return List.of();
        }
        List<String> all = new ArrayList<>(2);
        while (place >= 0) {
            all.add(value(place));
            place = find(name, place + 1);
        }
        return all;
    }

    /**
     * The members of a list that are told apart by commas, from every line of this name, without blanks and without empty ones
     * (RFC 9110 §5.6.1). Not for fields in which a text may be quoted.
     */
    public List<String> members(String name) {
        int place = find(name, 0);
        if (place < 0) {
            return List.of();
        }
        if (value(place).indexOf(',') < 0 && find(name, place + 1) < 0) {
            String only = value(place).strip();
            return only.isEmpty() ? List.of() : List.of(only);
        }
        List<String> members = new ArrayList<>();
        for (String line : all(name)) {
            for (String member : line.split(",")) {
                if (!member.isBlank()) {
                    members.add(member.strip());
                }
            }
        }
        return members;
    }

    /** Whether there is a line of this name. */
    public boolean contains(String name) {
        return find(name, 0) >= 0;
    }

    /** Whether there is a line of this name, or of one that is {@linkplain #areAlike alike}. */
    public boolean containsAlike(String name) {
        if ((lengths >>> name.length() & 1) == 0) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (areAlike(lines[2 * i], name)) {
                return true;
            }
        }
        return false;
    }

    /** How many lines there are. */
    public int size() {
        return size;
    }

    /** The name of the line at this place, from 0, as it came. */
    public String name(int place) {
        return lines[2 * Objects.checkIndex(place, size)];
    }

    /** The value of the line at this place, from 0. */
    public String value(int place) {
        return lines[2 * Objects.checkIndex(place, size) + 1];
    }

    /** Calls {@code action} with the name, as it came, and the value of each line, in order. */
    public void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < size; i++) {
            action.accept(name(i), value(i));
        }
    }

    /** Whether {@code condition} holds for the name and value of each line. */
    public boolean allMatch(BiPredicate<String, String> condition) {
        for (int i = 0; i < size; i++) {
            if (!condition.test(name(i), value(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEach((n, v) ->
                text.append(n.toLowerCase(Locale.ROOT)).append(": ").append(v).append('\n'));
        return text.toString();
    }
}
