package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Headers;
import io.selvage.node.ResponseHead;
import io.selvage.wasm.Trap;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitsTest {
    @TempDir
    private Path folder;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger entered = new AtomicInteger();
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .function("read", "\"/read\"", "body = \"1KiB\"", exchange -> {
                    int length = exchange.requestBody().readAllBytes().length;
                    TestNode.answer(exchange, "read " + length);
                })
                .function("narrow", "\"/narrow\"", "concurrency = 2, queue = 1", exchange -> {
                    entered.incrementAndGet();
                    await();
                    TestNode.answer(exchange, "done");
                })
                .function("slow", "\"/slow\"", "wall = \"200ms\", concurrency = 1", exchange -> {
                    entered.incrementAndGet();
                    await();
                })
                .function("waits", "\"/waits\"", "wall = \"20s\"", exchange -> {
                    entered.incrementAndGet();
                    await();
                })
                .function("traps", "\"/traps/:kind\"", "", exchange -> {
                    throw new Trap(
                            Trap.Kind.valueOf(exchange.request().parameters().get("kind")));
                })
                .function(
                        "odd",
                        "\"/odd/:what\"",
                        "",
                        exchange ->
                                odd(exchange, exchange.request().parameters().get("what")))
                .start();
    }

    private void await() throws IOException {
        try {
            gate.await();
        } catch (InterruptedException e) {
            interrupted.set(true);
            throw new java.io.InterruptedIOException("interrupted");
        }
    }

    private static void odd(io.selvage.node.Exchange exchange, String what) throws IOException {
        Headers headers = new Headers();
        switch (what) {
            case "nothing" -> {}
            case "crash" -> throw new IllegalStateException("secret detail");
            case "recursion" -> odd(exchange, what);
            case "status" -> exchange.respond(new ResponseHead(101, headers)).close();
            case "injection" ->
                exchange.respond(new ResponseHead(200, headers.add("X", "a\r\nSet-Cookie: b")))
                        .close();
            case "name" ->
                exchange.respond(new ResponseHead(200, headers.add("X: y\r\nZ", "a")))
                        .close();
            case "length" ->
                exchange.respond(new ResponseHead(200, headers.add("Content-Length", "3x")))
                        .close();
            case "short" -> {
                OutputStream out = exchange.respond(new ResponseHead(200, headers.add("Content-Length", "5")));
                out.write("abc".getBytes());
                out.close();
            }
            case "long" ->
                exchange.respond(new ResponseHead(200, headers.add("Content-Length", "2")))
                        .write(new byte[3]);
            case "late" -> {
                OutputStream out = exchange.respond(new ResponseHead(200, headers));
                out.write(new byte[100_000]);
                out.flush();
                throw new Trap(Trap.Kind.UNREACHABLE);
            }
            default -> throw new AssertionError(what);
        }
    }

    @AfterEach
    void stop() {
        gate.countDown();
        node.close();
    }

    private HttpResponse<String> post(String path, HttpRequest.BodyPublisher body) throws Exception {
        return node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(node.uri(path)).POST(body).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aBodyThatIsTooLargeIs413HoweverItComes() throws Exception {
        assertEquals(
                "read 1024",
                post("/read", HttpRequest.BodyPublishers.ofByteArray(new byte[1024]))
                        .body());
        HttpResponse<String> declared = post("/read", HttpRequest.BodyPublishers.ofByteArray(new byte[1025]));
        assertEquals(413, declared.statusCode());
        assertTrue(
                declared.body().contains("\"limit\":\"body\"")
                        && declared.body().contains("1 KiB"),
                declared.body());
        HttpResponse<String> chunked = post(
                "/read",
                HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[5_000])));
        assertEquals(413, chunked.statusCode());
        try (RawClient client = node.raw()) {
            String refused = client.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n"
                            + "Expect: 100-continue\r\n\r\n")
                    .response();
            assertTrue(refused.startsWith("HTTP/1.1 413"), "without asking for the body first: " + refused);
        }
        assertTrue(node.admin("/metrics")
                .body()
                .contains("selvage_limits_exceeded_total{selvage_function=\"read\",selvage_limit=\"body\"} 3.0"));
        TestNode.eventually(
                "the log says which limit",
                () -> node.log().contains("\"event\":\"limit\"")
                        && node.log().contains("\"limit\":\"body\",\"allowed\":\"1 KiB\""));
    }

    @Test
    void pastTheQueueTheAnswerIs503AtOnceAndTheOthersAreServed() throws Exception {
        HttpClient client = node.client(HttpClient.Version.HTTP_2);
        List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            running.add(client.sendAsync(
                    HttpRequest.newBuilder(node.uri("/narrow")).build(), HttpResponse.BodyHandlers.ofString()));
            int count = i;
            TestNode.eventually(
                    "request " + i + " is in",
                    () -> entered.get() == Math.min(2, count + 1)
                            && (count < 2
                                    || node.node().release().functions().get(1).waiting() == 1));
        }
        HttpResponse<String> refused = node.get("/narrow");
        assertEquals(503, refused.statusCode());
        assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
        assertTrue(refused.body().contains("\"limit\":\"concurrency\""), refused.body());
        String metrics = node.admin("/metrics").body();
        gate.countDown();
        for (CompletableFuture<HttpResponse<String>> each : running) {
            assertEquals("done", each.get().body());
        }
        assertEquals("done", node.get("/narrow").body());
        assertTrue(
                node.admin("/metrics").body().contains("selvage_queue_length{selvage_function=\"narrow\"} 0.0"),
                metrics);
    }

    @Test
    void theWallClockRunsInTheQueueToo() throws Exception {
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        long begin = System.nanoTime();
        List<CompletableFuture<HttpResponse<String>>> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(client.sendAsync(
                    HttpRequest.newBuilder(node.uri("/slow")).build(), HttpResponse.BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> each : both) {
            HttpResponse<String> response = each.get();
            assertEquals(504, response.statusCode());
            assertTrue(
                    response.body().contains("\"limit\":\"wall\"")
                            && response.body().contains("200 ms"),
                    response.body());
        }
        assertTrue(System.nanoTime() - begin < 10_000_000_000L);
        TestNode.eventually("the guest is interrupted", interrupted::get);
        TestNode.eventually(
                "its place is free",
                () -> node.node().release().functions().get(2).running() == 0);
    }

    @Test
    void aTrapIs500WithItsName() throws Exception {
        HttpResponse<String> response = node.get("/traps/INTEGER_DIVIDE_BY_ZERO");
        assertEquals(500, response.statusCode());
        assertEquals(
                "application/problem+json",
                response.headers().firstValue("content-type").orElse(""));
        assertTrue(response.body().contains("\"trap\":\"integer divide by zero\""), response.body());
        assertTrue(response.body().contains("\"function\":\"traps\""), response.body());
        assertEquals(504, node.get("/traps/CPU_TIME_EXCEEDED").statusCode());
        assertEquals(504, node.get("/traps/DEADLINE_EXCEEDED").statusCode());
        HttpResponse<String> memory = node.get("/traps/OUT_OF_MEMORY");
        assertEquals(500, memory.statusCode());
        assertTrue(memory.body().contains("\"limit\":\"memory\""), memory.body());
        HttpResponse<String> compile = node.get("/traps/COMPILE_LIMIT");
        assertEquals(500, compile.statusCode());
        assertTrue(compile.body().contains("\"limit\":\"compile\""), compile.body());
        assertTrue(node.admin("/metrics")
                .body()
                .contains(
                        "selvage_traps_total{selvage_function=\"traps\",selvage_trap=\"integer divide by zero\"} 1.0"));
    }

    @Test
    void aGuestWithoutAUsableHeadIs502() throws Exception {
        for (String what : new String[] {"nothing", "status", "injection", "name", "length", "short", "long"}) {
            HttpResponse<String> response = node.get("/odd/" + what);
            assertEquals(502, response.statusCode(), what + " " + response.body());
            assertTrue(response.headers().firstValue("set-cookie").isEmpty());
            assertTrue(response.headers().firstValue("z").isEmpty());
        }
    }

    @Test
    void aFaultOfTheNodeIs500AndTellsTheClientNothing() throws Exception {
        HttpResponse<String> response = node.get("/odd/crash");
        assertEquals(500, response.statusCode());
        assertFalse(response.body().contains("secret"), response.body());
        TestNode.eventually("the log has it", () -> node.log().contains("secret detail"));
        assertEquals(500, node.get("/odd/recursion").statusCode());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aFailureAfterTheHeadBreaksTheResponseOff(HttpClient.Version version) {
        HttpClient client = node.client(version);
        ExecutionException e = assertThrows(
                ExecutionException.class,
                () -> client.sendAsync(
                                HttpRequest.newBuilder(node.uri("/odd/late")).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .get());
        assertTrue(e.getCause() instanceof IOException, String.valueOf(e.getCause()));
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aClientThatGoesAwayInterruptsTheGuest(HttpClient.Version version) throws Exception {
        HttpClient client = node.client(version);
        client.sendAsync(HttpRequest.newBuilder(node.uri("/waits")).build(), HttpResponse.BodyHandlers.ofString());
        TestNode.eventually("the guest runs", () -> entered.get() == 1);
        client.shutdownNow();
        TestNode.eventually("the guest is interrupted", interrupted::get);
        TestNode.eventually("the log says so", () -> node.log().contains("\"status\":499"));
    }
}
