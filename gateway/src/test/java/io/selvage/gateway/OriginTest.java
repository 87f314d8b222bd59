package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
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

    private TestNode serve(String more, String... urls) throws IOException {
        node = new TestNode(folder).origin("/...", false, more, urls).start();
        return node;
    }

    /** A server that accepts one connection after another and answers each with these bytes. */
    private static ServerSocket raw(String answer) throws IOException {
        ServerSocket server = new ServerSocket(0);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    InputStream in = socket.getInputStream();
                    StringBuilder head = new StringBuilder();
                    while (head.indexOf("\r\n\r\n") < 0) {
                        head.append((char) in.read());
                    }
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                } catch (IOException _) {
                    // the next one
                }
            }
        });
        return server;
    }

    private static String url(ServerSocket server) {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    @Test
    void optionsGoesNoFurtherThanItMay() throws Exception {
        serve("", origin.url());
        try (RawClient client = new RawClient(node.port())) {
            client.send("OPTIONS /a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 5\r\n\r\n")
                    .response();
            assertEquals(List.of("4"), origin.lastField("Max-Forwards"));
            client.send("GET /a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n").response();
            assertEquals(List.of("0"), origin.lastField("Max-Forwards"), "it means nothing for other methods");
            assertEquals(2, origin.requests.get());
            String own = client.send("OPTIONS /a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n")
                    .head();
            assertTrue(own.startsWith("HTTP/1.1 204 "), own);
            String all = client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").head();
            assertTrue(all.startsWith("HTTP/1.1 204 "), all);
            assertEquals(2, origin.requests.get());
            assertTrue(client.send("GET * HTTP/1.1\r\nHost: a\r\n\r\n").head().startsWith("HTTP/1.1 400 "));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aRequestAndItsAnswerPass(HttpClient.Version version) throws Exception {
        origin.handler = exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            TestOrigin.answer(
                    exchange, 201, exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body, "X-A: 1");
        };
        serve("", origin.url());
        HttpResponse<String> response = node.client(version)
                .send(
                        HttpRequest.newBuilder(node.uri("/a%20b?c=d&e"))
                                .PUT(HttpRequest.BodyPublishers.ofString("content"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(201, response.statusCode());
        assertEquals("PUT /a%20b?c=d&e content", response.body());
        assertEquals("1", response.headers().firstValue("x-a").orElseThrow());
        assertEquals("1.1 selvage", response.headers().firstValue("via").orElseThrow());
        assertFalse(response.headers().firstValue("cache-status").isPresent());
    }

    @Test
    void anOriginLearnsWhoAsksAndCannotBeToldOtherwise() throws Exception {
        serve("", origin.url());
        try (RawClient client = node.raw()) {
            client.send(
                            "GET / HTTP/1.1\r\nHost: shop.example:81\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n"
                                    + "X-Forwarded-Host: evil\r\nVia: 1.0 a\r\nConnection: x-hop, keep-alive\r\nX-Hop: 1\r\nTE: gzip\r\n"
                                    + "Keep-Alive: 1\r\nProxy-Authorization: x\r\nX-Kept: 1\r\n\r\n")
                    .response();
        }
        assertEquals(List.of("127.0.0.1"), origin.lastField("X-Forwarded-For"));
        assertEquals(List.of("shop.example:81"), origin.lastField("X-Forwarded-Host"));
        assertEquals(List.of("http"), origin.lastField("X-Forwarded-Proto"));
        assertEquals(List.of("for=127.0.0.1;host=\"shop.example:81\";proto=http"), origin.lastField("Forwarded"));
        assertEquals(List.of("shop.example:81"), origin.lastField("Host"));
        assertEquals(List.of("1.0 a, 1.1 selvage"), origin.lastField("Via"));
        assertEquals(List.of("1"), origin.lastField("X-Kept"));
        for (String name : List.of("X-Hop", "TE", "Keep-Alive", "Proxy-Authorization")) {
            assertEquals(List.of(), origin.lastField(name), name);
        }
    }

    @Test
    void whatConcernsTheOriginsConnectionsStaysBehind() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(
                exchange, 200, "ok", "Connection: x-hop", "X-Hop: 1", "Alt-Svc: h3=\":443\"", "X-Kept: 1");
        serve("", origin.url());
        HttpResponse<String> response = node.get("/");
        for (String name : List.of("X-Hop", "Alt-Svc")) {
            assertEquals(List.of(), response.headers().allValues(name));
        }
        assertEquals(List.of("1"), response.headers().allValues("X-Kept"));
    }

    @Test
    void aLargeAnswerWaitsForASlowClient() throws Exception {
        AtomicLong sent = new AtomicLong();
        int chunk = 1 << 20;
        origin.handler = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 64; i++) {
                exchange.getResponseBody().write(new byte[chunk]);
                sent.addAndGet(chunk);
            }
        };
        serve("", origin.url());
        HttpResponse<InputStream> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(node.uri("/")).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            assertEquals(1000, in.readNBytes(1000).length);
            long before = TestOrigin.settled(sent);
            assertTrue(before < 48L * chunk, () -> sent.get() + " bytes were sent to a client that does not read");
            assertEquals(64L * chunk - 1000, in.transferTo(java.io.OutputStream.nullOutputStream()));
        }
    }

    @Test
    void aLargeRequestPassesWhole() throws Exception {
        AtomicLong received = new AtomicLong();
        origin.handler = exchange -> {
            received.set(exchange.getRequestBody().transferTo(java.io.OutputStream.nullOutputStream()));
            TestOrigin.answer(exchange, 200, "ok");
        };
        serve("", origin.url());
        byte[] content = new byte[20 << 20];
        HttpResponse<String> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri("/"))
                                .POST(HttpRequest.BodyPublishers.ofInputStream(
                                        () -> new java.io.ByteArrayInputStream(content)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals("ok", response.body());
        assertEquals(content.length, received.get());
    }

    @Test
    void addressesTakeTurnsAndOneThatIsGoneIsPassedOver() throws Exception {
        try (TestOrigin second = new TestOrigin();
                ServerSocket gone = new ServerSocket(0)) {
            int port = gone.getLocalPort();
            gone.close();
            serve("", origin.url(), second.url(), "http://127.0.0.1:" + port);
            for (int i = 0; i < 12; i++) {
                assertEquals(200, node.get("/").statusCode());
            }
            assertEquals(12, origin.requests.get() + second.requests.get());
            assertTrue(origin.requests.get() >= 4 && second.requests.get() >= 4);
        }
    }

    @Test
    void anOriginThatIsGoneIs502AndSaysSo() throws Exception {
        ServerSocket gone = new ServerSocket(0);
        gone.close();
        serve("", "http://127.0.0.1:" + gone.getLocalPort());
        HttpResponse<String> response = node.get("/");
        assertEquals(502, response.statusCode());
        assertTrue(response.body().contains("urn:selvage:problem:origin-unreachable"), response.body());
        TestNode.eventually("the log says why", () -> node.log().contains("\"problem\":\"origin-unreachable\""));
    }

    @Test
    void anOriginThatStallsIs504() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        origin.handler = _ -> over.await();
        serve("first_byte_timeout = \"200ms\"", origin.url());
        HttpResponse<String> response = node.get("/");
        over.countDown();
        assertEquals(504, response.statusCode());
        assertTrue(response.body().contains("urn:selvage:problem:origin-timeout"), response.body());
    }

    @Test
    void anOriginThatStallsInTheMiddleBreaksTheAnswerOff() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        origin.handler = exchange -> {
            exchange.sendResponseHeaders(200, 10);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            over.await();
        };
        serve("between_bytes_timeout = \"200ms\"", origin.url());
        try (RawClient client = node.raw()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            String all = client.rest();
            assertTrue(all.startsWith("HTTP/1.1 200") && all.endsWith("\r\n\r\n\u0001"), all);
        }
        over.countDown();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX-A: a\u0001b\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"
            })
    void anOriginThatSendsNoHttpIs502(String answer) throws Exception {
        try (ServerSocket server = raw(answer)) {
            serve("", url(server));
            assertEquals(502, node.get("/").statusCode());
        }
    }

    @Test
    void anAnswerThatIsCutIsNotTakenForAWhole() throws Exception {
        try (ServerSocket server = raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")) {
            serve("", url(server));
            try (RawClient client = node.raw()) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                assertTrue(client.rest().endsWith("\r\n\r\nhello"));
            }
        }
    }

    @Test
    void interimAnswersPassAndDoNotShiftTheOnesAfterThem() throws Exception {
        try (ServerSocket server = raw("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            serve("", url(server));
            try (RawClient client = node.raw()) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEquals("HTTP/1.1 102 Processing\r\n\r\n", client.head());
                String hints = client.head();
                assertTrue(hints.startsWith("HTTP/1.1 103") && hints.contains("</a>"), hints);
                assertTrue(client.response().endsWith("\r\n\r\nok"));
            }
        }
    }

    @Test
    void aClientOfHttp10GetsAnAnswerThatEndsWithItsConnection() throws Exception {
        origin.handler = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("streamed".getBytes(StandardCharsets.UTF_8));
        };
        serve("", origin.url());
        try (RawClient client = node.raw()) {
            String all = client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n").rest();
            assertTrue(all.endsWith("\r\n\r\nstreamed"), all);
            assertFalse(all.contains("chunked"), all);
        }
    }

    @Test
    void aClientThatGoesAwayEndsItsRequest() throws Exception {
        CountDownLatch broken = new CountDownLatch(1);
        origin.handler = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (true) {
                    exchange.getResponseBody().write(new byte[1 << 16]);
                }
            } catch (IOException e) {
                broken.countDown();
                throw e;
            }
        };
        serve("", origin.url());
        RawClient client = node.raw();
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head();
        client.close();
        assertTrue(broken.await(20, java.util.concurrent.TimeUnit.SECONDS));
    }

    @Test
    void contentWhoseFramingBreaksIsRefusedAndItsConnectionClosed() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        origin.handler = exchange -> {
            asked.countDown();
            exchange.getRequestBody().readAllBytes();
            TestOrigin.answer(exchange, 200, "whole");
        };
        serve("", origin.url());
        try (RawClient client = node.raw()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            assertTrue(asked.await(20, java.util.concurrent.TimeUnit.SECONDS));
            String all = client.send("zz\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
                    .rest();
            assertTrue(all.startsWith("HTTP/1.1 400 ") && all.contains("A chunk does not begin with its size"), all);
            assertEquals(all.indexOf("HTTP/1.1"), all.lastIndexOf("HTTP/1.1"), all);
        }
    }

    @Test
    void aHeadHasTheLengthOfItsGetAndNoContent() throws Exception {
        origin.handler = exchange -> {
            exchange.getResponseHeaders().add("Content-Length", "5");
            exchange.sendResponseHeaders(200, -1);
        };
        serve("", origin.url());
        try (RawClient client = node.raw()) {
            String head = client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
                    .head();
            assertTrue(head.toLowerCase(java.util.Locale.ROOT).contains("content-length: 5"), head);
            assertTrue(client.head().startsWith("HTTP/1.1 200"));
        }
    }

    @Test
    void noMoreConnectionsAreMadeThanItMayHave() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        origin.handler = exchange -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            over.await();
            byte[] content = exchange.getRequestBody().readAllBytes();
            now.decrementAndGet();
            TestOrigin.answer(exchange, 200, "got " + content.length);
        };
        serve("connections = 2\nconnect_timeout = \"20s\"", origin.url());
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clients.add(node.raw()
                    .send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        }
        TestNode.eventually("two are asked", () -> origin.requests.get() == 2);
        over.countDown();
        for (RawClient client : clients) {
            String response = client.response();
            assertTrue(response.endsWith("got 5"), response);
            client.close();
        }
        assertEquals(2, most.get());
    }

    @Test
    void noMoreRequestsWaitForAConnectionThanMay() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        origin.handler = exchange -> {
            over.await();
            TestOrigin.answer(exchange, 200, "ok");
        };
        serve("connections = 1\nwaiting = 1\nretry = false\nconnect_timeout = \"20s\"", origin.url());
        ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 5; i++) {
                clients.submit(() -> statuses.add(node.get("/").statusCode()));
            }
            TestNode.eventually("three are refused", () -> statuses.size() == 3);
            assertEquals(List.of(503, 503, 503), List.copyOf(statuses));
            over.countDown();
        }
        assertEquals(List.of(503, 503, 503, 200, 200), List.copyOf(statuses));
        assertEquals(2, origin.requests.get());
    }
}
