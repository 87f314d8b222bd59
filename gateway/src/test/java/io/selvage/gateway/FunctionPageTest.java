package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Exchange;
import io.selvage.node.Headers;
import io.selvage.node.ResponseHead;
import io.selvage.node.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages that functions answer to requests with content, put together from includes. */
class FunctionPageTest {
    private static final String PAGE = "[%s|<esi:include src='/part?x=1'/>]";

    @TempDir
    private Path folder;

    private final AtomicInteger parts = new AtomicInteger();
    private final Queue<String> broken = new ConcurrentLinkedQueue<>();
    private volatile TestNode.Body body = exchange -> html(exchange, PAGE.formatted(text(exchange)));
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "2")
                .with(Setting.BODY_GRACE, "500ms")
                .function("shop", "\"/direct\"", "body = \"64MiB\"", e -> body.handle(e))
                .function(
                        "part",
                        "\"/part\"",
                        "",
                        e -> TestNode.answer(e, e.request().method() + parts.incrementAndGet() + text(e)))
                .more("[[route]]\npath = \"/pages/...\"\nfunction = \"shop\"\nesi = true\n")
                .more("[[route]]\npath = \"/stored/...\"\nfunction = \"shop\"\nesi = true\ncache = true\n")
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static String text(Exchange exchange) throws IOException {
        return new String(exchange.requestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void html(Exchange exchange, String text) throws IOException {
        Headers fields = new Headers().add("Content-Type", "text/html").add("Cache-Control", "max-age=60");
        try (OutputStream out = exchange.respond(new ResponseHead(200, fields))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private HttpResponse<String> send(HttpClient.Version version, String method, String path, byte[] content)
            throws Exception {
        return node.client(version)
                .send(
                        HttpRequest.newBuilder(node.uri(path))
                                .method(method, HttpRequest.BodyPublishers.ofByteArray(content))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, POST, /pages/a",
        "HTTP_2, POST, /pages/a",
        "HTTP_1_1, PUT, /stored/a",
        "HTTP_2, POST, /stored/a",
        "HTTP_1_1, QUERY, /pages/a",
        "HTTP_1_1, QUERY, /stored/a"
    })
    void theIncludesOfAPageThatAnswersContentAreFilled(HttpClient.Version version, String method, String path)
            throws Exception {
        HttpResponse<String> page = send(version, method, path, "name=Ada".getBytes(StandardCharsets.UTF_8));
        assertEquals("[name=Ada|GET1]", page.body());
        assertTrue(page.headers().firstValue("cache-control").orElse("").startsWith("private"), page::toString);
    }

    @Test
    void aPostWithoutContentGetsAPageToo() throws Exception {
        assertEquals(
                "[|GET1]",
                send(HttpClient.Version.HTTP_1_1, "POST", "/pages/a", new byte[0])
                        .body());
    }

    @Test
    void aPageWhoseContentIsTooLongForTheCacheIsAnsweredWithoutIt() throws Exception {
        body = exchange -> html(exchange, PAGE.formatted(text(exchange).length()));
        byte[] content = new byte[200_000];
        assertEquals(
                "[200000|GET1]",
                send(HttpClient.Version.HTTP_1_1, "QUERY", "/stored/a", content).body());
        try (RawClient client = node.raw()) {
            client.send("QUERY /stored/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
            client.send(chunk.repeat(10)).send("0\r\n\r\n");
            assertTrue(client.response().contains("[" + 0x4000 * 10 + "|GET"));
        }
    }

    @Test
    void contentComesAsFastAsTheFunctionTakesItAndTheAnswerBeforeItsEnd() throws Exception {
        body = exchange -> {
            InputStream in = exchange.requestBody();
            OutputStream out = exchange.respond(
                    new ResponseHead(200, new Headers().add("Content-Type", "application/octet-stream")));
            byte[] buffer = new byte[8_192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
            out.close();
        };
        try (RawClient client = node.raw()) {
            client.send("POST /pages/a HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n");
            client.send("0123456789");
            String head = client.head();
            assertTrue(head.startsWith("HTTP/1.1 200 "), head);
            InputStream in = client.in();
            for (int i = 0; i < 4; i++) {
                assertEquals("a\r\n0123456789\r\n", new String(in.readNBytes(15), StandardCharsets.US_ASCII));
                if (i < 3) {
                    client.send("0123456789");
                }
            }
            assertEquals("0\r\n\r\n", new String(in.readNBytes(5), StandardCharsets.US_ASCII));
        }
        byte[] large = new byte[16 << 20];
        HttpClient client = node.client(HttpClient.Version.HTTP_2);
        URI page = node.uri("/pages/a");
        client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.discarding());
        HttpResponse<byte[]> echo = client.send(
                HttpRequest.newBuilder(page)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(large))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(HttpClient.Version.HTTP_2, echo.version());
        assertEquals(large.length, echo.body().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 100000000", "Transfer-Encoding: chunked"})
    void contentThatIsTooLargeIsRefused(String framing) throws Exception {
        body = exchange -> html(exchange, "" + exchange.requestBody().transferTo(OutputStream.nullOutputStream()));
        try (RawClient client = node.raw()) {
            Thread.ofVirtual().start(() -> {
                try {
                    client.send("POST /pages/a HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n");
                    String chunk = "100000\r\n" + "x".repeat(0x100000) + "\r\n";
                    for (int i = 0; i < 100; i++) {
                        client.send(chunk);
                    }
                } catch (IOException _) {
                    // it has been refused
                }
            });
            String head = client.head();
            assertTrue(head.startsWith("HTTP/1.1 413 "), head);
        }
    }

    @Test
    void aClientThatSendsTooSlowlyIsRefused() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST /pages/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");
            String answer = client.response();
            assertTrue(answer.startsWith("HTTP/1.1 408") && answer.contains("too-slow"), answer);
        }
    }

    @Test
    void aFunctionLearnsThatItsClientIsGone() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        body = exchange -> {
            begun.countDown();
            try {
                text(exchange);
            } catch (IOException e) {
                broken.add(String.valueOf(e.getMessage()));
                throw e;
            }
        };
        try (RawClient client = node.raw()) {
            client.send("POST /pages/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");
            assertTrue(begun.await(20, TimeUnit.SECONDS), "the function has begun");
        }
        TestNode.eventually("its content breaks off", () -> broken.size() == 1);
        TestNode.eventually("the log tells", () -> node.log().contains("\"status\":499"));
    }

    @Test
    void contentWhoseFramingBreaksIsRefused() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST /pages/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
            assertTrue(client.response().startsWith("HTTP/1.1 400 "));
        }
    }

    @Test
    void aPostLetsGoWhatIsStored() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        body = exchange -> html(exchange, PAGE.formatted(calls.incrementAndGet()));
        assertEquals("[1|GET1]", node.get("/stored/a").body());
        assertEquals("[1|GET2]", node.get("/stored/a").body());
        assertEquals(
                "[2|GET3]",
                send(HttpClient.Version.HTTP_1_1, "POST", "/stored/a", new byte[10])
                        .body());
        assertEquals("[3|GET4]", node.get("/stored/a").body());
    }

    @Test
    void aClientThatWaitsToBeToldToSendIsTold() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST /pages/a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertTrue(client.head().startsWith("HTTP/1.1 100 "));
            client.send("abc");
            String answer = client.response();
            assertTrue(answer.endsWith("[abc|GET1]"), answer);
        }
    }
}
