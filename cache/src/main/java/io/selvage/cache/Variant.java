package io.selvage.cache;

import io.selvage.node.Headers;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What of a request selected a response: the fields that its {@code Vary} names, normalised (RFC 9111 §4.1). Immutable.
 *
 * @param selecting the names in small letters, each with its value; empty for a field that the request did not have
 */
public record Variant(Map<String, String> selecting) {
    /** A response that does not vary. */
    public static final Variant ONLY = new Variant(Map.of());

    /** Fields whose order and case mean nothing: lists of what a client takes, with weights. */
    private static final Set<String> PREFERENCES = Set.of("accept", "accept-language", "accept-charset");

    /** The variant of the response with {@code response}'s fields to a request with {@code request}'s. */
    public static Variant of(Headers response, Headers request) {
        List<String> names = names(response);
        if (names.isEmpty()) {
            return ONLY;
        }
        Map<String, String> selecting = new TreeMap<>();
        names.forEach(name -> selecting.put(name, normal(name, request)));
        return new Variant(Map.copyOf(selecting));
    }

    /** Whether no other request can be known to select the same response ({@code Vary: *}). */
    static boolean variesOnEverything(Headers response) {
        return names(response).contains("*");
    }

    /** Whether a request with these fields selects it. */
    public boolean matches(Headers request) {
        for (Map.Entry<String, String> field : selecting.entrySet()) {
            if (!field.getValue().equals(normal(field.getKey(), request))) {
                return false;
            }
        }
        return true;
    }

    /** The selecting fields for people; empty if there are none. */
    @Override
    public String toString() {
        return selecting.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(field -> field.getKey() + field.getValue())
                .collect(Collectors.joining("; "));
    }

    private static List<String> names(Headers response) {
        return response.all("vary").stream()
                .flatMap(line -> CacheControl.split(line, ',').stream())
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
    }

    private static String normal(String name, Headers request) {
        List<String> lines = request.all(name);
        if (lines.isEmpty()) {
            return "";
        }
        var parts = lines.stream().flatMap(line -> CacheControl.split(line, ',').stream());
        if (name.equals("accept-encoding")) {
            return parts.map(part -> part.toLowerCase(Locale.ROOT))
                    .filter(part -> Weights.of(part) > 0 || part.startsWith("identity"))
                    .map(part -> part.startsWith("identity") && Weights.of(part) == 0
                            ? "identity;q=0"
                            : part.split(";", 2)[0].strip())
                    .filter(coding -> !coding.equals("identity"))
                    .sorted(Comparator.naturalOrder())
                    .distinct()
                    .collect(Collectors.joining(",", "=", ""));
        }
        if (PREFERENCES.contains(name)) {
            return parts.map(part -> part.toLowerCase(Locale.ROOT).replaceAll("\\s", ""))
                    .sorted(Comparator.naturalOrder())
                    .distinct()
                    .collect(Collectors.joining(",", "=", ""));
        }
        return parts.collect(Collectors.joining(",", "=", ""));
    }
}
