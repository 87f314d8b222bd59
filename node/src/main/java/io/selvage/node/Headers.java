package io.selvage.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;

/**
 * HTTP fields in the order they came, names in any case (RFC 9110 §5). Not thread-safe.
 */
public final class Headers {
    private final List<String> names = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    /** Adds a field line after those that are there. */
    public Headers add(String name, String value) {
        names.add(name);
        values.add(value);
        return this;
    }

    /** Replaces every line of this name by one. */
    public Headers set(String name, String value) {
        remove(name);
        return add(name, value);
    }

    /** Removes every line of this name. */
    public Headers remove(String name) {
        for (int i = names.size() - 1; i >= 0; i--) {
            if (names.get(i).equalsIgnoreCase(name)) {
                names.remove(i);
                values.remove(i);
            }
        }
        return this;
    }

    /** The first line of this name. */
    public Optional<String> first(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return Optional.of(values.get(i));
            }
        }
        return Optional.empty();
    }

    /** Every line of this name, in order. */
    public List<String> all(String name) {
        List<String> all = List.of();
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                if (all.isEmpty()) {
                    all = new ArrayList<>(2);
                }
                all.add(values.get(i));
            }
        }
        return all;
    }

    /** Whether there is a line of this name. */
    public boolean contains(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** How many lines there are. */
    public int size() {
        return names.size();
    }

    /** The name of the line at this place, from 0, as it came. */
    public String name(int place) {
        return names.get(place);
    }

    /** The value of the line at this place, from 0. */
    public String value(int place) {
        return values.get(place);
    }

    /** Calls {@code action} with the name, as it came, and the value of each line, in order. */
    public void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < names.size(); i++) {
            action.accept(names.get(i), values.get(i));
        }
    }

    /** Whether {@code condition} holds for the name and value of each line. */
    public boolean allMatch(BiPredicate<String, String> condition) {
        for (int i = 0; i < names.size(); i++) {
            if (!condition.test(names.get(i), values.get(i))) {
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
