package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HttpTest {
    @TempDir
    private Path folder;

    private final AtomicReference<RequestHead> seen = new AtomicReference<>();
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .function("echo", "\"/echo/...\"", "", exchange -> {
                    seen.set(exchange.request());
                    try (OutputStream out = exchange.respond(new ResponseHead(200, new Headers()))) {
                        exchange.requestBody().transferTo(out);
                    }
                })
                .function("item", "\"GET /item/:id\", \"PUT 127.0.0.1/item/:id\"", "", exchange -> {
                    seen.set(exchange.request());
                    TestNode.answer(exchange, exchange.request().parameters().toString());
                })
                .function("chunks", "\"/chunks\"", "", exchange -> {
                    OutputStream out = exchange.respond(new ResponseHead(200, new Headers()));
                    for (int i = 0; i < 3; i++) {
                        out.write(("part" + i).getBytes(StandardCharsets.UTF_8));
                        out.flush();
                    }
                })
                .function("head", "\"/head/:status\"", "", exchange -> {
                    int status =
                            Integer.parseInt(exchange.request().parameters().get("status"));
                    exchange.respond(new ResponseHead(
                                    status,
                                    new Headers()
                                            .add("Connection", "x-gone, close")
                                            .add("X-Gone", "1")
                                            .add("Keep-Alive", "1")
                                            .add("Transfer-Encoding", "gzip")
                                            .add("Upgrade", "h2c")
                                            .add("Set-Cookie", "a=1")
                                            .add("Set-Cookie", "b=2")))
                            .close();
                })
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void bodiesGoBothWays(HttpClient.Version version) throws Exception {
        HttpClient client = node.client(version);
        for (int size : new int[] {0, 1, 1_000, 100_000, 3_000_000}) {
            byte[] body = new byte[size];
            new java.util.Random(size).nextBytes(body);
            HttpResponse<byte[]> response = client.send(
                    HttpRequest.newBuilder(node.uri("/echo/a?b=c"))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertEquals(200, response.statusCode());
            assertEquals(
                    java.util.HexFormat.of().formatHex(body),
                    java.util.HexFormat.of().formatHex(response.body()));
            assertEquals(version, response.version());
        }
        RequestHead head = seen.get();
        assertEquals("POST", head.method());
        assertEquals("/echo/a", head.path());
        assertEquals("b=c", head.query());
        assertEquals("127.0.0.1:" + node.port(), head.authority());
        assertEquals(version == HttpClient.Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1", head.protocol());
        assertEquals("/echo/...", head.route());
        assertEquals(node.uri("/echo/a?b=c").toString(), head.url());
        assertTrue(head.remote().getAddress().isLoopbackAddress());
        assertEquals(node.port(), head.local().getPort());
    }

    @Test
    void parametersAndTheTraceReachTheFunction() throws Exception {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        HttpResponse<String> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri("/item/a%20b%2Fc"))
                                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                                .header("tracestate", "x=y")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals("{id=a b/c}", response.body());
        assertEquals(trace, seen.get().trace().traceId());
        assertEquals("x=y", seen.get().trace().state());
        assertEquals("/item/:id", seen.get().route());
    }

    @Test
    void nothingThereIs404AndAnotherMethodIs405WithAllow() throws Exception {
        HttpResponse<String> missing = node.get("/nothing");
        assertEquals(404, missing.statusCode());
        assertEquals(
                "application/problem+json",
                missing.headers().firstValue("content-type").orElse(""));
        assertTrue(missing.body().contains("\"status\":404"), missing.body());
        HttpResponse<String> wrong = node.client(HttpClient.Version.HTTP_2)
                .send(
                        HttpRequest.newBuilder(node.uri("/item/1")).DELETE().build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(405, wrong.statusCode());
        assertEquals("GET, HEAD, PUT", wrong.headers().firstValue("allow").orElse(""));
    }

    @Test
    void requestsInOneGoAreAnsweredInOrder() throws Exception {
        try (RawClient client = node.raw()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                all.append("GET /item/").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
                all.append("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx")
                        .append(10 + i);
            }
            client.send(all.toString());
            for (int i = 0; i < 50; i++) {
                assertTrue(client.response().endsWith("{id=" + i + "}"));
                assertTrue(client.response().endsWith("x" + (10 + i)));
            }
        }
    }

    @Test
    void chunksGoBothWays() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n5;ext=1\r\ndefgh\r\n0\r\nTrailer: x\r\n\r\n");
            assertTrue(client.response().endsWith("\r\n\r\nabcdefgh"));
            String streamed =
                    client.send("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n").response();
            assertTrue(streamed.toLowerCase().contains("transfer-encoding: chunked"), streamed);
            assertTrue(streamed.endsWith("part0part1part2"), streamed);
        }
    }

    @Test
    void http10IsAnsweredAndClosed() throws Exception {
        try (RawClient client = node.raw()) {
            String all = client.send("GET /chunks HTTP/1.0\r\n\r\n").rest();
            assertTrue(all.startsWith("HTTP/1.0 200 OK") || all.startsWith("HTTP/1.1 200 OK"), all);
            assertFalse(all.toLowerCase().contains("chunked"), all);
            assertTrue(all.endsWith("part0part1part2"), all);
        }
        try (RawClient client = node.raw()) {
            client.send("GET /item/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertTrue(client.response().endsWith("{id=1}"));
            String all = client.send("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    .rest();
            assertTrue(all.toLowerCase().contains("connection: close"), all);
            assertTrue(all.endsWith("part0part1part2"), all);
        }
    }

    @Test
    void aClientThatAsksIsToldToContinueWhenTheFunctionReads() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            assertEquals("HTTP/1.1 100 Continue\r\n\r\n", client.head());
            assertTrue(client.send("hi").response().endsWith("\r\n\r\nhi"));
        }
        try (RawClient client = node.raw()) {
            client.send("PUT /item/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            String all = client.rest();
            assertTrue(all.startsWith("HTTP/1.1 200"), all);
            assertTrue(all.contains("Connection: close"), all);
        }
    }

    /** Whoever is refused in the middle of an upload asks again soon, and a new connection costs more than what is left. */
    @Test
    void aConnectionOutlivesContentThatNobodyReads() throws Exception {
        String large = "x".repeat(200_000);
        try (RawClient client = node.raw()) {
            client.send("PUT /item/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\n");
            String answer = client.response();
            assertTrue(answer.endsWith("{id=1}") && !answer.contains("Connection: close"), answer);
            answer = client.send(large + "GET /item/9 HTTP/1.1\r\nHost: a\r\n\r\n")
                    .response();
            assertTrue(answer.startsWith("HTTP/1.1 200") && answer.endsWith("{id=9}"), answer);
        }
        try (RawClient client = node.raw()) {
            String answer = client.send("PUT /item/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000000\r\n\r\n")
                    .rest();
            assertTrue(answer.contains("Connection: close") && answer.endsWith("{id=1}"), answer);
        }
    }

    @Test
    void headHasTheHeadOfGetAndNoBody() throws Exception {
        try (RawClient client = node.raw()) {
            String head =
                    client.send("HEAD /item/123 HTTP/1.1\r\nHost: a\r\n\r\n").head();
            assertTrue(head.toLowerCase().contains("content-length: 8\r\n"), head);
            assertTrue(client.send("GET /item/9 HTTP/1.1\r\nHost: a\r\n\r\n")
                    .response()
                    .endsWith("{id=9}"));
        }
    }

    @Test
    void fieldsBetweenHopsAreLeftOutAndOursAdded() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpResponse<String> response = node.client(version)
                    .send(HttpRequest.newBuilder(node.uri("/head/200")).build(), HttpResponse.BodyHandlers.ofString());
            for (String gone : new String[] {"connection", "x-gone", "keep-alive", "transfer-encoding", "upgrade"}) {
                assertTrue(
                        response.headers().firstValue(gone).isEmpty(),
                        gone + " " + response.headers().map());
            }
            assertEquals(java.util.List.of("a=1", "b=2"), response.headers().allValues("set-cookie"));
            assertEquals("Selvage", response.headers().firstValue("server").orElse(""));
            assertTrue(response.headers().firstValue("date").orElse("").endsWith("GMT"));
        }
    }

    @Test
    void statusesWithoutABodyHaveNone() throws Exception {
        try (RawClient client = node.raw()) {
            String empty = client.send("GET /head/204 HTTP/1.1\r\nHost: a\r\n\r\n")
                    .head()
                    .toLowerCase();
            assertFalse(empty.contains("content-length") || empty.contains("chunked"), empty);
            String same = client.send("GET /head/304 HTTP/1.1\r\nHost: a\r\n\r\n")
                    .head()
                    .toLowerCase();
            assertFalse(same.contains("chunked"), same);
            assertTrue(client.send("GET /item/9 HTTP/1.1\r\nHost: a\r\n\r\n")
                    .response()
                    .endsWith("{id=9}"));
        }
    }

    @Test
    void aBodyThatNobodyReadsDoesNotSpoilTheConnection() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("PUT /item/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nab");
            String first = client.response();
            assertTrue(first.endsWith("{id=1}"), first);
            client.send("cdeGET /item/2 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertTrue(client.response().endsWith("{id=2}"));
        }
    }

    @Test
    void theWholeUrlInTheRequestLineCountsMoreThanHost() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("GET http://shop.example.com:81/item/7?x HTTP/1.1\r\nHost: other\r\n\r\n");
            assertTrue(client.response().endsWith("{id=7}"));
            assertEquals("shop.example.com:81", seen.get().authority());
            assertEquals("x", seen.get().query());
        }
    }
}
