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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that fetch through other nodes, over real sockets. */
class ShieldTest {
    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private final List<TestNode> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(TestNode::close);
        origin.close();
    }

    private TestNode node(int port, int shield) throws IOException {
        TestNode node = new TestNode(Files.createDirectories(folder.resolve("node" + nodes.size())))
                .with(Setting.EVENT_LOOPS, "2")
                .with(Setting.LISTEN, "127.0.0.1:" + port)
                .more("""
                        [[origin]]
                        name = "site"
                        urls = ["%s"]
                        shield = "nodes"

                        [[origin]]
                        name = "nodes"
                        urls = ["http://127.0.0.1:%d"]

                        [[route]]
                        path = "/..."
                        origin = "site"
                        cache = { browser = "5s" }
                        esi = true
                        """.formatted(origin.url(), shield))
                .start();
        nodes.add(node);
        return node;
    }

    private static String get(TestNode node, String path) throws IOException {
        try (RawClient client = node.raw()) {
            return client.send("GET " + path + " HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
                    .response();
        }
    }

    @Test
    void anObjectLeavesTheOriginOnce() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        origin.handler = exchange -> {
            finish.await();
            TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=60");
        };
        int port = FreePorts.next();
        TestNode shield = node(port, port);
        List<TestNode> edges = List.of(node(0, port), node(0, port), shield);
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            clients.add(edges.get(i % 3).raw().send("GET /cold HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"));
        }
        TestNode.eventually("the origin is asked", () -> origin.requests.get() > 0);
        finish.countDown();
        for (RawClient client : clients) {
            assertTrue(client.response().endsWith("\r\n\r\nhello"));
            client.close();
        }
        for (TestNode edge : edges) {
            String again = get(edge, "/cold");
            assertTrue(again.contains("Cache-Status: Selvage; hit"), again);
            assertTrue(again.contains("Cache-Control: max-age=5") || again.contains("Cache-Control: max-age=6"), again);
        }
        assertEquals(1, origin.requests.get());
        assertEquals("selvage", origin.lastField("CDN-Loop").getFirst());
    }

    @Test
    void withoutItsShieldANodeAsksTheOrigin() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=60");
        TestNode edge = node(0, FreePorts.next());
        assertTrue(get(edge, "/a").endsWith("hello"));
        assertTrue(get(edge, "/a").contains("Selvage; hit"));
        assertEquals(List.of(), origin.lastField("CDN-Loop"));
        assertEquals(1, origin.requests.get());
    }

    @Test
    void aFailureOfTheOriginIsNotAFailureOfTheShield() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(exchange, 503, "down");
        int port = FreePorts.next();
        node(port, port);
        TestNode edge = node(0, port);
        assertTrue(get(edge, "/a").startsWith("HTTP/1.1 503"));
        assertEquals(1, origin.requests.get());
    }

    @Test
    void nodesThatAreEachOthersShieldDoNotWaitForEachOther() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        origin.handler = exchange -> {
            asked.countDown();
            asked.await();
            TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=60");
        };
        int one = FreePorts.next();
        int other = FreePorts.next();
        TestNode first = node(one, other);
        TestNode second = node(other, one);
        try (RawClient a = first.raw().send("GET /a HTTP/1.1\r\nHost: shop\r\n\r\n");
                RawClient b = second.raw().send("GET /a HTTP/1.1\r\nHost: shop\r\n\r\n")) {
            assertTrue(a.response().endsWith("hello"));
            assertTrue(b.response().endsWith("hello"));
        }
        assertEquals(2, origin.requests.get());
    }

    @Test
    void aNodeHearsWhatItsShieldHasHeard() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                "hello",
                "Surrogate-Key: tag",
                "Surrogate-Control: max-age=3600",
                "Cache-Control: max-age=1");
        int port = FreePorts.next();
        TestNode shield = node(port, port);
        TestNode edge = node(0, port);
        for (int i = 0; i < 2; i++) {
            String answer = get(edge, "/a");
            assertFalse(answer.toLowerCase(java.util.Locale.ROOT).contains("surrogate"), answer);
        }
        assertTrue(
                edge.admin("/cache?url=http://shop/a").body().contains("\"ttl\":3"), "the edge has its own lifetime");
        assertTrue(purge(shield).contains("\"urls\":1"));
        assertTrue(purge(edge).contains("\"urls\":1"));
        get(edge, "/a");
        assertEquals(2, origin.requests.get());
    }

    private static String purge(TestNode node) throws IOException, InterruptedException {
        URI url = URI.create(node.gateway().adminAddress().url() + "/cache?tag=tag");
        return node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(url).DELETE().build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void aPageIsPutTogetherByTheNodeThatItsClientAsks() throws Exception {
        origin.handler = exchange -> {
            boolean part = exchange.getRequestURI().getPath().equals("/part");
            TestOrigin.answer(
                    exchange,
                    200,
                    part ? "part" : "<p><esi:include src=\"/part\"/></p>",
                    "Content-Type: text/html",
                    "Cache-Control: max-age=60" + (part ? ", private" : ""));
        };
        int port = FreePorts.next();
        node(port, port);
        TestNode edge = node(0, port);
        for (int i = 1; i <= 2; i++) {
            assertTrue(get(edge, "/page").contains("<p>part</p>"));
            assertEquals(1 + i, origin.requests.get());
        }
    }

    @Test
    void anUnsafeRequestLetsGoWhatTheShieldHas() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=60");
        int port = FreePorts.next();
        TestNode shield = node(port, port);
        TestNode edge = node(0, port);
        get(edge, "/a");
        try (RawClient client = edge.raw()) {
            client.send("POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\nConnection: close\r\n\r\nxx")
                    .rest();
        }
        assertFalse(get(shield, "/a").contains("Selvage; hit"));
        assertEquals(3, origin.requests.get());
    }
}
