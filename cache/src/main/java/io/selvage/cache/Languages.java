package io.selvage.cache;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Chooses among a site's languages the one that a client likes best (RFC 9110 §12.5.4, RFC 4647 §3.4). */
public final class Languages {
    private record Wish(String range, double weight) {}

    private Languages() {}

    /**
     * The best of {@code offered}, which is not empty; the first of them where the client likes none or does not say.
     *
     * @param lines the client's {@code Accept-Language}
     */
    public static String best(List<String> offered, List<String> lines) {
        List<Wish> wishes = new ArrayList<>();
        for (String line : lines) {
            for (String part : CacheControl.split(line, ',')) {
                wishes.add(new Wish(part.split(";", 2)[0].strip().toLowerCase(Locale.ROOT), Weights.of(part)));
            }
        }
        wishes.sort(Comparator.comparingDouble(Wish::weight).reversed());
        for (Wish wish : wishes) {
            for (String range = wish.weight > 0 ? wish.range : ""; !range.isEmpty(); range = shorter(range)) {
                for (String language : offered) {
                    String lower = language.toLowerCase(Locale.ROOT);
                    if (range.equals("*") || lower.equals(range) || lower.startsWith(range + "-")) {
                        return language;
                    }
                }
            }
        }
        return offered.getFirst();
    }

    private static String shorter(String range) {
        int dash = range.lastIndexOf('-');
        return dash < 0 ? "" : range.substring(0, dash);
    }
}
