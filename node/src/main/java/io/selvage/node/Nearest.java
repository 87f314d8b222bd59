package io.selvage.node;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that someone probably meant. */
public final class Nearest {
    private Nearest() {}

    /** The nearest of {@code known} by edit distance, if one is near enough to be a slip of the keyboard. */
    public static Optional<String> to(String word, Collection<String> known) {
        String best = "";
        int bestDistance = Math.max(1, Math.min(4, word.length() / 2)) + 1;
        for (String candidate : known) {
            int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** A phrase such as {@code did you mean "memory"? Valid: memory, cpu} for an unknown word. */
    public static String advice(String word, Collection<String> known) {
        String valid = "valid: " + String.join(", ", known);
        return to(word, known)
                .map(near -> "did you mean \"" + near + "\"? (" + valid + ")")
                .orElse(valid);
    }

    /** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
