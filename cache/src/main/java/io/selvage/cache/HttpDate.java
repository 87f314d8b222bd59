package io.selvage.cache;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dates in fields, in the three forms of RFC 9110 §5.6.7, read to the letter but in any case. */
public final class HttpDate {
    private static final String CLOCK = "(\\d{2}):(\\d{2}):(\\d{2})";
    private static final Pattern IMF =
            Pattern.compile("[a-z]{3}, (\\d{2}) ([a-z]{3}) (\\d{4}) " + CLOCK + " gmt", Pattern.CASE_INSENSITIVE);
    private static final Pattern RFC_850 =
            Pattern.compile("[a-z]{6,9}, (\\d{2})-([a-z]{3})-(\\d{2}) " + CLOCK + " gmt", Pattern.CASE_INSENSITIVE);
    private static final Pattern ASCTIME =
            Pattern.compile("[a-z]{3} ([a-z]{3}) ([ \\d]\\d) " + CLOCK + " (\\d{4})", Pattern.CASE_INSENSITIVE);
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private HttpDate() {}

    /** Seconds since 1970, or nothing if the text is no date of HTTP. */
    public static OptionalLong parse(String text) {
        String value = text.strip();
        try {
            Matcher imf = IMF.matcher(value);
            if (imf.matches()) {
                return seconds(number(imf, 3), imf.group(2), number(imf, 1), imf, 4);
            }
            Matcher rfc850 = RFC_850.matcher(value);
            if (rfc850.matches()) {
                return seconds(century(number(rfc850, 3)), rfc850.group(2), number(rfc850, 1), rfc850, 4);
            }
            Matcher asctime = ASCTIME.matcher(value);
            if (asctime.matches()) {
                return seconds(number(asctime, 6), asctime.group(1), number(asctime, 2), asctime, 3);
            }
        } catch (DateTimeException _) {
            // a month, a day or an hour that there is not
        }
        return OptionalLong.empty();
    }

    /** A time as fields have it. */
    public static String format(long epochSecond) {
        return FORMAT.format(Instant.ofEpochSecond(epochSecond));
    }

    private static OptionalLong seconds(int year, String month, int day, Matcher clock, int group) {
        int index = MONTHS.indexOf(month.toLowerCase(Locale.ROOT));
        int second = Math.min(59, number(clock, group + 2));
        LocalDateTime time =
                LocalDateTime.of(year, index + 1, day, number(clock, group), number(clock, group + 1), second);
        return OptionalLong.of(time.toEpochSecond(ZoneOffset.UTC));
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group).strip());
    }

    /** A year of two digits that seems more than 50 years ahead is in the century before (RFC 9110 §5.6.7). */
    private static int century(int year) {
        int now = LocalDateTime.now(ZoneOffset.UTC).getYear();
        int full = now / 100 * 100 + year;
        return full > now + 50 ? full - 100 : full;
    }
}
