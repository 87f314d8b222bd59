package io.selvage.cache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The directives of a {@code Cache-Control} field, or of one like it (RFC 9111 §5.2, RFC 9213). What is malformed is read
 * in the way that caches least. Immutable.
 */
public final class CacheControl {
    /** No directive at all. */
    public static final CacheControl EMPTY = new CacheControl(Map.of());

    /** The longest time that makes a difference, seconds: a bit more than what 31 bits hold (RFC 9111 §1.2.2). */
    static final long FOREVER = 1L << 31;

    private static final Set<String> TIMES =
            Set.of("max-age", "s-maxage", "min-fresh", "stale-while-revalidate", "stale-if-error");

    private final Map<String, List<String>> directives;

    private CacheControl(Map<String, List<String>> directives) {
        this.directives = directives;
    }

    /** Reads every line of a {@code Cache-Control} field. */
    public static CacheControl parse(List<String> lines) {
        if (lines.isEmpty()) {
            return EMPTY;
        }
        Map<String, List<String>> directives = new HashMap<>();
        for (String line : lines) {
            for (String part : split(line, ',')) {
                int equals = part.indexOf('=');
                String name = (equals < 0 ? part : part.substring(0, equals)).toLowerCase(Locale.ROOT);
                if (!name.isBlank()) {
                    directives
                            .computeIfAbsent(name.strip(), _ -> new ArrayList<>(1))
                            .add(equals < 0 ? "" : unquoted(part.substring(equals + 1)));
                }
            }
        }
        return new CacheControl(directives);
    }

    /**
     * Reads a targeted field, which is a Dictionary Structured Field (RFC 9213 §2.1). Nothing if there is none, or if it
     * is not to be used because it is malformed or a directive has a value of the wrong type.
     */
    public static Optional<CacheControl> parseTargeted(List<String> lines) {
        Optional<Map<String, Object>> members = StructuredDictionary.parse(String.join(",", lines));
        if (members.isEmpty() || members.get().isEmpty()) {
            return Optional.empty();
        }
        Map<String, List<String>> directives = new HashMap<>();
        for (Map.Entry<String, Object> member : members.get().entrySet()) {
            Object value = member.getValue();
            if (TIMES.contains(member.getKey()) && !(value instanceof Long)) {
                return Optional.empty();
            }
            if (!Boolean.FALSE.equals(value)) {
                directives.put(member.getKey(), List.of(value instanceof Boolean ? "" : value.toString()));
            }
        }
        return Optional.of(new CacheControl(directives));
    }

    /** Whether the directive is there, with or without an argument. */
    public boolean has(String directive) {
        return directives.containsKey(directive);
    }

    /** Whether the directive is there without a list of field names, and so holds for the whole message. */
    public boolean holds(String directive) {
        List<String> arguments = directives.get(directive);
        return arguments != null && arguments.stream().anyMatch(String::isBlank);
    }

    /** The field names in the directive's argument, in small letters; empty if it has none. */
    public Set<String> names(String directive) {
        Set<String> names = new HashSet<>();
        for (String argument : directives.getOrDefault(directive, List.of())) {
            for (String name : argument.split(",")) {
                if (!name.isBlank()) {
                    names.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
        }
        return names;
    }

    /**
     * The directive's seconds: the least if it stands more than once, 0 if one is malformed (RFC 9111 §4.2.1), nothing if
     * it is not there.
     */
    public OptionalLong seconds(String directive) {
        List<String> arguments = directives.get(directive);
        return arguments == null
                ? OptionalLong.empty()
                : arguments.stream().mapToLong(CacheControl::deltaSeconds).min();
    }

    /** Reads delta-seconds (RFC 9111 §1.2.2): too large is {@link #FOREVER}, malformed is 0. */
    static long deltaSeconds(String text) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return 0;
        }
        String digits = text.replaceFirst("^0+(?=.)", "");
        return digits.length() > 10 ? FOREVER : Math.min(FOREVER, Long.parseLong(digits));
    }

    /** Splits at a separator that stands outside of quotes; what is blank is left out. */
    static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? separator : text.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && (!quoted || i >= text.length())) {
                String part = text.substring(start, Math.min(i, text.length())).strip();
                if (!part.isEmpty()) {
                    parts.add(part);
                }
                start = i + 1;
            }
        }
        if (start < text.length()) {
            parts.add(text.substring(start).strip());
        }
        return parts;
    }

    private static String unquoted(String argument) {
        int length = argument.length();
        boolean quoted = length >= 2 && argument.charAt(0) == '"' && argument.charAt(length - 1) == '"';
        return quoted ? argument.substring(1, length - 1).replaceAll("\\\\(.)", "$1") : argument;
    }
}
