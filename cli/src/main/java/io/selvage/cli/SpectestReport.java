package io.selvage.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came of one script of the test suite. */
final class SpectestReport {
    private int passed;
    private final List<String> failures = new ArrayList<>();
    private final Map<String, Integer> skipped = new TreeMap<>();

    void pass() {
        passed++;
    }

    void fail(String message) {
        failures.add(message);
    }

    void skip(String feature) {
        skipped.merge(feature, 1, Integer::sum);
    }

    int passed() {
        return passed;
    }

    /** One text a failure: where, what was expected, what came. */
    List<String> failures() {
        return failures;
    }

    /** How many commands were skipped, by the feature that they need. */
    Map<String, Integer> skipped() {
        return skipped;
    }

    int skippedCount() {
        return skipped.values().stream().mapToInt(Integer::intValue).sum();
    }
}
