package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CacheTest {
    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "2")
                .with(Setting.CACHE_MEMORY, "8MiB")
                .with(Setting.CACHE_OBJECT, "4MiB")
                .origin("/...", true, "", origin.url())
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    private HttpResponse<String> send(String method, String path, String... fields) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(node.uri(path)).method(method, HttpRequest.BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return node.client(HttpClient.Version.HTTP_1_1).send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String status(HttpResponse<?> response) {
        return response.headers().firstValue("cache-status").orElse("");
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aLargeHitReachesItsClientWhole(HttpClient.Version version) throws Exception {
        String large = "0123456789abcdef".repeat(1 << 17);
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, large, "Cache-Control: max-age=60");
        assertEquals(large, node.get("/large").body());
        HttpClient client = node.client(version);
        for (int i = 0; i < 4; i++) {
            HttpResponse<String> hit = client.send(
                    HttpRequest.newBuilder(node.uri("/large")).build(), HttpResponse.BodyHandlers.ofString());
            assertTrue(status(hit).startsWith("Selvage; hit"), status(hit));
            assertEquals(large, hit.body());
        }
        assertEquals(1, origin.requests.get());
    }

    @Test
    void aLargeHitWaitsForTheWindowOfHttp2() throws Exception {
        String large = "x".repeat(200_000);
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, large, "Cache-Control: max-age=60");
        String authority = "127.0.0.1:" + node.port();
        assertEquals(large, node.get("/large").body());
        try (RawHttp2 client = new RawHttp2(node.port())) {
            client.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                    1,
                    RawHttp2.fields(":method", "GET", ":scheme", "http", ":authority", authority, ":path", "/large"));
            int came = 0;
            for (RawHttp2.Frame frame = client.next();
                    !frame.ends() || frame.type() != RawHttp2.DATA;
                    frame = client.next()) {
                assertNotEquals(RawHttp2.RST_STREAM, frame.type());
                if (frame.type() == RawHttp2.DATA) {
                    came += frame.payload().length;
                    byte[] more = {0, 0, 0x40, 0};
                    client.send(RawHttp2.WINDOW_UPDATE, 0, 0, more).send(RawHttp2.WINDOW_UPDATE, 0, 1, more);
                }
            }
            assertTrue(came > 150_000, came + " bytes");
        }
        assertEquals(1, origin.requests.get());
    }

    @Test
    void theSecondRequestIsAnsweredFromTheCache() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=60");
        assertEquals("Selvage; fwd=uri-miss; fwd-status=200; stored", status(node.get("/a")));
        HttpResponse<String> second = node.get("/a");
        assertEquals("hello", second.body());
        assertTrue(status(second).startsWith("Selvage; hit; ttl="), status(second));
        assertTrue(second.headers().firstValue("age").map(Integer::parseInt).orElseThrow() < 60);
        assertEquals(1, origin.requests.get());
        HttpResponse<String> head = send("HEAD", "/a");
        assertEquals("5", head.headers().firstValue("content-length").orElseThrow());
        assertEquals("ell", send("GET", "/a", "Range", "bytes=1-3").body());
        assertEquals(1, origin.requests.get());
        node.get("/b");
        assertEquals(2, origin.requests.get());
    }

    @Test
    void http2IsAnsweredFromTheCacheToo() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=60");
        HttpClient client = node.client(HttpClient.Version.HTTP_2);
        HttpRequest request = HttpRequest.newBuilder(node.uri("/a")).build();
        client.send(request, HttpResponse.BodyHandlers.ofString());
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> hit = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(HttpClient.Version.HTTP_2, hit.version());
            assertEquals("hello", hit.body());
            assertTrue(status(hit).startsWith("Selvage; hit; ttl="), status(hit));
        }
        assertEquals(1, origin.requests.get());
    }

    @Test
    void aThousandClientsThatAskAtOnceCostTheOriginOneRequestAndSeeItArrive() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        origin.handler = exchange -> {
            begun.await();
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 200_000);
            exchange.getResponseBody().write(new byte[100_000]);
            exchange.getResponseBody().flush();
            finish.await();
            exchange.getResponseBody().write(new byte[100_000]);
        };
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            clients.add(node.raw().send("GET /cold HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        begun.countDown();
        for (RawClient client : clients) {
            assertTrue(client.head().startsWith("HTTP/1.1 200"));
            assertEquals(100_000, client.in().readNBytes(100_000).length);
        }
        finish.countDown();
        for (RawClient client : clients) {
            assertEquals(100_000, client.in().readNBytes(100_000).length);
            client.close();
        }
        assertEquals(1, origin.requests.get());
    }

    @Test
    void whatMayNotBeSharedIsNotSharedWithThoseWhoWaitForIt() throws Exception {
        AtomicInteger number = new AtomicInteger();
        CountDownLatch both = new CountDownLatch(1);
        origin.handler = exchange -> {
            int mine = number.incrementAndGet();
            both.await();
            TestOrigin.answer(exchange, 200, "user " + mine, "Cache-Control: private, max-age=60");
        };
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        for (int i = 0; i < 20; i++) {
            answers.add(client.sendAsync(
                    HttpRequest.newBuilder(node.uri("/me")).build(), HttpResponse.BodyHandlers.ofString()));
        }
        both.countDown();
        long different = answers.stream().map(a -> a.join().body()).distinct().count();
        assertEquals(20, different);
    }

    @Test
    void aStaleResponseIsValidatedAndA304RefreshesIt() throws Exception {
        origin.handler = exchange -> {
            boolean known = "\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
            TestOrigin.answer(exchange, known ? 304 : 200, "hello", "Cache-Control: no-cache", "ETag: \"1\"");
        };
        node.get("/a");
        HttpResponse<String> second = node.get("/a");
        assertEquals("hello", second.body());
        assertEquals("Selvage; fwd=stale; fwd-status=304; stored", status(second));
        assertEquals(304, send("GET", "/a", "If-None-Match", "\"0\", W/\"1\"").statusCode());
        assertEquals(3, origin.requests.get());
    }

    @Test
    void aStaleResponseStandsInWhileItIsRefreshedAndWhenTheOriginFails() throws Exception {
        String control = "Cache-Control: max-age=0, stale-while-revalidate=60, stale-if-error=60";
        AtomicInteger number = new AtomicInteger();
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "n" + number.incrementAndGet(), control);
        assertEquals("n1", node.get("/a").body());
        assertEquals("n1", node.get("/a").body());
        TestNode.eventually("the refreshed one", () -> {
            try {
                return !node.get("/a").body().equals("n1");
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        origin.handler = exchange -> TestOrigin.answer(exchange, 503, "down");
        HttpResponse<String> stale = send("GET", "/a", "Cache-Control", "no-cache");
        assertEquals(200, stale.statusCode());
        assertTrue(status(stale).contains("detail=stale-if-error"), status(stale));
        origin.close();
        assertEquals(200, send("GET", "/a", "Cache-Control", "no-cache").statusCode());
        assertEquals(502, node.get("/other").statusCode());
    }

    @Test
    void anUnsafeRequestThatWorksLetsTheOldOneGo() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=60");
        node.get("/a");
        origin.handler = exchange -> TestOrigin.answer(exchange, 500, "no");
        send("POST", "/a");
        assertTrue(status(node.get("/a")).contains("hit"));
        origin.handler = exchange -> TestOrigin.answer(exchange, 204, "", "Location: /a");
        send("POST", "/new");
        assertFalse(status(node.get("/a")).contains("hit"));
    }

    @Test
    void whatCredentialsBroughtIsForNobodyElse() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                "for " + exchange.getRequestHeaders().getFirst("Authorization"),
                "Cache-Control: max-age=60");
        assertEquals(
                "for Basic a", send("GET", "/a", "Authorization", "Basic a").body());
        assertEquals("for null", node.get("/a").body());
    }

    @Test
    void aResponseThatIsTooLargeStreamsThroughAndIsNotKept() throws Exception {
        byte[] part = new byte[1 << 20];
        origin.handler = exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 32; i++) {
                exchange.getResponseBody().write(part);
            }
        };
        for (int i = 0; i < 2; i++) {
            HttpResponse<InputStream> response = node.client(HttpClient.Version.HTTP_1_1)
                    .send(HttpRequest.newBuilder(node.uri("/big")).build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                assertEquals(32L << 20, in.transferTo(java.io.OutputStream.nullOutputStream()));
            }
        }
        assertEquals(2, origin.requests.get());
    }

    @Test
    void aBodyThatBreaksOffIsNotStored() throws Exception {
        origin.handler = exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 10);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
        };
        try (RawClient client = node.raw()) {
            client.send("GET /a HTTP/1.1\r\nHost: " + node.uri("/").getAuthority() + "\r\n\r\n")
                    .rest();
        }
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "whole");
        assertEquals("whole", node.get("/a").body());
    }

    @Test
    void hostsDoNotShareWhatIsStored() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(
                exchange, 200, exchange.getRequestHeaders().getFirst("Host"), "Cache-Control: max-age=60");
        for (String host : List.of("one", "two", "one")) {
            try (RawClient client = node.raw()) {
                String response = client.send("GET /a HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-Host: evil\r\n\r\n")
                        .response();
                assertTrue(response.endsWith("\r\n\r\n" + host), response);
            }
        }
        assertEquals(2, origin.requests.get());
    }

    @Test
    void onlyIfCachedNeverReachesTheOrigin() throws Exception {
        HttpResponse<String> response = send("GET", "/a", "Cache-Control", "only-if-cached");
        assertEquals(504, response.statusCode());
        assertEquals(
                "Selvage; detail=only-if-cached",
                response.headers().firstValue("cache-status").orElse(""));
        assertEquals(0, origin.requests.get());
    }
}
