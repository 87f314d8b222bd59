package io.selvage.gateway;

import io.selvage.node.Headers;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A fixed set of few field names, in any case (RFC 9110 §5.1) and with all that are {@linkplain Headers#areAlike alike}. Most names
 * are told apart by their length and their first letter alone. Immutable; thread-safe.
 */
final class FieldNames {
    private final List<List<String>> byLength;
    /** For each length, a bit for the last five bits of each first letter, which are the same for capitals. */
    private final int[] firsts;

    private FieldNames(List<String> names) {
        int longest = names.stream().mapToInt(String::length).max().orElse(0);
        byLength = IntStream.rangeClosed(0, longest)
                .mapToObj(length ->
                        names.stream().filter(name -> name.length() == length).toList())
                .toList();
        firsts = new int[longest + 1];
        names.forEach(name -> firsts[name.length()] |= 1 << name.charAt(0));
    }

    /** These names. */
    static FieldNames of(String... names) {
        return new FieldNames(List.of(names));
    }

    /** Whether {@code name} is one of them. */
    boolean contains(String name) {
        int length = name.length();
        if (length == 0 || length >= firsts.length || (firsts[length] >>> name.charAt(0) & 1) == 0) {
            return false;
        }
        List<String> candidates = byLength.get(length);
        for (int i = 0; i < candidates.size(); i++) {
            if (Headers.areAlike(candidates.get(i), name)) {
                return true;
            }
        }
        return false;
    }
}
