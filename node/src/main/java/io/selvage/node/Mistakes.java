package io.selvage.node;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Collects what is wrong with a file, so that all of it can be said at once. */
final class Mistakes {
    private record Mistake(Place place, String message) {}

    private final List<Mistake> mistakes = new ArrayList<>();
    private final Set<Object> flawed = Collections.newSetFromMap(new IdentityHashMap<>());

    void add(Place place, String message) {
        mistakes.add(new Mistake(place, message));
    }

    /** How many there are so far. */
    int count() {
        return mistakes.size();
    }

    /** Remembers that a part of the file has mistakes in it, if some were added since there were {@code before}. */
    void blame(Object part, int before) {
        if (mistakes.size() > before) {
            flawed.add(part);
        }
    }

    /** The parts that have no mistakes in them. */
    <T> List<T> sound(List<T> parts) {
        return flawed.isEmpty()
                ? List.copyOf(parts)
                : parts.stream().filter(part -> !flawed.contains(part)).toList();
    }

    /** What has been collected, one a line, in the order of the file; empty if there is nothing. */
    String lines() {
        return mistakes.stream()
                .sorted(Comparator.comparingInt((Mistake m) -> m.place.line()).thenComparingInt(m -> m.place.column()))
                .map(m -> m.place + ": " + m.message)
                .distinct()
                .collect(Collectors.joining("\n"));
    }

    /** Throws what has been collected if there is anything. */
    void throwIfAny() {
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(lines());
        }
    }
}
