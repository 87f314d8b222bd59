package io.selvage.node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Collects what is wrong with a file, so that all of it can be said at once. */
final class Mistakes {
    private record Mistake(Place place, String message) {}

    private final List<Mistake> mistakes = new ArrayList<>();

    void add(Place place, String message) {
        mistakes.add(new Mistake(place, message));
    }

    /** Throws what has been collected, in the order of the file, if there is anything. */
    void throwIfAny() {
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(mistakes.stream()
                    .sorted(Comparator.comparingInt((Mistake m) -> m.place.line())
                            .thenComparingInt(m -> m.place.column()))
                    .map(m -> m.place + ": " + m.message)
                    .distinct()
                    .collect(Collectors.joining("\n")));
        }
    }
}
