package io.selvage.cache;

import io.selvage.node.Headers;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bytes of a content a response has (RFC 9110 §14.4).
 *
 * @param from the first of them
 * @param to the byte after the last one
 * @param complete how many bytes the whole content has
 */
public record ContentRange(long from, long to, long complete) {
    private static final Pattern BYTES = Pattern.compile("(?i)bytes\\s+(\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

    /**
     * What a 206 says of its content; nothing if that has several parts, if nobody knows how long the whole is, or if the
     * response contradicts itself.
     */
    public static Optional<ContentRange> of(int status, Headers fields) {
        List<String> lines = fields.all("content-range");
        if (status != 206 || lines.size() != 1) {
            return Optional.empty();
        }
        Matcher matcher = BYTES.matcher(lines.getFirst().strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        ContentRange range = new ContentRange(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)) + 1,
                Long.parseLong(matcher.group(3)));
        boolean isLength = fields.all("content-length").stream()
                .allMatch(length -> length.strip().equals(Long.toString(range.length())));
        return Optional.of(range).filter(r -> isLength && r.from < r.to && r.to <= r.complete);
    }

    /** How many bytes there are of it. */
    public long length() {
        return to - from;
    }

    /** Its beginning, of so many bytes. */
    public ContentRange shortenedTo(long bytes) {
        return new ContentRange(from, from + bytes, complete);
    }

    /** The value of the field. */
    @Override
    public String toString() {
        return "bytes " + from + "-" + (to - 1) + "/" + complete;
    }
}
