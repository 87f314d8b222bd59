package io.selvage.cache;

import static io.selvage.cache.Given.NOW;
import static io.selvage.cache.Given.lifetime;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreshnessTest {
    private static final String DATE = "Date: Thu, 01 Jan 2026 00:00:00 GMT";

    @Test
    void aSharedCacheTakesSMaxageThenMaxAgeThenExpires() {
        String expires = "Expires: Thu, 01 Jan 2026 00:00:30 GMT";
        assertEquals(10, lifetime(200, DATE, expires, "Cache-Control: max-age=20, s-maxage=10"));
        assertEquals(20, lifetime(200, DATE, expires, "Cache-Control: max-age=20"));
        assertEquals(30, lifetime(200, DATE, expires));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60|60", "MAX-AGE=60|60", "max-age=\"60\"|60", "max-age=0060|60", "max-age=60, max-age=5|5",
                "max-age=-1|0", "max-age='60'|0", "max-age=6x|0", "max-age=|0", "max-age|0",
                "x=\"max-age=9, y\", max-age=1|1", "max-age=99999999999999999999|2147483648"
            })
    void maxAgeIsReadToTheLetterAndMalformedMeansStale(String control, long seconds) {
        assertEquals(seconds, lifetime(200, DATE, "Cache-Control: " + control));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "Thu, 01 Jan 2026 01:00:00 UTC",
                "Thu, 01 Jan 26 01:00:00 GMT",
                "Thu 01 Jan 2026 01:00:00 GMT",
                "Thu,  01 Jan 2026 01:00:00 GMT",
                "Thu, 01-Jan-2026 01:00:00 GMT",
                "Thu, 01 Jan 2026 1:00:00 GMT",
                "Thu, 32 Jan 2026 01:00:00 GMT"
            })
    void anExpiresThatIsNoDateMeansStale(String expires) {
        assertEquals(0, lifetime(200, DATE, "Expires: " + expires));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Thu, 01 Jan 2026 01:00:00 GMT",
                "thu, 01 jan 2026 01:00:00 gmt",
                "Thursday, 01-Jan-26 01:00:00 GMT",
                "Thu Jan  1 01:00:00 2026"
            })
    void allThreeFormsOfADateAreRead(String expires) {
        assertEquals(3600, lifetime(200, DATE, "Expires: " + expires));
    }

    @Test
    void aTimeIsGuessedFromTheLastChangeOnlyWhereTheStatusAllowsIt() {
        String modified = "Last-Modified: Wed, 31 Dec 2025 14:00:00 GMT";
        assertEquals(3600, lifetime(200, DATE, modified));
        assertEquals(3600, lifetime(404, DATE, modified));
        assertEquals(0, lifetime(403, DATE, modified));
        assertEquals(3600, lifetime(403, DATE, modified, "Cache-Control: public"));
        assertEquals(0, lifetime(200, DATE, modified, "Set-Cookie: a=b"));
        assertEquals(24 * 3600, lifetime(200, DATE, "Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT"));
    }

    @Test
    void aTargetedFieldTakesTheWholePlaceOfCacheControlAndExpires() {
        assertEquals(60, lifetime(200, DATE, "Cache-Control: no-store, max-age=1", "CDN-Cache-Control: max-age=60"));
        assertEquals(5, lifetime(200, "CDN-Cache-Control: max-age=60", "Selvage-Cache-Control: max-age=5"));
        assertEquals(7, lifetime(200, "Cache-Control: max-age=1", "Surrogate-Control: max-age=7+30"));
        assertEquals(1, lifetime(200, "Cache-Control: max-age=1", "CDN-Cache-Control: max-age=\"60\""));
        assertEquals(1, lifetime(200, "Cache-Control: max-age=1", "CDN-Cache-Control: max-age=&"));
    }

    @Test
    void theAgeCountsWhatCachesBeforeAndTheWayHaveTaken() {
        assertEquals(30, Given.response(DATE, "Age: 30").age(NOW));
        assertEquals(33, Given.response(DATE, "Age: 30").age(NOW + 3_000));
        assertEquals(
                60,
                Given.response("Date: Wed, 31 Dec 2025 23:59:00 GMT", "Age: 30").age(NOW));
        assertEquals(0, Given.response(DATE, "Age: -1").age(NOW));
        assertEquals(0, Given.response(DATE, "Age: old").age(NOW));
        assertEquals(5, Given.response(DATE, "Age: 5, 90").age(NOW));
    }

    @Test
    void aResponseIsFreshWhileItsLifetimeIsGreaterThanItsAge() {
        CachedResponse response = Given.response(DATE, "Cache-Control: max-age=10");
        assertTrue(response.isFresh(NOW + 9_999));
        assertFalse(response.isFresh(NOW + 10_000));
        assertFalse(response.asOutdated().isFresh(NOW));
    }
}
