package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of routes over real connections. */
class RulesTest {
    private static final String USERS = "basic = { users = { ada = \"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\" } }\n";
    private static final String ADA =
            "Basic " + Base64.getEncoder().encodeToString("ada:password".getBytes(StandardCharsets.UTF_8));

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

    /** An echo function at {@code /f/...} and an origin at every other path, with these lines in both routes. */
    private TestNode serve(String both, String more) throws Exception {
        node = new TestNode(folder)
                .function(
                        "f",
                        "\"/own\"",
                        "",
                        exchange -> TestNode.answer(
                                exchange, new String(exchange.requestBody().readAllBytes(), StandardCharsets.UTF_8)))
                .more("[[origin]]\nname = \"site\"\nurls = [\"" + origin.url() + "\"]\n")
                .more("[[route]]\npath = \"/f/...\"\nfunction = \"f\"\n" + both)
                .more("[[route]]\npath = \"/...\"\norigin = \"site\"\n" + both)
                .more(more)
                .start();
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                        + exchange.getRequestURI());
        return node;
    }

    private HttpResponse<String> send(HttpClient.Version version, HttpRequest.Builder request) throws Exception {
        return node.client(version).send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aBodyWaitsWhileAPasswordIsChecked(HttpClient.Version version) throws Exception {
        serve(USERS, "");
        String body = "x".repeat(300_000);
        for (String path : List.of("/f/", "/o")) {
            HttpResponse<String> response = send(
                    version,
                    HttpRequest.newBuilder(node.uri(path))
                            .header("Authorization", ADA)
                            .POST(HttpRequest.BodyPublishers.ofString(body)));
            assertEquals(200, response.statusCode(), path);
            assertTrue(response.body().startsWith(body), path);
            HttpResponse<String> refused = send(
                    version, HttpRequest.newBuilder(node.uri(path)).POST(HttpRequest.BodyPublishers.ofString("short")));
            assertEquals(401, refused.statusCode(), path);
            assertTrue(refused.headers().firstValue("www-authenticate").isPresent());
        }
    }

    @Test
    void noSecretIsLogged() throws Exception {
        serve(USERS, "");
        for (String secret : List.of(ADA, "Basic c2VjcmV0OnNlY3JldA==", "Bearer secret-token")) {
            send(
                    HttpClient.Version.HTTP_1_1,
                    HttpRequest.newBuilder(node.uri("/o?key=secret-query"))
                            .header("Authorization", secret)
                            .header("Cookie", "s=secret-cookie"));
        }
        TestNode.eventually("logged", () -> node.log().contains("\"status\":401"));
        for (String secret : List.of("secret", "c2VjcmV0", "password", ADA)) {
            assertFalse(node.log().contains(secret), secret);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin",
                "/%61dmin",
                "/./admin",
                "/x/../admin",
                "//admin",
                "/admin/",
                "/admin//x",
                "/%2e/admin",
                "/;a/admin",
                "/admin;x=1",
                "/x/%2e%2e/admin",
                "/admin%2fx",
                "///admin///",
                "/%2Fadmin",
                "/x/..%2fadmin",
                "/a%5c..%5cadmin"
            })
    void noSpellingOfAPathGoesAroundAGuard(String path) throws Exception {
        serve("", "[[route]]\npath = \"/admin/...\"\norigin = \"site\"\n" + USERS);
        try (RawClient client = node.raw()) {
            String response =
                    client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").response();
            assertTrue(response.startsWith("HTTP/1.1 401 ") || response.startsWith("HTTP/1.1 400 "), response);
        }
        assertEquals(0, origin.requests.get());
    }

    @Test
    void anOrdinaryPathMayHaveEmptySegments() throws Exception {
        serve("", "[[route]]\npath = \"/admin/...\"\norigin = \"site\"\n" + USERS);
        assertEquals("/a//b;c", node.get("/a//b;c").body());
    }

    @Test
    void preflightRequestsReachARouteOfAnotherMethod() throws Exception {
        serve(
                "",
                "[[route]]\npath = \"PUT /api/:id\"\norigin = \"site\"\ncors = { origins = [\"https://a.example\"] }\n");
        HttpResponse<String> preflight = send(
                HttpClient.Version.HTTP_2,
                HttpRequest.newBuilder(node.uri("/api/1"))
                        .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                        .header("Origin", "https://a.example")
                        .header("Access-Control-Request-Method", "PUT"));
        assertEquals(204, preflight.statusCode());
        assertEquals(
                "https://a.example",
                preflight.headers().firstValue("access-control-allow-origin").orElseThrow());
        assertEquals(0, origin.requests.get());
    }

    @Test
    void aBodyOfUnknownLengthIsCounted() throws Exception {
        serve("body_limit = \"1KiB\"\n", "");
        for (String path : List.of("/f/", "/o")) {
            try (RawClient client = node.raw()) {
                client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (int i = 0; i < 3; i++) {
                    client.send("200\r\n" + "x".repeat(512) + "\r\n");
                }
                client.send("0\r\n\r\n");
                String response = client.response();
                assertTrue(response.startsWith("HTTP/1.1 413 "), path + ": " + response);
            }
        }
    }

    @Test
    void tooManyRequestsAreRefusedAndToldWhen() throws Exception {
        serve(
                "",
                "[[route]]\npath = \"/limited\"\norigin = \"site\"\ncache = true\n"
                        + "rate_limit = { requests = 2, per = \"1h\", name = \"few\" }\n");
        assertEquals(200, node.get("/limited").statusCode());
        HttpResponse<String> second = node.get("/limited");
        assertEquals(
                "\"few\";q=2;w=3600",
                second.headers().firstValue("ratelimit-policy").orElseThrow());
        assertEquals(
                "\"few\";r=0;t=1800", second.headers().firstValue("ratelimit").orElseThrow());
        HttpResponse<String> third = send(
                HttpClient.Version.HTTP_1_1,
                HttpRequest.newBuilder(node.uri("/limited")).header("X-Forwarded-For", "1.2.3.4"));
        assertEquals(429, third.statusCode());
        assertEquals("1800", third.headers().firstValue("retry-after").orElseThrow());
        assertTrue(third.body().contains("\"violated-policies\":[\"few\"]"), third.body());
    }

    @Test
    void whatADestinationCannotTakeIsRefusedAtOnce() throws Exception {
        serve("concurrency = { algorithm = \"fixed\", initial = 2 }\n", "");
        CountDownLatch release = new CountDownLatch(1);
        origin.handler = exchange -> {
            try {
                release.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            TestOrigin.answer(exchange, 200, "done");
        };
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            running.add(client.sendAsync(
                    HttpRequest.newBuilder(node.uri("/slow" + i)).build(), HttpResponse.BodyHandlers.ofString()));
        }
        TestNode.eventually("both run", () -> origin.requests.get() == 2);
        HttpResponse<String> refused = node.get("/slow3");
        assertEquals(503, refused.statusCode());
        assertEquals("1", refused.headers().firstValue("retry-after").orElseThrow());
        release.countDown();
        for (CompletableFuture<HttpResponse<String>> response : running) {
            assertEquals(200, response.get().statusCode());
        }
        assertEquals(200, node.get("/slow4").statusCode());
    }

    @Test
    void aClientThatGoesAwayGivesItsPlaceBack() throws Exception {
        serve("concurrency = { algorithm = \"fixed\", initial = 1 }\n", "");
        CountDownLatch release = new CountDownLatch(1);
        origin.handler = exchange -> {
            try {
                release.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            TestOrigin.answer(exchange, 200, "done");
        };
        try (RawClient client = node.raw()) {
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            TestNode.eventually("it runs", () -> origin.requests.get() == 1);
        }
        release.countDown();
        TestNode.eventually("there is room again", () -> {
            try {
                return node.get("/next").statusCode() == 200;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aLimitOnConcurrencyIsForTheDestinationAndNotForTheCache() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        origin.handler = exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/slow")) {
                asked.countDown();
                release.await();
            }
            TestOrigin.answer(
                    exchange,
                    200,
                    "done",
                    path.equals("/stale")
                            ? "Cache-Control: max-age=0, stale-if-error=60"
                            : "Cache-Control: max-age=60");
        };
        node = new TestNode(folder)
                .origin("/...", true, "", origin.url())
                .more("concurrency = { algorithm = \"fixed\", initial = 1 }")
                .start();
        assertEquals(200, node.get("/stored").statusCode());
        assertEquals(200, node.get("/stale").statusCode());
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        List<CompletableFuture<HttpResponse<String>>> same = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            same.add(client.sendAsync(
                    HttpRequest.newBuilder(node.uri("/slow")).build(), HttpResponse.BodyHandlers.ofString()));
            asked.await();
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(200, node.get("/stored").statusCode(), "what is stored takes nothing of the origin");
        }
        assertEquals(503, node.get("/other").statusCode());
        HttpResponse<String> stale = node.get("/stale");
        assertEquals(200, stale.statusCode(), "a stale response stands in where it may");
        String status = stale.headers().firstValue("cache-status").orElse("");
        assertTrue(status.startsWith("Selvage; fwd=stale"), status);
        release.countDown();
        for (CompletableFuture<HttpResponse<String>> response : same) {
            assertEquals(200, response.get().statusCode(), "those who ask for the same are one request");
        }
        assertEquals(200, node.get("/other").statusCode());
    }

    @Test
    void defaultsHoldForEveryRouteUnlessItSaysOtherwise() throws Exception {
        serve(
                "",
                "[[route]]\npath = \"/plain\"\norigin = \"site\"\nresponse_headers = false\n"
                        + "[rules]\nresponse_headers = { set = { X-Rule = \"yes\" } }\nsecurity_headers = true\n");
        for (String path : List.of("/own", "/f/", "/o")) {
            HttpResponse<String> response = node.get(path);
            assertEquals("yes", response.headers().firstValue("x-rule").orElse("no"), path);
        }
        HttpResponse<String> plain = node.get("/plain");
        assertFalse(plain.headers().firstValue("x-rule").isPresent());
        assertEquals(
                "nosniff", plain.headers().firstValue("x-content-type-options").orElseThrow());
    }

    @Test
    void bucketsAreAKeyOfTheCache() throws Exception {
        serve(
                "",
                "[[route]]\npath = \"/split\"\norigin = \"site\"\ncache = true\n"
                        + "buckets = { name = \"t\", key = \"header:X-User\", shares = { a = 1, b = 1 } }\n");
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                String.valueOf(exchange.getRequestHeaders().getFirst("Selvage-Bucket-t")),
                "Cache-Control: max-age=60",
                "Vary: Selvage-Bucket-t");
        java.util.Set<String> seen = new java.util.HashSet<>();
        for (int i = 0; i < 40; i++) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(node.uri("/split")).header("X-User", "u" + i % 20);
            seen.add(send(HttpClient.Version.HTTP_1_1, request).body());
        }
        assertEquals(java.util.Set.of("a", "b"), seen);
        assertEquals(2, origin.requests.get());
    }

    @Test
    void countersOutliveAReloadThatDoesNotTouchTheirRoute() throws Exception {
        serve("", "[[route]]\npath = \"/limited\"\norigin = \"site\"\nrate_limit = { requests = 1, per = \"1h\" }\n");
        assertEquals(200, node.get("/limited").statusCode());
        Path manifest = folder.resolve("selvage.toml");
        Files.writeString(
                manifest, Files.readString(manifest) + "[[route]]\npath = \"/new\"\nanswer = { body = \"new\" }\n");
        node.node().deploy(folder);
        assertEquals("new", node.get("/new").body());
        assertEquals(429, node.get("/limited").statusCode());
    }

    @Test
    void bombsOfFieldsAndCookiesAreRefused() throws Exception {
        serve("rate_limit = { requests = 1000, key = \"cookie:id\" }\n", "");
        try (RawClient client = node.raw()) {
            String response = client.send("GET / HTTP/1.1\r\nHost: a\r\nCookie: " + "a=b; ".repeat(20_000) + "\r\n\r\n")
                    .response();
            assertTrue(response.startsWith("HTTP/1.1 431 "), response);
        }
        try (RawClient client = node.raw()) {
            String response = client.send("GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(20_000) + "\r\n")
                    .response();
            assertTrue(response.startsWith("HTTP/1.1 431 "), response);
        }
        assertEquals(200, node.get("/").statusCode());
    }

    @Test
    void aWrongChangeIsRefusedWithItsPlacesAndTheLastGoodOneStays() throws Exception {
        serve("", "[[route]]\npath = \"/hello\"\nanswer = { body = \"hello\" }\n");
        assertTrue(node.admin("/release").body().contains("\"state\":\"current\""));
        Path manifest = folder.resolve("selvage.toml");
        String good = Files.readString(manifest);
        Files.writeString(
                manifest, good + "hsts = \"yes\"\n[[route]]\npath = \"/x\"\ngeo = { database = \"no.mmdb\" }\n");
        HttpResponse<String> refused = reload();
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("selvage.toml:"), refused.body());
        assertTrue(refused.body().contains("route.hsts must be a table"), refused.body());
        assertTrue(refused.body().contains("route.geo.database: there is no file"), refused.body());
        assertEquals("hello", node.get("/hello").body());
        String release = node.admin("/release").body();
        assertTrue(release.contains("\"state\":\"stale\"") && release.contains("\"mistakes\":[\""), release);
        String metrics = node.admin("/metrics").body();
        assertTrue(metrics.contains("selvage_release_stale 1.0"), metrics);
        assertTrue(
                metrics.lines().anyMatch(l -> l.matches("selvage_reload_failed_timestamp_seconds 1\\.[0-9]+E9")),
                metrics);
        Files.writeString(manifest, good.replace("\"hello\" }", "\"changed\" }"));
        assertEquals(200, reload().statusCode());
        assertEquals("changed", node.get("/hello").body());
        assertTrue(node.admin("/release").body().contains("\"state\":\"current\""));
    }

    private HttpResponse<String> reload() throws Exception {
        String url = node.gateway().adminAddress().url() + "/release";
        return send(
                HttpClient.Version.HTTP_1_1,
                HttpRequest.newBuilder(java.net.URI.create(url)).POST(HttpRequest.BodyPublishers.noBody()));
    }
}
