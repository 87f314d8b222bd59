package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedTest {
    @TempDir
    private static Path folder;

    private static final AtomicInteger CALLS = new AtomicInteger();
    private static TestNode node;

    @BeforeAll
    static void start() throws IOException {
        node = new TestNode(folder)
                .with(Setting.HEADER_TIMEOUT, "400ms")
                .with(Setting.IDLE_TIMEOUT, "700ms")
                .with(Setting.BODY_GRACE, "300ms")
                .with(Setting.REQUEST_LINE, "1KiB")
                .with(Setting.HEADER_SIZE, "4KiB")
                .function("all", "\"/...\"", "wall = \"20s\"", exchange -> {
                    CALLS.incrementAndGet();
                    exchange.requestBody().readAllBytes();
                    TestNode.answer(exchange, "fine");
                })
                .start();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "400 | GET / HTTP/1.1~~",
                "400 | GET / HTTP/1.1~Host: a~Host: b~~",
                "400 | GET / HTTP/1.1~Host: a b~~",
                "400 | GET / HTTP/1.1~Host: a/b~~",
                "400 | GET / HTTP/1.1~Host: a:x~~",
                "400 | POST / HTTP/1.1~Host: a~Content-Length: 3~Transfer-Encoding: chunked~~0~~",
                "400 | POST / HTTP/1.1~Host: a~Content-Length: 3~Content-Length: 4~~abcd",
                "400 | POST / HTTP/1.1~Host: a~Content-Length: -1~~",
                "400 | POST / HTTP/1.1~Host: a~Content-Length: 3x~~abc",
                "400 | POST / HTTP/1.1~Host: a~Content-Length: +3~~abc",
                "501 | POST / HTTP/1.1~Host: a~Transfer-Encoding: gzip~~",
                "501 | POST / HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~0~~",
                "400 | POST / HTTP/1.1~Host: a~Transfer-Encoding: chunked~~zz~abc~0~~",
                "400 | GET / HTTP/1.1~Host: a~Broken~~",
                "400 | GET / HTTP/1.1~Host: a~Spa ce: x~~",
                "400 | GET / HTTP/1.1~Host : a~~",
                "400 | GET /../etc HTTP/1.1~Host: a~~",
                "400 | GET /%2e%2e%2fetc HTTP/1.1~Host: a~~",
                "400 | GET /%00 HTTP/1.1~Host: a~~",
                "400 | GET x HTTP/1.1~Host: a~~",
                "400 | GET * HTTP/1.1~Host: a~~",
                "400 | OPTIONS * HTTP/1.1~~",
                "400 | GET /#x HTTP/1.1~Host: a~~",
                "501 | CONNECT a:80 HTTP/1.1~Host: a~~",
                "501 | TRACE / HTTP/1.1~Host: a~~",
                "417 | GET / HTTP/1.1~Host: a~Expect: magic~~",
            })
    void whatIsNoRequestIsRefused(int status, String text) throws Exception {
        int before = CALLS.get();
        for (String wish : List.of("", "Connection: Upgrade, HTTP2-Settings~Upgrade: h2c~HTTP2-Settings: AAMAAABk~")) {
            try (RawClient client = node.raw()) {
                String sent = text.replaceFirst("~", "~" + wish).replace("~", "\r\n");
                String response = client.send(sent).response();
                assertTrue(response.startsWith("HTTP/1.1 " + status + " "), response);
                assertTrue(
                        response.contains("application/problem+json") && response.contains("\"request\":\""), response);
                if (status == 400 || status == 501) {
                    assertEquals("", client.rest(), "the connection is closed");
                }
            }
        }
        if (!text.contains("zz~")) {
            assertEquals(before, CALLS.get());
        }
        assertEquals("fine", node.get("/").body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET / HTTP/1.1^Host: a^^ | It has a line that does not end with CR LF",
                "%abc | It begins as TLS does",
                "(a) / HTTP/1.1 | It does not begin with a method",
            })
    void whatCanBeNoRequestIsRefusedAtOnce(String text, String why) throws Exception {
        try (RawClient client = node.raw()) {
            String response =
                    client.send(text.replace('^', '\n').replace('%', '\u0016')).rest();
            assertTrue(response.startsWith("HTTP/1.1 400 ") && response.contains(why), response);
        }
    }

    /** The wish is ignored where it could be granted only by reading the request less strictly than without it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "101 | GET / HTTP/1.1~Host: a~",
                "200 | GET / HTTP/1.0~Host: a~",
                "200 | POST / HTTP/1.1~Host: a~Content-Length: 1~",
                "200 | GET / HTTP/1.1~Host: a~Connection: X-Hop~X-Hop: 1~",
                "100 | POST / HTTP/1.1~Host: a~Content-Length: 1~Expect: 100-continue~",
            })
    void onlyWhatIsPlainIsUpgraded(int status, String text) throws Exception {
        String wish = "Connection: Upgrade, HTTP2-Settings~Upgrade: h2c~HTTP2-Settings: AAMAAABk~~";
        try (RawClient client = node.raw()) {
            client.send((text + wish).replace("~", "\r\n") + (text.startsWith("POST") ? "x" : ""));
            String head = client.head();
            assertTrue(head.startsWith("HTTP/1.1 " + status + " "), head);
        }
    }

    @Test
    void aNewerVersionOfHttpIsRefused() throws Exception {
        try (RawClient client = node.raw()) {
            String response = client.send("GET / HTTP/3.7\r\nHost: a\r\n\r\n").response();
            assertTrue(response.contains(" 505 ") || response.contains(" 400 "), response);
        }
    }

    @Test
    void aRequestLineThatIsTooLongIs414() throws Exception {
        try (RawClient client = node.raw()) {
            String response = client.send("GET /" + "a".repeat(2_000) + " HTTP/1.1\r\nHost: a\r\n\r\n")
                    .rest();
            assertTrue(response.contains(" 414 "), response);
        }
    }

    @Test
    void fieldsThatAreTooLargeAre431() throws Exception {
        try (RawClient client = node.raw()) {
            StringBuilder bomb = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
            for (int i = 0; i < 500; i++) {
                bomb.append("X-").append(i).append(": ").append("y".repeat(20)).append("\r\n");
            }
            String response = client.send(bomb + "\r\n").rest();
            assertTrue(response.startsWith("HTTP/1.1 431 "), response);
        }
    }

    @Test
    void aHeadThatComesByteByByteIs408() throws Exception {
        try (RawClient client = node.raw()) {
            Thread slow = Thread.ofVirtual().start(() -> {
                try {
                    for (char c : ("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(200)).toCharArray()) {
                        client.send(String.valueOf(c));
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException _) {
                    // the node has closed the connection
                }
            });
            String response = client.rest();
            slow.interrupt();
            assertTrue(response.startsWith("HTTP/1.1 408 "), response);
        }
    }

    @Test
    void aConnectionWithoutARequestIsClosed() throws Exception {
        try (RawClient silent = node.raw();
                RawClient used = node.raw();
                RawClient half = node.raw()) {
            used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertTrue(used.response().endsWith("fine"));
            half.send("PRI");
            assertEquals("", silent.rest());
            assertEquals("", used.rest());
            assertTrue(half.rest().startsWith("HTTP/1.1 408"));
        }
    }

    @Test
    void aBodyThatComesTooSlowlyIs408() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
            String response = client.rest();
            assertTrue(response.startsWith("HTTP/1.1 408 "), response);
        }
        assertEquals("fine", node.get("/").body());
    }

    @Test
    void noiseIsNotARequest() throws Exception {
        byte[] noise = new byte[4_096];
        for (int seed = 0; seed < 50; seed++) {
            new java.util.Random(seed).nextBytes(noise);
            try (RawClient client = node.raw()) {
                client.socket.getOutputStream().write(noise);
                client.socket.shutdownOutput();
                client.rest();
            } catch (IOException _) {
                // closed already
            }
        }
        assertEquals("fine", node.get("/").body());
    }
}
