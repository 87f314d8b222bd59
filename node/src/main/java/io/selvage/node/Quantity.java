package io.selvage.node;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Sizes and durations as people write them, for example {@code 64MiB} and {@code 50ms}: a number, perhaps with a
 * fraction, and a unit.
 */
public final class Quantity {
    private static final Map<String, Long> SIZES = new LinkedHashMap<>();
    private static final Map<String, Long> DURATIONS = new LinkedHashMap<>();

    static {
        SIZES.put("B", 1L);
        SIZES.put("KB", 1_000L);
        SIZES.put("MB", 1_000_000L);
        SIZES.put("GB", 1_000_000_000L);
        SIZES.put("KiB", 1L << 10);
        SIZES.put("MiB", 1L << 20);
        SIZES.put("GiB", 1L << 30);
        DURATIONS.put("ns", 1L);
        DURATIONS.put("us", 1_000L);
        DURATIONS.put("ms", 1_000_000L);
        DURATIONS.put("s", 1_000_000_000L);
        DURATIONS.put("m", 60_000_000_000L);
        DURATIONS.put("h", 3_600_000_000_000L);
        DURATIONS.put("d", 86_400_000_000_000L);
    }

    private Quantity() {}

    /**
     * The bytes in a text such as {@code 64MiB}, {@code 1.5GB} or {@code 512B}.
     *
     * @throws IllegalArgumentException with a message for people, if it is none or needs more than 63 bits
     */
    public static long size(String text) {
        return parse(text, SIZES, "a size such as \"64MiB\"");
    }

    /**
     * The time in a text such as {@code 50ms}, {@code 1.5s} or {@code 2m}.
     *
     * @throws IllegalArgumentException with a message for people, if it is none or longer than 292 years
     */
    public static Duration duration(String text) {
        return Duration.ofNanos(parse(text, DURATIONS, "a duration such as \"50ms\""));
    }

    /** Bytes in the largest unit that stays exact enough to read, for example {@code 1.5 MiB}. */
    public static String sizeText(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + (bytes == 1 ? " byte" : " bytes");
        }
        String[] units = {"KiB", "MiB", "GiB"};
        double value = bytes;
        int unit = -1;
        do {
            value /= 1024;
            unit++;
        } while (value >= 1024 && unit < units.length - 1);
        return decimal(value) + " " + units[unit];
    }

    /** A duration in the largest unit that stays exact enough to read, for example {@code 50 ms}. */
    public static String durationText(Duration duration) {
        double nanos = duration.toSeconds() * 1e9 + duration.getNano();
        if (nanos >= 7200e9) {
            return decimal(nanos / 3600e9) + " h";
        }
        if (nanos >= 120e9) {
            return decimal(nanos / 60e9) + " min";
        }
        if (nanos >= 1e9) {
            return decimal(nanos / 1e9) + " s";
        }
        return nanos >= 1e6 ? decimal(nanos / 1e6) + " ms" : decimal(nanos / 1e3) + " µs";
    }

    private static String decimal(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }

    private static long parse(String text, Map<String, Long> units, String what) {
        int end = 0;
        while (end < text.length() && (Character.isDigit(text.charAt(end)) || text.charAt(end) == '.')) {
            end++;
        }
        String unit = text.substring(end).strip();
        Long factor = units.get(unit);
        if (end == 0 || factor == null) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not " + what + "; units are " + String.join(", ", units.keySet()));
        }
        String number = text.substring(0, end);
        try {
            // a node's start would feel how long the class BigDecimal takes to initialise
            return number.contains(".")
                    ? new BigDecimal(number)
                            .multiply(BigDecimal.valueOf(factor))
                            .longValueExact()
                    : Math.multiplyExact(Long.parseLong(number), factor);
        } catch (ArithmeticException | NumberFormatException _) {
            throw new IllegalArgumentException("\"" + text + "\" is not " + what + ": not a whole number of "
                    + units.keySet().iterator().next() + ", or too large");
        }
    }
}
