package io.selvage.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShadowTest {
    @TempDir
    private Path folder;

    private final TestOrigin live = new TestOrigin();
    private final TestOrigin next = new TestOrigin();
    private String rules = "";
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        live.close();
        next.close();
    }

    private void serve(String shadow, boolean cache) throws IOException {
        node = new TestNode(folder)
                .function("copy", "\"/copy\"", "", exchange -> TestNode.answer(exchange, "of the function"))
                .more("""
                        [[origin]]
                        name = "live"
                        urls = ["%s"]
                        [[origin]]
                        name = "next"
                        urls = ["%s"]
                        [[route]]
                        path = "/..."
                        origin = "live"
                        cache = %s
                        shadow = { %s }
                        %s
                        """.formatted(live.url(), next.url(), cache, shadow, rules))
                .start();
    }

    private double count(String line) {
        try {
            return node.admin("/metrics")
                    .body()
                    .lines()
                    .filter(l -> l.startsWith(line))
                    .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' '))))
                    .sum();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private double compared(String result) {
        return count("selvage_shadow_requests_total{http_route=\"/...\",selvage_result=\"" + result + "\"}");
    }

    @Test
    void equalAnswersAreTheSameAndTheShadowKnowsThatItIsOne() throws Exception {
        serve("origin = \"next\"", false);
        assertEquals("hello", node.get("/a?b").body());
        TestNode.eventually("they are compared", () -> compared("same") == 1);
        assertEquals("/a?b", next.seen.peek().getRequestURI().toString());
        assertEquals("true", next.lastField("X-Selvage-Shadow").getFirst());
        assertTrue(live.lastField("X-Selvage-Shadow").isEmpty());
    }

    @Test
    void differencesAreReportedAndNeverServed() throws Exception {
        live.handler = exchange -> TestOrigin.answer(exchange, 200, "one", "X-Kind: a", "X-Any: 1");
        next.handler = exchange -> TestOrigin.answer(exchange, 404, "two", "X-Kind: b", "X-Any: 2");
        serve("origin = \"next\", ignore = [\"X-Any\"]", false);
        HttpResponse<String> response = node.get("/thing");
        assertEquals("200 one", response.statusCode() + " " + response.body());
        TestNode.eventually("it is reported", () -> compared("different") == 1);
        for (String part : new String[] {"status", "headers", "body"}) {
            assertEquals(1, count("selvage_shadow_differences_total{http_route=\"/...\",selvage_part=\"" + part), part);
        }
        String report = node.admin("/shadow").body();
        assertTrue(report.contains("status: 200 / 404; x-kind: a / b; body: 3 bytes "), report);
        assertTrue(report.contains("/thing") && !report.contains("x-any"), report);
        TestNode.eventually("it is logged", () -> node.log().contains("the shadow's answer differs"));
    }

    @Test
    void aShadowThatHangsDelaysNobodyAndItsTimeIsReported() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        next.handler = exchange -> {
            over.await();
            TestOrigin.answer(exchange, 200, "hello");
        };
        serve("origin = \"next\", compare = [\"time\"], slower = \"10ms\"", false);
        for (int i = 0; i < 3; i++) {
            assertEquals("hello", node.get("/").body());
        }
        TestNode.eventually("they have been asked", () -> next.requests.get() == 3);
        long asked = System.nanoTime();
        TestNode.eventually("some time has passed", () -> System.nanoTime() - asked > 50_000_000);
        over.countDown();
        TestNode.eventually("it was slower", () -> compared("different") == 3);
        assertTrue(node.admin("/shadow").body().contains("time: "));
    }

    @Test
    void aShadowThatCannotBeReachedFailsForItselfAlone() throws Exception {
        next.close();
        serve("origin = \"next\"", false);
        assertEquals("hello", node.get("/").body());
        TestNode.eventually("it is counted", () -> compared("failed") == 1);
    }

    @Test
    void aFunctionCanBeTheShadowOfAnOriginAndHitsAreComparedToo() throws Exception {
        live.handler = exchange -> TestOrigin.answer(
                exchange, 200, "of the function", "Content-Type: text/plain", "Cache-Control: max-age=60");
        serve("function = \"copy\", ignore = [\"cache-control\"]", true);
        assertEquals("of the function", node.get("/").body());
        assertEquals("of the function", node.get("/").body());
        TestNode.eventually("they are compared", () -> compared("same") == 2);
        assertEquals(1, live.requests.get());
    }

    @Test
    void whatTheRouteDoesToAnswersOnTheirWayIsNoDifference() throws Exception {
        String text = "some text, again and again. ".repeat(200);
        live.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                text,
                "Content-Type: text/plain",
                "ETag: \"1\"",
                "X-Left: 1",
                "Cache-Control: max-age=60");
        next.handler = live.handler;
        rules = """
                compress = ["gzip"]
                security_headers = true
                cors = { origins = ["*"] }
                rate_limit = { requests = 100, per = "1m" }
                response_headers = { remove = ["X-Left"], set = { X-Set = "by the route" } }
                """;
        serve("origin = \"next\"", true);
        for (String coding : new String[] {"gzip", "gzip", "identity"}) {
            HttpResponse<byte[]> response = node.client(HttpClient.Version.HTTP_1_1)
                    .send(
                            HttpRequest.newBuilder(node.uri("/a"))
                                    .header("Accept-Encoding", coding)
                                    .header("Origin", "https://shop.example")
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            assertEquals(coding.equals("gzip"), response.body().length < text.length());
            assertEquals("by the route", response.headers().firstValue("X-Set").orElse(""));
        }
        TestNode.eventually("they are the same", () -> compared("same") == 3);
        assertEquals("", node.admin("/shadow").body());
        next.handler = exchange -> TestOrigin.answer(
                exchange, 200, text + "!", "Content-Type: text/plain", "ETag: \"2\"", "Cache-Control: max-age=60");
        assertEquals(200, send("GET", HttpRequest.BodyPublishers.noBody(), HttpClient.Version.HTTP_1_1));
        TestNode.eventually("they differ", () -> compared("different") == 1);
        String report = node.admin("/shadow").body();
        assertTrue(report.contains("etag: \\\"1\\\" / \\\"2\\\"; body: 5600 bytes "), report);
    }

    @Test
    void theFieldsOfAPageThatIsPutTogetherAreNoDifference() throws Exception {
        live.handler = exchange -> TestOrigin.answer(
                exchange, 200, "<p>no includes", "Content-Type: text/html", "ETag: \"1\"", "Cache-Control: max-age=60");
        next.handler = live.handler;
        rules = "esi = true\ncompress = true";
        serve("origin = \"next\"", true);
        for (int i = 0; i < 2; i++) {
            assertEquals("<p>no includes", node.get("/page").body());
        }
        TestNode.eventually("they are the same", () -> compared("same") == 2);
    }

    @Test
    void what304sSayOfWhatIsKnownIsNoDifference() throws Exception {
        TestOrigin.Handler answers = exchange -> {
            boolean isKnown = exchange.getRequestHeaders().containsKey("If-None-Match");
            if (isKnown) {
                exchange.getResponseHeaders().add("ETag", "\"1\"");
                exchange.sendResponseHeaders(304, -1);
                exchange.close();
            } else {
                TestOrigin.answer(
                        exchange,
                        200,
                        "x".repeat(2_000),
                        "Content-Type: text/plain",
                        "ETag: \"1\"",
                        "Cache-Control: max-age=60");
            }
        };
        live.handler = answers;
        next.handler = answers;
        rules = "compress = [\"gzip\"]";
        serve("origin = \"next\", ignore = [\"cache-control\", \"etag\"]", false);
        assertEquals(200, node.get("/a").statusCode());
        HttpRequest again = HttpRequest.newBuilder(node.uri("/a"))
                .header("If-None-Match", "\"1\"")
                .header("Accept-Encoding", "gzip")
                .build();
        assertEquals(
                304,
                node.client(HttpClient.Version.HTTP_1_1)
                        .send(again, HttpResponse.BodyHandlers.ofString())
                        .statusCode());
        TestNode.eventually("they are the same", () -> compared("same") == 2);
    }

    @Test
    void whatTheCacheAnswersByWhatItHoldsIsNotCompared() throws Exception {
        live.handler = exchange -> TestOrigin.answer(exchange, 200, "live", "ETag: \"1\"", "Cache-Control: max-age=60");
        next.handler = exchange -> TestOrigin.answer(exchange, 200, "live", "ETag: \"2\"", "Cache-Control: max-age=60");
        serve("origin = \"next\", ignore = [\"etag\"]", true);
        assertEquals(504, get("/a", "Cache-Control", "only-if-cached"));
        assertEquals(200, node.get("/a").statusCode());
        assertEquals(304, get("/a", "If-None-Match", "\"1\""));
        assertEquals(206, get("/a", "Range", "bytes=1-2"));
        TestNode.eventually("one is compared", () -> compared("same") == 1);
        assertEquals(3, compared("skipped"));
        assertEquals(0, compared("different"));
        assertEquals(1, next.requests.get());
    }

    private int get(String path, String name, String value) throws Exception {
        return node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri(path))
                                .header(name, value)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private int send(String method, HttpRequest.BodyPublisher content, HttpClient.Version version) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(node.uri("/")).method(method, content).build();
        return node.client(version)
                .send(request, HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static void echo(HttpExchange exchange) throws IOException {
        String content = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        TestOrigin.answer(exchange, 200, exchange.getRequestMethod() + " " + content);
    }

    @Test
    void requestsWithContentHaveAShadowWhereTheRouteAsksForIt() throws Exception {
        serve("origin = \"next\", content = \"100KiB\"", false);
        live.handler = ShadowTest::echo;
        next.handler = ShadowTest::echo;
        String large = "x".repeat(90_000);
        assertEquals(200, send("POST", HttpRequest.BodyPublishers.ofString(large), HttpClient.Version.HTTP_1_1));
        assertEquals(200, send("QUERY", HttpRequest.BodyPublishers.ofString("q=1"), HttpClient.Version.HTTP_2));
        assertEquals(200, send("DELETE", HttpRequest.BodyPublishers.noBody(), HttpClient.Version.HTTP_1_1));
        HttpRequest.BodyPublisher undeclared =
                HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large.getBytes(UTF_8)));
        assertEquals(200, send("PUT", undeclared, HttpClient.Version.HTTP_1_1));
        TestNode.eventually("they are compared", () -> compared("same") == 4);
        next.handler = exchange -> TestOrigin.answer(exchange, 200, "POST other");
        assertEquals(200, send("POST", HttpRequest.BodyPublishers.ofString("a"), HttpClient.Version.HTTP_2));
        TestNode.eventually("they differ", () -> compared("different") == 1);
        assertEquals(5, next.requests.get());
    }

    @Test
    void contentThatIsLongerThanAllowedIsAnsweredAndNotSentToTheShadow() throws Exception {
        serve("origin = \"next\", content = \"1KiB\"", false);
        live.handler = ShadowTest::echo;
        byte[] large = new byte[50_000];
        assertEquals(200, send("POST", HttpRequest.BodyPublishers.ofByteArray(large), HttpClient.Version.HTTP_1_1));
        HttpRequest.BodyPublisher undeclared =
                HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large));
        assertEquals(200, send("POST", undeclared, HttpClient.Version.HTTP_1_1));
        assertEquals(200, send("POST", undeclared, HttpClient.Version.HTTP_2));
        TestNode.eventually("they are skipped", () -> compared("skipped") == 3);
        assertEquals(0, next.requests.get());
    }

    @Test
    void aFunctionGetsTheContentAsAShadowToo() throws Exception {
        node = new TestNode(folder)
                .function(
                        "copy",
                        "\"/copy\"",
                        "",
                        exchange -> TestNode.answer(
                                exchange,
                                "POST " + new String(exchange.requestBody().readAllBytes(), UTF_8)))
                .more("""
                        [[origin]]
                        name = "live"
                        urls = ["%s"]
                        [[route]]
                        path = "/..."
                        origin = "live"
                        shadow = { function = "copy", content = "1KiB", compare = ["body"] }
                        """.formatted(live.url()))
                .start();
        live.handler = ShadowTest::echo;
        assertEquals(200, send("POST", HttpRequest.BodyPublishers.ofString("abc"), HttpClient.Version.HTTP_1_1));
        TestNode.eventually("they are compared", () -> compared("same") == 1);
    }

    @Test
    void whatMayChangeSomethingHasNoShadow() throws Exception {
        serve("origin = \"next\"", false);
        HttpRequest post = HttpRequest.newBuilder(node.uri("/"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        assertEquals(
                200,
                node.client(HttpClient.Version.HTTP_2)
                        .send(post, HttpResponse.BodyHandlers.ofString())
                        .statusCode());
        assertEquals("hello", node.get("/").body());
        TestNode.eventually("one is compared", () -> compared("same") == 1);
        assertEquals(1, next.requests.get());
        assertFalse(node.log().contains("differs"));
    }
}
