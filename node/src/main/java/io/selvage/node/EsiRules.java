package io.selvage.node;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How the pages of a route are put together from includes (ESI), and what one page may take. Immutable.
 *
 * @param types the media types of responses that are pages, in small letters, {@code text/*} for all of a kind
 * @param cookies the cookies that pages may put in and test
 * @param depth how deeply pages may include pages
 * @param includes how many URLs one page may include, with those of its includes
 * @param size how many bytes one page may have, with its includes
 * @param time how long the includes of one page may take
 */
public record EsiRules(List<String> types, List<String> cookies, int depth, int includes, long size, Duration time) {
    /** What {@code esi = true} means. */
    public static final EsiRules DEFAULT = new EsiRules(
            List.of("text/html", "application/xhtml+xml", "text/xml", "application/xml"),
            List.of(),
            5,
            64,
            16 << 20,
            Duration.ofSeconds(10));

    /** Whether a response with these fields is a page, if it has a content. */
    public boolean isPage(Headers fields) {
        String type = fields.first("content-type")
                .map(t -> t.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .orElse("");
        return types.stream()
                .anyMatch(t -> t.endsWith("/*") ? type.startsWith(t.substring(0, t.length() - 1)) : t.equals(type));
    }
}
