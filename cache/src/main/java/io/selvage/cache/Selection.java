package io.selvage.cache;

import io.selvage.node.Headers;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What of a whole response a request gets after its conditions and its range (RFC 9110 §13, §14). Immutable.
 *
 * @param status 200 or whatever is stored, 206, 304 or 416
 * @param from the first byte of the content that is sent
 * @param to the byte after the last one that is sent
 * @param contentRange the value of {@code Content-Range} for 206 and 416
 */
public record Selection(int status, long from, long to, Optional<String> contentRange) {
    /** Decides for a response of which all is known; {@code length} bytes. */
    public static Selection of(CacheRequest request, CachedResponse response) {
        return of(request, response.status(), response.fields(), response.date(), response.length());
    }

    /**
     * Decides for a response with these fields.
     *
     * @param date when it was generated, seconds since 1970
     * @param length the content's bytes, or -1 if they are still coming and their number is not known
     */
    public static Selection of(CacheRequest request, int status, Headers fields, long date, long length) {
        if (status == 200 && isConditional(request) && isNotModified(request.fields(), fields, date)) {
            return new Selection(304, 0, 0, Optional.empty());
        }
        if (request.isRange() && status == 200 && length >= 0 && rangeHolds(request.fields(), fields)) {
            return range(request.fields().all("range"), status, length);
        }
        return new Selection(status, 0, length, Optional.empty());
    }

    /** Whether it is the response as it is stored. */
    public boolean isWhole() {
        return status != 304 && status != 206 && status != 416;
    }

    private static boolean isConditional(CacheRequest request) {
        return request.isRead()
                && (request.fields().contains("if-none-match")
                        || request.fields().contains("if-modified-since"));
    }

    /** {@code If-None-Match} by weak comparison, and {@code If-Modified-Since} only without it (RFC 9110 §13.2.2). */
    private static boolean isNotModified(Headers request, Headers response, long date) {
        List<String> tags = request.all("if-none-match");
        if (!tags.isEmpty()) {
            Optional<String> stored = response.first("etag").map(Selection::opaque);
            return tags.stream()
                    .flatMap(line -> CacheControl.split(line, ',').stream())
                    .anyMatch(tag -> tag.equals("*")
                            || stored.filter(s -> s.equals(opaque(tag))).isPresent());
        }
        OptionalLong since =
                request.first("if-modified-since").map(HttpDate::parse).orElse(OptionalLong.empty());
        if (since.isEmpty()) {
            return false;
        }
        long modified = response.first("last-modified")
                .map(HttpDate::parse)
                .orElse(OptionalLong.empty())
                .orElse(date);
        return modified <= since.getAsLong();
    }

    private static String opaque(String tag) {
        String text = tag.strip();
        return text.startsWith("W/") ? text.substring(2) : text;
    }

    /** {@code If-Range} by strong comparison, or an exact date (RFC 9110 §13.1.5). */
    private static boolean rangeHolds(Headers request, Headers response) {
        Optional<String> condition = request.first("if-range").map(String::strip);
        if (condition.isEmpty()) {
            return true;
        }
        String wanted = condition.get();
        if (wanted.startsWith("\"")) {
            return response.first("etag")
                    .map(String::strip)
                    .filter(wanted::equals)
                    .isPresent();
        }
        return response.first("last-modified")
                .map(String::strip)
                .filter(wanted::equals)
                .isPresent();
    }

    /** One range is served; several, or one that is malformed, are ignored, which §14.2 allows. */
    private static Selection range(List<String> lines, int status, long length) {
        Selection whole = new Selection(status, 0, length, Optional.empty());
        if (lines.size() != 1
                || !lines.getFirst().strip().matches("(?i)bytes\\s*=\\s*(\\d{1,18}-(\\d{1,18})?|-\\d{1,18})")) {
            return whole;
        }
        String[] ends = lines.getFirst()
                .substring(lines.getFirst().indexOf('=') + 1)
                .strip()
                .split("-", -1);
        long from = ends[0].isEmpty() ? Math.max(0, length - Long.parseLong(ends[1])) : Long.parseLong(ends[0]);
        long to = ends[0].isEmpty() || ends[1].isEmpty() ? length : Math.min(length, Long.parseLong(ends[1]) + 1);
        if (!ends[0].isEmpty() && !ends[1].isEmpty() && Long.parseLong(ends[1]) < from) {
            return whole;
        }
        return from >= to
                ? new Selection(416, 0, 0, Optional.of("bytes */" + length))
                : new Selection(206, from, to, Optional.of("bytes " + from + "-" + (to - 1) + "/" + length));
    }
}
