package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Exchange;
import io.selvage.node.GuestException;
import io.selvage.node.Headers;
import io.selvage.node.ResponseHead;
import io.selvage.node.Setting;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FunctionCacheTest {
    @TempDir
    private Path folder;

    private final AtomicInteger calls = new AtomicInteger();
    private volatile TestNode.Body body = exchange -> answer(exchange, "n" + calls.get(), "max-age=60");
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
    }

    private void serve(String limits) throws IOException {
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "2")
                .function("shop", "\"/direct\"", limits, exchange -> {
                    calls.incrementAndGet();
                    body.handle(exchange);
                })
                .more("[[route]]\npath = \"/shop/...\"\nfunction = \"shop\"\ncache = true\n")
                .more("[[route]]\npath = \"/pages/...\"\nfunction = \"shop\"\ncache = true\nesi = true\n")
                .start();
    }

    private static void answer(Exchange exchange, String text, String control) throws IOException {
        Headers fields = new Headers().add("Content-Type", "text/plain").add("Cache-Control", control);
        try (OutputStream out = exchange.respond(new ResponseHead(200, fields))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri(path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static String status(HttpResponse<?> response) {
        return response.headers().firstValue("cache-status").orElse("");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aFunctionsAnswerIsStoredAndAnUnsafeRequestLetsItGo() throws Exception {
        serve("");
        assertEquals("n1", node.get("/shop/a").body());
        HttpResponse<String> hit = node.get("/shop/a");
        assertEquals("n1", hit.body());
        assertTrue(status(hit).startsWith("Selvage; hit"), status(hit));
        assertEquals(
                "2",
                send("HEAD", "/shop/a").headers().firstValue("content-length").orElseThrow());
        assertEquals(1, calls.get());
        assertEquals("n2", send("POST", "/shop/a").body());
        assertEquals("n3", node.get("/shop/a").body());
    }

    @Test
    void aQueryIsStoredByItsContent() throws Exception {
        body = exchange -> {
            String asked = new String(exchange.requestBody().readAllBytes(), StandardCharsets.UTF_8);
            answer(
                    exchange,
                    exchange.request().method() + " " + (asked.length() > 9 ? asked.length() : asked),
                    "max-age=60");
        };
        serve("body = \"70KiB\"");
        assertEquals("QUERY a", query("a").body());
        HttpResponse<String> hit = query("a");
        assertEquals("QUERY a", hit.body());
        assertTrue(status(hit).startsWith("Selvage; hit"), status(hit));
        assertEquals("QUERY b", query("b").body());
        assertEquals("QUERY ", query("").body());
        assertEquals("GET ", node.get("/shop/a").body());
        assertEquals(4, calls.get());
        send("POST", "/shop/a");
        assertTrue(status(query("a")).contains("uri-miss"));
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> past = query("x".repeat(HeldQuery.LONGEST + 1));
            assertEquals("QUERY " + (HeldQuery.LONGEST + 1), past.body());
            assertEquals("", status(past));
        }
        assertEquals(413, query("x".repeat(80_000)).statusCode());
    }

    @Test
    void aQueryThatIsLargerThanTheFunctionTakesIsRefused() throws Exception {
        serve("body = \"1KiB\"");
        assertEquals(413, query("x".repeat(1025)).statusCode());
        assertEquals(0, calls.get());
    }

    @Test
    void theAnswerToAQueryMayBeAPage() throws Exception {
        body = exchange -> {
            String method = exchange.request().method();
            String text = new String(exchange.requestBody().readAllBytes(), StandardCharsets.UTF_8);
            Headers fields = new Headers().add("Content-Type", "text/html").add("Cache-Control", "max-age=60");
            try (OutputStream out = exchange.respond(new ResponseHead(200, fields))) {
                String page = method.equals("GET") ? "menu" : text + ": <esi:include src='/shop/menu'/>";
                out.write(page.getBytes(StandardCharsets.UTF_8));
            }
        };
        serve("");
        for (int i = 0; i < 2; i++) {
            assertEquals("a: menu", query("/pages/found", "a").body());
            assertEquals("b: menu", query("/pages/found", "b").body());
        }
        assertEquals(3, calls.get());
    }

    private HttpResponse<String> query(String content) throws Exception {
        return query("/shop/a", content);
    }

    private HttpResponse<String> query(String path, String content) throws Exception {
        return node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri(path))
                                .method("QUERY", HttpRequest.BodyPublishers.ofString(content))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void manyClientsThatAskAtOnceAreOneCall() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        byte[] part = new byte[100_000];
        body = exchange -> {
            Headers fields = new Headers().add("Cache-Control", "max-age=60");
            try (OutputStream out = exchange.respond(new ResponseHead(200, fields))) {
                out.write(part);
                out.flush();
                await(finish);
                out.write(part);
            }
        };
        serve("");
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            clients.add(node.raw().send("GET /shop/cold HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        }
        for (RawClient client : clients) {
            assertTrue(client.head().startsWith("HTTP/1.1 200"));
        }
        finish.countDown();
        for (RawClient client : clients) {
            assertTrue(client.rest().length() >= 200_000);
            client.close();
        }
        assertEquals(1, calls.get());
    }

    @Test
    void aStaleAnswerStandsInForAFunctionThatFails() throws Exception {
        body = exchange -> answer(exchange, "good", "max-age=0, stale-if-error=60");
        serve("wall = \"300ms\", concurrency = 1, queue = 0");
        assertEquals("good", node.get("/shop/a").body());
        body = _ -> {
            throw new GuestException("It is broken");
        };
        HttpResponse<String> failed = node.get("/shop/a");
        assertEquals("good", failed.body());
        assertTrue(status(failed).contains("detail=stale-if-error"), status(failed));
        assertEquals(502, node.get("/shop/other").statusCode());

        CountDownLatch never = new CountDownLatch(1);
        body = _ -> await(never);
        assertEquals("good", node.get("/shop/a").body(), "past its wall-clock limit");

        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        body = exchange -> {
            entered.countDown();
            await(leave);
            answer(exchange, "busy", "no-store");
        };
        Thread occupant = Thread.ofVirtual().start(() -> {
            try {
                node.get("/direct");
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        entered.await();
        assertEquals("good", node.get("/shop/a").body(), "past its concurrency limit");
        leave.countDown();
        occupant.join();
    }

    @Test
    void whatAFunctionSaysIsPrivateIsForOneClient() throws Exception {
        body = exchange -> answer(exchange, "n" + calls.get(), "private, max-age=60");
        serve("");
        assertEquals("n1", node.get("/shop/a").body());
        assertEquals("n2", node.get("/shop/a").body());
    }

    @Test
    void aNewVersionOfTheCodeDoesNotGiveOldAnswers() throws Exception {
        serve("");
        assertEquals("n1", node.get("/shop/a").body());
        java.nio.file.Files.write(folder.resolve("shop.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 2, 1, 'x'});
        node.node().deploy(folder);
        assertFalse(status(node.get("/shop/a")).contains("hit"));
    }
}
