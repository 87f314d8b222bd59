package io.selvage.cache;

import static io.selvage.cache.Given.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTest {
    private static final CachedResponse STORED =
            Given.response("ETag: W/\"2\"", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "If-None-Match: \"2\"|304",
                "If-None-Match: W/\"2\"|304",
                "If-None-Match: \"1\", \"2\"|304",
                "If-None-Match: *|304",
                "If-None-Match: \"1\"|200",
                "If-None-Match: \"a,2\"|200",
                "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT|304",
                "If-Modified-Since: Thursday, 01-Jan-26 00:00:00 GMT|304",
                "If-Modified-Since: Wed, 31 Dec 2025 00:00:00 GMT|200",
                "If-Modified-Since: soon|200"
            })
    void aConditionIsDecidedByTheValidators(String line, int status) {
        assertEquals(status, Selection.of(get(line), STORED).status());
    }

    @Test
    void entityTagsComeBeforeDates() {
        CacheRequest request = get("If-None-Match: \"1\"", "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT");
        assertEquals(200, Selection.of(request, STORED).status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-1|206|0|2|bytes 0-1/10",
                "bytes=8-|206|8|10|bytes 8-9/10",
                "bytes=8-99|206|8|10|bytes 8-9/10",
                "bytes=-3|206|7|10|bytes 7-9/10",
                "bytes=-99|206|0|10|bytes 0-9/10",
                "bytes=10-|416|0|0|bytes */10",
                "bytes=-0|416|0|0|bytes */10",
                "bytes=2-1|200|0|10|",
                "bytes=0-1,3-4|200|0|10|",
                "lines=0-1|200|0|10|",
                "bytes=99999999999999999999-|200|0|10|"
            })
    void aRangeIsCutOutOfTheWhole(String range, int status, long from, long to, String contentRange) {
        Selection selection = Selection.of(get("Range: " + range), STORED);
        assertEquals(status, selection.status());
        assertEquals(from, selection.from());
        assertEquals(to, selection.to());
        assertEquals(
                contentRange == null ? "" : contentRange,
                selection.contentRange().orElse(""));
    }

    @Test
    void ifRangeNeedsAStrongValidator() {
        CachedResponse strong = Given.response("ETag: \"2\"");
        assertEquals(
                206,
                Selection.of(get("Range: bytes=0-1", "If-Range: \"2\""), strong).status());
        assertEquals(
                200,
                Selection.of(get("Range: bytes=0-1", "If-Range: \"1\""), strong).status());
        assertEquals(
                200,
                Selection.of(get("Range: bytes=0-1", "If-Range: W/\"2\""), STORED)
                        .status());
        String date = "If-Range: Thu, 01 Jan 2026 00:00:00 GMT";
        assertEquals(206, Selection.of(get("Range: bytes=0-1", date), STORED).status());
    }
}
