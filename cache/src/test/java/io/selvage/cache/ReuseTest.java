package io.selvage.cache;

import static io.selvage.cache.Given.NOW;
import static io.selvage.cache.Given.get;
import static io.selvage.cache.Given.response;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Headers;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReuseTest {
    private static Reuse decide(CacheRequest request, CachedResponse stored, long seconds) {
        return Reuse.decide(request, Optional.of(stored), NOW + 1000 * seconds);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x|max-age=10|5|Fresh",
                "x|max-age=10|10|Validate",
                "x|max-age=10, no-cache|0|Validate",
                "x|max-age=10, no-cache=\"x\"|0|Fresh",
                "no-cache|max-age=10|0|Validate",
                "max-age=0|max-age=10|0|Validate",
                "max-age=4|max-age=10|5|Validate",
                "max-age=0|max-age=10, immutable|0|Fresh",
                "no-cache|max-age=10, immutable|0|Validate",
                "min-fresh=5|max-age=10|5|Fresh",
                "min-fresh=6|max-age=10|5|Validate",
                "max-stale|max-age=10|500|Stale",
                "max-stale=5|max-age=10|15|Stale",
                "max-stale=5|max-age=10|16|Validate",
                "max-stale|max-age=10, must-revalidate|15|Validate",
                "max-stale|max-age=10, proxy-revalidate|15|Validate",
                "max-stale|s-maxage=10|15|Validate",
                "x|max-age=10, stale-while-revalidate=5|14|StaleWhileRevalidate",
                "x|max-age=10, stale-while-revalidate=5|15|Validate",
                "x|max-age=10, stale-while-revalidate=5, must-revalidate|12|Validate",
                "only-if-cached|max-age=10|5|Fresh",
                "only-if-cached|max-age=10|15|Unsatisfiable"
            })
    void theDirectivesOfBothSidesDecide(String request, String response, long age, String decision) {
        Reuse reuse = decide(get("Cache-Control: " + request), response("Cache-Control: " + response), age);
        assertEquals(decision, reuse.getClass().getSimpleName());
    }

    @Test
    void pragmaCountsOnlyWithoutCacheControl() {
        CachedResponse stored = response("Cache-Control: max-age=10");
        assertInstanceOf(Reuse.Validate.class, decide(get("Pragma: no-cache"), stored, 0));
        assertInstanceOf(Reuse.Fresh.class, decide(get("Pragma: no-cache", "Cache-Control: x"), stored, 0));
    }

    @Test
    void withoutAStoredResponseTheOriginIsAskedUnlessTheClientForbidsIt() {
        assertInstanceOf(Reuse.Miss.class, Reuse.decide(get(), Optional.empty(), NOW));
        assertInstanceOf(
                Reuse.Unsatisfiable.class, Reuse.decide(get("Cache-Control: only-if-cached"), Optional.empty(), NOW));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=1|true|true",
                "max-age=1|false|false",
                "max-age=1, stale-if-error=60|false|true",
                "max-age=1, stale-if-error=5|true|false",
                "max-age=1, must-revalidate, stale-if-error=60|true|false",
                "max-age=11, must-revalidate|true|false",
                "max-age=11, stale-if-error=0|true|false",
                "max-age=11, stale-if-error=1|false|true",
                "max-age=1, proxy-revalidate|true|false",
                "s-maxage=1|true|false",
                "no-cache|true|false"
            })
    void aStaleResponseStandsInForAnOriginThatFails(String control, boolean disconnected, boolean stands) {
        CachedResponse stored = response("Cache-Control: " + control);
        assertEquals(stands, Reuse.mayReplaceFailure(get(), stored, disconnected, NOW + 11_000));
    }

    @Test
    void aValidationCarriesTheStoredValidatorsInPlaceOfTheClients() {
        CachedResponse stored = response("ETag: \"1\"", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT");
        Headers sent = Reuse.validating(
                Given.fields("If-None-Match: \"9\"", "If-Range: \"9\"", "Range: bytes=0-1", "Accept: a"), stored);
        assertEquals("\"1\"", String.join(",", sent.all("if-none-match")));
        assertEquals(
                "Thu, 01 Jan 2026 00:00:00 GMT", sent.first("if-modified-since").orElseThrow());
        assertEquals("a", sent.first("accept").orElseThrow());
        assertFalse(sent.contains("range") || sent.contains("if-range"));
    }

    @Test
    void varySelectsByTheNamedFieldsNormalised() {
        CachedResponse stored =
                response(Given.fields("Accept-Encoding: gzip, br", "X: a , b"), "Vary: accept-encoding, X", "Vary: Y");
        assertTrue(stored.variant().matches(Given.fields("Accept-Encoding: BR,gzip", "X: a,b")));
        assertTrue(stored.variant().matches(Given.fields("Accept-Encoding: br", "Accept-Encoding: gzip", "X: a, b")));
        assertFalse(stored.variant().matches(Given.fields("Accept-Encoding: br, gzip", "X: b,a")));
        assertFalse(stored.variant().matches(Given.fields("Accept-Encoding: br, gzip", "X: a,b", "Y: 1")));
        assertFalse(stored.variant().matches(new Headers()));
    }
}
