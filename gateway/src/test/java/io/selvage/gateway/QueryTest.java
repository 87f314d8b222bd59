package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP QUERY (RFC 10008): safe, idempotent, and with a content that is a part of what is asked for. */
class QueryTest {
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

    private void serve(boolean cache, String more, String... urls) throws IOException {
        origin.handler = exchange -> {
            String content = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String shown = content.length() > 100 ? content.length() + " bytes" : content;
            TestOrigin.answer(exchange, 200, exchange.getRequestMethod() + " " + shown, "Cache-Control: max-age=60");
        };
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "2")
                .origin("/...", cache, more, urls.length == 0 ? new String[] {origin.url()} : urls)
                .start();
    }

    private HttpRequest query(String type, HttpRequest.BodyPublisher content) {
        return HttpRequest.newBuilder(node.uri("/search"))
                .header("Content-Type", type)
                .method("QUERY", content)
                .build();
    }

    private HttpResponse<String> send(HttpClient.Version version, String type, String content) throws Exception {
        return node.client(version)
                .send(query(type, HttpRequest.BodyPublishers.ofString(content)), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String content) throws Exception {
        return send(HttpClient.Version.HTTP_1_1, "text/plain", content);
    }

    private static String status(HttpResponse<?> response) {
        return response.headers().firstValue("cache-status").orElse("");
    }

    @Test
    void aQueryIsStoredByItsContentAndWhatSaysHowItIsMeant() throws Exception {
        serve(true, "");
        assertEquals("QUERY a", send("a").body());
        HttpResponse<String> again = send(HttpClient.Version.HTTP_2, "text/plain", "a");
        assertEquals("QUERY a", again.body());
        assertTrue(status(again).contains("hit"), status(again));
        assertEquals("QUERY b", send("b").body());
        assertTrue(status(send(HttpClient.Version.HTTP_1_1, "text/csv", "a")).contains("uri-miss"));
        assertTrue(status(node.get("/search")).contains("uri-miss"), "a GET is another thing");
        assertTrue(status(send("")).contains("uri-miss"));
        assertEquals(5, origin.requests.get());
    }

    @Test
    void aChangeOfTheResourceLetsItsQueriesGo() throws Exception {
        serve(true, "");
        send("a");
        node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri("/search")).DELETE().build(),
                        HttpResponse.BodyHandlers.ofString());
        assertTrue(status(send("a")).contains("uri-miss"));
    }

    @Test
    void aPurgeTellsContentsApart() throws Exception {
        serve(true, "");
        send("a");
        send("b");
        send(HttpClient.Version.HTTP_1_1, "text/csv", "b");
        String url = node.gateway().adminAddress().url() + "/cache?url=127.0.0.1:" + node.port() + "/search";
        HttpResponse<String> receipt = node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(URI.create(url))
                                .header("Accept", "text/plain")
                                .DELETE()
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        List<String> lines = receipt.body().lines().toList();
        String place = "127.0.0.1:" + node.port() + "/search  (query: ";
        assertEquals(place + "3e23e8160039; content-type: text/csv)  1 variant, 7 bytes", lines.get(0));
        assertEquals(place + "3e23e8160039; content-type: text/plain)  1 variant, 7 bytes", lines.get(1));
        assertEquals(place + "ca978112ca1b; content-type: text/plain)  1 variant, 7 bytes", lines.get(2));
    }

    @Test
    void clientsThatAskTheSameAtOnceAreOneRequest() throws Exception {
        serve(true, "");
        CountDownLatch go = new CountDownLatch(1);
        TestOrigin.Handler answers = origin.handler;
        origin.handler = exchange -> {
            go.await();
            answers.handle(exchange);
        };
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        List<CompletableFuture<HttpResponse<String>>> all = IntStream.range(0, 20)
                .mapToObj(_ -> client.sendAsync(
                        query("text/plain", HttpRequest.BodyPublishers.ofString("a")),
                        HttpResponse.BodyHandlers.ofString()))
                .toList();
        TestNode.eventually("one is asked", () -> origin.requests.get() == 1);
        go.countDown();
        for (CompletableFuture<HttpResponse<String>> one : all) {
            assertEquals("QUERY a", one.get().body());
        }
        assertEquals(1, origin.requests.get());
    }

    @Test
    void aQueryIsSentAgainWithItsContentWhenAnOriginBreaksOff() throws Exception {
        try (RawOrigin broken = new RawOrigin((_, _) -> false)) {
            serve(true, "retry = { attempts = 2, on = [\"connect\", \"reset\"] }", broken.url(), origin.url());
            for (int i = 0; i < 4; i++) {
                assertEquals("QUERY q" + i, send("q" + i).body());
            }
            assertTrue(broken.requests.get() > 0);
        }
    }

    @Test
    void aLongQueryPassesAsItComes() throws Exception {
        serve(true, "");
        String content = "x".repeat(HeldQuery.LONGEST + 1);
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> response = node.client(HttpClient.Version.HTTP_1_1)
                    .send(
                            query(
                                    "text/plain",
                                    i == 0
                                            ? HttpRequest.BodyPublishers.ofString(content)
                                            : HttpRequest.BodyPublishers.ofInputStream(
                                                    () -> new java.io.ByteArrayInputStream(
                                                            content.getBytes(StandardCharsets.UTF_8)))),
                            HttpResponse.BodyHandlers.ofString());
            assertEquals("QUERY " + content.length() + " bytes", response.body());
            assertTrue(status(response).contains("fwd=bypass"), status(response));
        }
        assertEquals(2, origin.requests.get());
    }

    @Test
    void withoutACacheItIsForwarded() throws Exception {
        serve(false, "");
        assertEquals("QUERY a", send("a").body());
        assertEquals("QUERY a", send("a").body());
        assertEquals(2, origin.requests.get());
    }
}
