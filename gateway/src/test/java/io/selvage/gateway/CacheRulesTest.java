package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheRulesTest {
    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        origin.close();
    }

    /** An origin that tells what it was asked for and how often, behind a cache with these rules. */
    private void serve(String cache, String... fields) throws IOException {
        AtomicInteger number = new AtomicInteger();
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getOrDefault("Cookie", List.of()) + " "
                        + exchange.getRequestHeaders().getOrDefault("Accept-Language", List.of()) + " "
                        + number.incrementAndGet(),
                fields);
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "1")
                .origin("/...", cache, "", origin.url())
                .start();
    }

    private HttpResponse<String> get(String path, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.uri(path));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return node.client(HttpClient.Version.HTTP_1_1).send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static boolean isHit(HttpResponse<?> response) {
        return response.headers().firstValue("cache-status").orElse("").contains("; hit");
    }

    private static String field(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void whatADeviceGetsIsStoredForItsKindAlone() throws Exception {
        serve("{ device = true }\ndevice = true", "Cache-Control: max-age=60");
        String phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
        String other = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
        String desktop = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        HttpResponse<String> first = get("/a", "User-Agent", phone);
        assertFalse(isHit(first));
        assertFalse(isHit(get("/a", "User-Agent", desktop, "Selvage-Device", "mobile")));
        HttpResponse<String> second = get("/a", "User-Agent", other);
        assertTrue(isHit(second));
        assertEquals(first.body(), second.body());
        assertTrue(isHit(get("/a", "User-Agent", desktop)));
        assertEquals(2, origin.requests.get());
    }

    @Test
    void onlyTheParametersThatCountAreInTheKeyAndReachTheOrigin() throws Exception {
        serve("{ query = [\"page\", \"f_*\"], sort_query = true }", "Cache-Control: max-age=60");
        assertEquals(
                "/a?f_x=1&page=2 [] [] 1",
                get("/a?page=2&utm_source=evil&f_x=1").body());
        assertTrue(isHit(get("/a?f_x=1&page=2")));
        assertTrue(isHit(get("/a?%70age=2&f_x=1&q=3".replace("%70", "p"))));
        assertFalse(isHit(get("/a?page=3")));
        assertEquals("/b [] [] 3", get("/b?utm_source=1").body());
        assertTrue(isHit(get("/b")));
    }

    @Test
    void parametersCanBeLeftOutByName() throws Exception {
        serve("{ query_except = [\"utm_*\", \"fbclid\"] }", "Cache-Control: max-age=60");
        assertEquals("/a?z=1&b=2 [] [] 1", get("/a?utm_a=1&z=1&fbclid=2&b=2").body());
        assertTrue(isHit(get("/a?z=1&b=2&utm_b=7")));
        assertTrue(isHit(get("/a?z=1&b=2&%75tm_b=7")), "however it is written");
        assertFalse(isHit(get("/a?b=2&z=1")), "the order counts");
    }

    @Test
    void fieldsAndCookiesCanBeInTheKeyAndOtherCookiesStayBehind() throws Exception {
        serve("{ headers = [\"X-Theme\"], cookies = [\"currency\"] }", "Cache-Control: max-age=60");
        assertEquals(
                "/a [currency=eur] [] 1",
                get("/a", "Cookie", "session=secret; currency=eur; x=y").body());
        assertTrue(isHit(get("/a", "Cookie", "currency=eur; session=another")));
        assertFalse(isHit(get("/a", "Cookie", "currency=usd")));
        assertFalse(isHit(get("/a", "Cookie", "currency=eur", "X-Theme", "dark")));
        assertEquals(3, origin.requests.get());
        HttpRequest post = HttpRequest.newBuilder(node.uri("/a"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        node.client(HttpClient.Version.HTTP_1_1).send(post, HttpResponse.BodyHandlers.ofString());
        assertFalse(isHit(get("/a", "Cookie", "currency=eur")), "a change lets go of all parts of a URL");
        assertFalse(isHit(get("/a", "Cookie", "currency=usd")));
    }

    @Test
    void theLanguageIsTheBestOfThoseThatTheSiteHas() throws Exception {
        serve("{ languages = [\"en\", \"de-CH\", \"fr\"] }", "Cache-Control: max-age=60", "Vary: Accept-Language");
        assertEquals(
                "/a [] [fr] 1",
                get("/a", "Accept-Language", "it, en;q=0.3, fr-CA;q=0.8, *;q=0.1")
                        .body());
        assertTrue(isHit(get("/a", "Accept-Language", "fr")));
        assertEquals(
                "/a [] [de-CH] 2",
                get("/a", "Accept-Language", "de;q=0.9, en;q=0.1").body());
        assertEquals("/a [] [en] 3", get("/a", "Accept-Language", "xx").body());
        assertTrue(isHit(get("/a")));
    }

    @Test
    void theEdgeAndTheBrowserHaveLifetimesOfTheirOwn() throws Exception {
        serve("{ edge = \"1h\", browser = \"60s\" }", "Cache-Control: max-age=1, public", "Expires: 0", "Age: 100");
        HttpResponse<String> miss = get("/a");
        assertEquals("public, max-age=160", field(miss, "cache-control"), "a minute from now, whatever its age");
        assertEquals("", field(miss, "expires"));
        HttpResponse<String> hit = get("/a");
        assertTrue(isHit(hit));
        assertTrue(field(hit, "cache-status").matches("Selvage; hit; ttl=3[45]\\d\\d"), field(hit, "cache-status"));
    }

    @Test
    void whatIsPrivateOrSetsACookieIsNotMadePublicByARule() throws Exception {
        serve("{ edge = \"1h\", default = \"1h\", browser = \"1m\" }", "Set-Cookie: id=1");
        get("/a");
        assertFalse(isHit(get("/a")));
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "mine", "Cache-Control: private");
        assertEquals("private", field(get("/b"), "cache-control"));
        assertFalse(isHit(get("/b")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Cache-Control: stale-while-revalidate=60, stale-if-error=60",
                "ETag: \"a\"",
                "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
                "Cache-Control: public"
            })
    void whatSetsACookieIsSharedByALifetimeOfItsOriginAlone(String said) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        serve("{ default = \"1m\", stale_while_revalidate = \"1m\", stale_if_error = \"1m\" }");
        origin.handler = exchange -> {
            String cookie = "Set-Cookie: id=" + asked.incrementAndGet();
            boolean isValidation = exchange.getRequestHeaders().containsKey("If-None-Match");
            if (said.isEmpty()) {
                TestOrigin.answer(exchange, isValidation ? 304 : 200, "mine", cookie);
            } else {
                TestOrigin.answer(exchange, isValidation ? 304 : 200, "mine", cookie, said);
            }
        };
        assertEquals("id=1", field(get("/a"), "set-cookie"));
        assertEquals("id=2", field(get("/a"), "set-cookie"));
        origin.handler = exchange -> TestOrigin.answer(exchange, 503, "down");
        assertEquals(503, get("/a").statusCode());
    }

    @Test
    void aCookieThatComesWithAValidationIsItsClientsAlone() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        serve("true");
        origin.handler = exchange -> {
            if (exchange.getRequestHeaders().containsKey("If-None-Match")) {
                TestOrigin.answer(exchange, 304, "", "ETag: \"a\"", "Set-Cookie: id=" + asked.incrementAndGet());
            } else {
                TestOrigin.answer(exchange, 200, "all", "ETag: \"a\"");
            }
        };
        assertEquals("", field(get("/a"), "set-cookie"));
        assertEquals("id=1", field(get("/a"), "set-cookie"));
        assertEquals("", field(get("/a"), "set-cookie"));
        assertEquals("id=2", field(get("/a"), "set-cookie"));
    }

    @Test
    void lifetimesGoByStatusAndTypeAndErrorsAreKeptForAMoment() throws Exception {
        serve("{ default = \"10m\", negative = \"5s\", ttl = [{ status = [\"5xx\"], default = \"1s\" }, "
                + "{ type = [\"image/*\"], edge = \"1d\" }] }");
        record Case(int status, String type, String ttl) {}
        for (Case c : List.of(
                new Case(200, "text/html", "(600|599)"),
                new Case(200, "image/png; q=1", "86(400|399)"),
                new Case(404, "text/html", "[45]"),
                new Case(503, "text/html", "[01]"))) {
            origin.handler = exchange -> TestOrigin.answer(exchange, c.status, "x", "Content-Type: " + c.type);
            String path = "/" + c.hashCode();
            get(path);
            HttpResponse<String> second = get(path);
            assertEquals(c.status, second.statusCode());
            assertTrue(
                    field(second, "cache-status").matches("Selvage; hit; ttl=" + c.ttl), field(second, "cache-status"));
        }
    }

    @Test
    void aFieldOfTheSitesOwnIsHeardFirst() throws Exception {
        serve(
                "{ targeted = [\"Acme-Cache-Control\"] }",
                "Acme-Cache-Control: max-age=77",
                "CDN-Cache-Control: no-store");
        get("/a");
        assertTrue(field(get("/a"), "cache-status").matches("Selvage; hit; ttl=7[67]"));
    }

    @Test
    void a304OfAnotherVersionIsNotTakenForTheStoredOne() throws Exception {
        serve("true");
        origin.handler = exchange ->
                TestOrigin.answer(exchange, 200, "old", "ETag: \"1\"", "Cache-Control: max-age=0, must-revalidate");
        assertEquals("old", get("/a").body());
        origin.handler = exchange -> {
            boolean conditional = exchange.getRequestHeaders().containsKey("If-None-Match");
            TestOrigin.answer(exchange, conditional ? 304 : 200, "new", "ETag: \"2\"", "Cache-Control: max-age=60");
        };
        assertEquals("new", get("/a").body());
        assertTrue(isHit(get("/a")));
    }
}
