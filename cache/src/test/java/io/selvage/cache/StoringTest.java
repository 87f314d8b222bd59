package io.selvage.cache;

import static io.selvage.cache.Given.get;
import static io.selvage.cache.Given.mayStore;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoringTest {
    @ParameterizedTest
    @ValueSource(ints = {200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599})
    void anExplicitLifetimeMakesAnyFinalStatusStorable(int status) {
        assertTrue(mayStore(get(), status, "Cache-Control: max-age=60"));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 103, 206, 304, 412, 416, 417})
    void whatIsInterimOrOfOneRequestAloneIsNotStored(int status) {
        assertFalse(mayStore(get(), status, "Cache-Control: max-age=60"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Cache-Control: no-store, max-age=60",
                "Cache-Control: max-age=60, NO-STORE",
                "Cache-Control: private, max-age=60",
                "CDN-Cache-Control: no-store",
                "Vary: *",
                "Vary: a, *"
            })
    void whatForbidsStoringIsHeeded(String line) {
        assertFalse(mayStore(get(), 200, line, "Expires: Fri, 01 Jan 2027 00:00:00 GMT", "ETag: \"1\""));
    }

    @Test
    void aRequestCanForbidStoring() {
        assertFalse(mayStore(get("Cache-Control: no-store"), 200, "Cache-Control: max-age=60"));
    }

    @Test
    void mustUnderstandOverridesNoStoreForAStatusThatIsUnderstood() {
        assertTrue(mayStore(get(), 200, "Cache-Control: no-store, must-understand, max-age=60"));
        assertFalse(mayStore(get(), 599, "Cache-Control: no-store, must-understand, max-age=60"));
        assertFalse(mayStore(get(), 599, "Cache-Control: must-understand, max-age=60"));
    }

    @Test
    void aResponseToCredentialsIsStoredOnlyIfTheOriginSaysSo() {
        CacheRequest request = get("Authorization: Basic eA==");
        assertFalse(mayStore(request, 200, "Cache-Control: max-age=60"));
        assertTrue(mayStore(request, 200, "Cache-Control: max-age=60, public"));
        assertTrue(mayStore(request, 200, "Cache-Control: max-age=60, must-revalidate"));
        assertTrue(mayStore(request, 200, "Cache-Control: s-maxage=60"));
    }

    @Test
    void fieldsOfAConnectionAndThoseThatAreNamedPrivateAreLeftOut() {
        Headers stored = Given.response(
                        "Cache-Control: max-age=60, private=\"X-User\", no-cache=\"Set-Cookie\"",
                        "Connection: X-Hop",
                        "X-Hop: 1",
                        "Keep-Alive: 5",
                        "Transfer-Encoding: chunked",
                        "Proxy-Authenticate: Basic",
                        "X-User: me",
                        "Set-Cookie: a=b",
                        "X-Kept: 1")
                .fields();
        assertEquals("Cache-Control X-Kept", names(stored));
    }

    @Test
    void a304ReplacesTheFieldsThatItHasButNotThoseOfTheContent() {
        CachedResponse old = Given.response(
                "Content-Length: 10", "Content-Type: text/plain", "X: old", "Y: old", "Cache-Control: max-age=1");
        Headers fresh = old.freshenedBy(
                        Given.fields("Content-Length: 0", "Content-Type: no/no", "X: new", "Cache-Control: max-age=9"),
                        new CachedResponse.Arrival(Given.NOW + 5_000, Given.NOW / 1000 + 5, 0))
                .fields();
        assertEquals("10", fresh.first("content-length").orElseThrow());
        assertEquals("text/plain", fresh.first("content-type").orElseThrow());
        assertEquals("new", fresh.first("x").orElseThrow());
        assertEquals("old", fresh.first("y").orElseThrow());
        assertEquals("max-age=9", fresh.first("cache-control").orElseThrow());
    }

    @Test
    void aRequestThatPosesAsAnotherIsNotAnsweredFromTheCache() {
        assertFalse(get("X-HTTP-Method-Override: DELETE").isCacheable());
        assertFalse(get("X-Original-URL: /admin").isCacheable());
        assertTrue(get().isCacheable());
    }

    private static String names(Headers fields) {
        StringBuilder names = new StringBuilder();
        fields.forEach((name, _) -> names.append(name).append(' '));
        return names.toString().strip();
    }
}
