package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An attacker asks first, with what is not in the key; whoever asks next must not notice. */
class PoisoningTest {
    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        origin.handler = exchange -> {
            String all = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().entrySet() + " "
                    + new String(exchange.getRequestBody().readAllBytes());
            TestOrigin.answer(exchange, 200, all, "Cache-Control: max-age=60");
        };
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "1")
                .origin("/...", true, "", origin.url())
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    private String raw(String request) throws IOException {
        try (RawClient client = node.raw()) {
            return client.send(request).response();
        }
    }

    private String get(String path, String... fields) throws IOException {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return raw("GET " + path + " HTTP/1.1\r\nHost: shop.example\r\n" + more + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host: evil.example",
                "X-Forwarded-Proto: evil.example",
                "X-Forwarded-Port: evil.example",
                "X-Forwarded-For: evil.example",
                "X-Real-IP: evil.example",
                "Forwarded: host=evil.example",
                "Via: 1.1 evil.example",
                "X-Request-Id: evil.example"
            })
    void whatTheGatewaySaysItselfCannotBeSaidByAClient(String field) throws Exception {
        assertFalse(get("/a", field).contains("X-forwarded-host=[evil"), "the origin is not told");
        String victim = get("/a");
        assertTrue(victim.contains("Cache-Status: Selvage; hit"), victim);
        assertFalse(
                field.startsWith("Via") ? victim.contains("\r\nVia: 1.1 evil") : victim.contains("evil.example"),
                victim);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-HTTP-Method-Override: DELETE",
                "X-HTTP-Method: DELETE",
                "X-Method-Override: DELETE",
                "X-Original-URL: /evil.example",
                "X-Rewrite-URL: /evil.example",
                "Content-Length: 0\r\nX-Original-URL: /evil.example"
            })
    void aRequestThatPosesAsAnotherIsNotStored(String field) throws Exception {
        assertTrue(get("/a", field).contains("fwd=bypass"));
        String victim = get("/a");
        assertTrue(victim.contains("fwd=uri-miss"), victim);
    }

    @Test
    void aGetWithContentIsNotStored() throws Exception {
        assertTrue(get("/a", "Content-Length: 4\r\n\r\nevil").contains("fwd=bypass"));
        String victim = get("/a");
        assertTrue(victim.contains("fwd=uri-miss") && !victim.contains("evil"), victim);
    }

    @Test
    void theKeyIsThePathThatTheOriginGets() throws Exception {
        get("/a/b");
        assertTrue(get("/a/%62").contains("; hit"), "an encoding that means nothing is no other path");
        String slash = get("/a%2Fb");
        assertTrue(slash.contains("fwd=uri-miss") && slash.contains("GET /a%2Fb "), slash);
        String climbing = get("/a/../a/b");
        assertTrue(climbing.contains("; hit") || climbing.startsWith("HTTP/1.1 400"), climbing);
        assertTrue(get("/a/..%2f..%2fetc").startsWith("HTTP/1.1 400"));
        assertTrue(get("/a/b?").contains("GET /a/b "), "an empty query is none");
        assertFalse(get("/A/b").contains("; hit"));
        assertFalse(get("/a/b/").contains("; hit"));
        assertFalse(get("/a/b;x=y").contains("; hit"));
    }

    @Test
    void whatIsStoredOfOneUrlIsNotForAnotherThatIsRewrittenToTheSamePath() throws Exception {
        node.close();
        try (TestOrigin other = new TestOrigin()) {
            other.handler = exchange -> TestOrigin.answer(exchange, 200, "public", "Cache-Control: max-age=60");
            node = new TestNode(folder)
                    .more("""
                            [[origin]]
                            name = "one"
                            urls = ["%s"]
                            [[origin]]
                            name = "two"
                            urls = ["%s"]
                            [[route]]
                            path = "/guarded/..."
                            origin = "one"
                            cache = true
                            rewrite = { strip_prefix = "/guarded" }
                            [[route]]
                            path = "/public/..."
                            origin = "two"
                            cache = true
                            rewrite = { strip_prefix = "/public" }
                            [[route]]
                            path = "/by/field"
                            origin = "one"
                            cache = true
                            rewrite = "/field/{header.X-A}"
                            """.formatted(origin.url(), other.url()))
                    .start();
            assertTrue(get("/guarded/pay").contains("GET /pay "));
            String open = get("/public/pay");
            assertTrue(open.endsWith("public") && open.contains("fwd=uri-miss"), open);
            assertTrue(get("/guarded/pay").contains("; hit"));
            assertTrue(get("/by/field", "X-A: 1").contains("GET /field/1 "));
            assertTrue(get("/by/field", "X-A: 2").contains("GET /field/2 "));
            URI url = URI.create(node.gateway().adminAddress().url() + "/cache?url=http://shop.example/guarded/pay");
            String purged = node.client(HttpClient.Version.HTTP_1_1)
                    .send(HttpRequest.newBuilder(url).DELETE().build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            assertTrue(purged.contains("\"url\":\"shop.example/guarded/pay\""), purged);
            assertTrue(get("/guarded/pay").contains("fwd=uri-miss"));
            assertTrue(get("/public/pay").contains("; hit"));
        }
    }

    @Test
    void theHostIsInTheKeyWithItsPort() throws Exception {
        get("/a");
        assertFalse(raw("GET /a HTTP/1.1\r\nHost: shop.example:81\r\n\r\n").contains("; hit"));
        assertFalse(raw("GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n").contains("; hit"));
        assertTrue(raw("GET /a HTTP/1.1\r\nHost: SHOP.example\r\n\r\n").contains("; hit"));
        String absolute = raw("GET http://shop.example/a HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        assertTrue(absolute.contains("; hit") && !absolute.contains("evil"), absolute);
    }

    @Test
    void aHeadAndAPartLeaveNothingBehindThatPassesForTheWhole() throws Exception {
        raw("HEAD /a HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        assertTrue(get("/a").contains("GET /a "));
        origin.handler = exchange ->
                TestOrigin.answer(exchange, 206, "par", "Cache-Control: max-age=60", "Content-Range: bytes 0-2/100");
        assertTrue(get("/b", "Range: bytes=0-2").startsWith("HTTP/1.1 206"));
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "whole", "Cache-Control: max-age=60");
        assertTrue(get("/b").endsWith("whole"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"416 Range: bytes=99-", "412 If-Match: \"other\"", "417 Range: bytes=0-1"})
    void anErrorThatOneRequestHasEarnedIsNotForOthers(String what) throws Exception {
        int status = Integer.parseInt(what.substring(0, 3));
        origin.handler = exchange -> TestOrigin.answer(exchange, status, "no", "Cache-Control: public, max-age=60");
        assertTrue(get("/a", what.substring(4)).startsWith("HTTP/1.1 " + status));
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "whole", "Cache-Control: max-age=60");
        assertTrue(get("/a").endsWith("whole"));
    }

    @Test
    void lineBreaksInATargetStayEncoded() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                302,
                "",
                "Location: /to?" + exchange.getRequestURI().getRawQuery(),
                "Cache-Control: max-age=60");
        for (int i = 0; i < 2; i++) {
            String answer = get("/a?x=%0d%0aSet-Cookie:%20evil=1");
            assertTrue(answer.startsWith("HTTP/1.1 302") && !answer.contains("\r\nSet-Cookie"), answer);
        }
    }

    @Test
    void aVaryWithThousandsOfNamesAndAsManyVariantsAreSurvived() throws Exception {
        String vary = "x-0";
        StringBuilder names = new StringBuilder(vary);
        for (int i = 1; i < 2000; i++) {
            names.append(", x-").append(i);
        }
        origin.handler =
                exchange -> TestOrigin.answer(exchange, 200, "many", "Cache-Control: max-age=60", "Vary: " + names);
        for (int i = 0; i < 100; i++) {
            assertTrue(get("/many", "X-7: " + i).contains("fwd="));
        }
        HttpResponse<String> told = node.admin("/cache");
        assertTrue(told.body().contains("\"urls\":1,"), told.body());
        assertTrue(get("/many", "X-7: 99").contains("; hit"));
        assertTrue(get("/many", "X-7: 0").contains("fwd=vary-miss"), "the oldest have made place");
    }

    @Test
    void twoLengthsOrALieAboutOneAreNotStored() throws Exception {
        origin.handler = exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write("short".getBytes());
            exchange.getResponseBody().flush();
        };
        try (RawClient client = node.raw()) {
            client.send("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n").rest();
        }
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "whole");
        assertTrue(get("/a").endsWith("whole"));
        assertEquals(List.of("shop.example"), origin.lastField("Host"));
    }
}
