package io.selvage.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Sizes and times on a command line. */
final class Quantities {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]*)");

    private Quantities() {}

    /**
     * A size in bytes: {@code 65536}, {@code 64KiB}, {@code 64MiB}, {@code 1GiB}.
     *
     * @throws IllegalArgumentException if the text is none
     */
    static long bytes(String text) {
        Matcher matcher = match(text, "a size such as 64MiB");
        long number = Long.parseLong(matcher.group(1));
        int shift = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "", "b" -> 0;
            case "k", "kib" -> 10;
            case "m", "mib" -> 20;
            case "g", "gib" -> 30;
            default -> throw unreadable(text, "a size such as 64MiB");
        };
        if (number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is more than " + (Long.MAX_VALUE >> shift) + " of its unit");
        }
        return number << shift;
    }

    /**
     * A time: {@code 500ms}, {@code 10s}, {@code 2m}; without a unit seconds.
     *
     * @throws IllegalArgumentException if the text is none
     */
    static Duration time(String text) {
        Matcher matcher = match(text, "a time such as 500ms or 10s");
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "ms" -> Duration.ofMillis(number);
            case "", "s" -> Duration.ofSeconds(number);
            case "m", "min" -> Duration.ofMinutes(number);
            default -> throw unreadable(text, "a time such as 500ms or 10s");
        };
    }

    /**
     * An option's value.
     *
     * @param as one of the methods above
     * @throws ParameterException if it cannot be read
     */
    static <T> T option(CommandSpec command, String option, String text, Function<String, T> as) {
        try {
            return as.apply(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), Visible.message(option + ": " + e.getMessage()), e);
        }
    }

    private static Matcher match(String text, String expected) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
        if (!matcher.matches()) {
            throw unreadable(text, expected);
        }
        return matcher;
    }

    private static IllegalArgumentException unreadable(String text, String expected) {
        return new IllegalArgumentException("\"" + text + "\" is not " + expected);
    }
}
