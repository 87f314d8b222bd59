package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WebSocket and whatever else a connection is upgraded to, through the gateway to an origin. */
class TunnelTest {
    private static final int FLOOD = 320 << 16;
    private static final String UPGRADE = "GET /chat?room=1 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    @TempDir
    private Path folder;

    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Integer> sunk = new CompletableFuture<>();
    private final AtomicInteger open = new AtomicInteger();
    private ServerSocket origin;
    private TestNode node;
    private volatile String answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst";

    @BeforeEach
    void start() throws Exception {
        origin = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!origin.isClosed()) {
                try {
                    Socket socket = origin.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException _) {
                    return;
                }
            }
        });
        node = new TestNode(folder)
                .origin("/...", true, "", "http://127.0.0.1:" + origin.getLocalPort())
                .start();
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
        origin.close();
    }

    /** Answers heads until one asks for another protocol, and then echoes in capital letters what comes. */
    private void serve(Socket socket) {
        open.incrementAndGet();
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            String head = head(in);
            while (!head.contains("pgrade: websocket")) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes(StandardCharsets.ISO_8859_1));
                head = head(in);
            }
            asked.add(head);
            out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
            byte[] buffer = new byte[65_536];
            for (int i = 0; head.startsWith("GET /flood ") && i < FLOOD / buffer.length; i++) {
                out.write(buffer);
            }
            if (head.startsWith("GET /flood ")) {
                return;
            }
            if (head.startsWith("GET /sink ")) {
                sunk.complete(readSlowly(in));
            }
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    buffer[i] = (byte) Character.toUpperCase(buffer[i]);
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // the other side is gone
            sunk.completeExceptionally(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            open.decrementAndGet();
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("it is closed");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static String read(RawClient client, int bytes) throws IOException {
        return new String(client.in().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    @Test
    void bytesPassBothWaysOnceTheOriginHasAgreed() throws Exception {
        try (RawClient client = node.raw()) {
            String head = client.send(UPGRADE).head();
            assertTrue(head.startsWith("HTTP/1.1 101 "), head);
            assertTrue(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), head);
            assertEquals("first", read(client, 5));
            for (int i = 0; i < 3; i++) {
                client.send("hello");
                assertEquals("HELLO", read(client, 5));
            }
            String large = "x".repeat(1 << 20);
            Thread.ofVirtual().start(() -> {
                try {
                    client.send(large);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertEquals(large.toUpperCase(java.util.Locale.ROOT), read(client, 1 << 20));
        }
        String head = String.valueOf(asked.peek());
        assertTrue(head.startsWith("GET /chat?room=1 HTTP/1.1\r\n"), head);
        assertTrue(head.toLowerCase(java.util.Locale.ROOT).contains("\r\nupgrade: websocket\r\n"), head);
        assertTrue(head.contains("dGhlIHNhbXBsZSBub25jZQ=="), head);
        assertTrue(head.contains("X-Forwarded-For: 127.0.0.1"), head);
        TestNode.eventually("the log tells of it", () -> node.log().contains("\"status\":101"));
    }

    @Test
    void theEndOfTheOriginEndsTheClientsConnection() throws Exception {
        answer = answer.replace("first", "");
        try (RawClient client = node.raw()) {
            client.send(UPGRADE).head();
            client.send("bye");
            assertEquals("BYE", read(client, 3));
            client.socket.shutdownOutput();
            assertEquals("", client.rest());
        }
    }

    @Test
    void allThatTheOriginSendsComesBeforeItsEnd() throws Exception {
        answer = answer.replace("first", "");
        try (RawClient client = node.raw()) {
            client.send(UPGRADE.replace("/chat?room=1", "/flood")).head();
            assertEquals(FLOOD, readSlowly(client.in()));
        }
        assertFalse(node.log().contains("Connection was closed"), node::log);
    }

    @Test
    void allThatTheClientSendsComesBeforeItsEnd() throws Exception {
        answer = answer.replace("first", "");
        try (RawClient client = node.raw()) {
            client.send(UPGRADE.replace("/chat?room=1", "/sink")).head();
            byte[] part = new byte[1 << 16];
            for (int i = 0; i < FLOOD / part.length; i++) {
                client.socket.getOutputStream().write(part);
            }
        }
        assertEquals(FLOOD, sunk.get(20, TimeUnit.SECONDS), node::log);
    }

    /** How many bytes come until the end, where one waits until all that lies between is full, and then is always behind. */
    private static int readSlowly(InputStream in) throws IOException, InterruptedException {
        Thread.sleep(500);
        int taken = 0;
        byte[] part = new byte[1 << 16];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
            taken += n;
            Thread.sleep(1);
        }
        return taken;
    }

    @Test
    void anOriginThatDoesNotAgreeAnswersAsEver() throws Exception {
        answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
        try (RawClient client = node.raw()) {
            String refused = client.send(UPGRADE).response();
            assertTrue(refused.startsWith("HTTP/1.1 403 ") && refused.endsWith("\r\n\r\nno"), refused);
        }
    }

    private void serve(String more, String... urls) throws IOException {
        node.close();
        node = new TestNode(folder).origin("/...", false, more, urls).start();
    }

    private String listed() {
        try {
            return node.admin("/origins").body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anAddressThatCannotBeReachedIsPassedOverForTheNext() throws Exception {
        int gone;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            gone = probe.getLocalPort();
        }
        serve("", "http://127.0.0.1:" + gone, "http://127.0.0.1:" + origin.getLocalPort());
        for (int i = 0; i < 4; i++) {
            try (RawClient client = node.raw()) {
                assertTrue(client.send(UPGRADE).head().startsWith("HTTP/1.1 101 "));
            }
        }
        assertTrue(node.admin("/metrics").body().contains("selvage_origin_retries_total"));
        TestNode.eventually("nothing runs", () -> listed().split("\"running\":0", -1).length == 3);
    }

    @Test
    void aTunnelRunsAtItsAddressUntilItEndsAndCountsAmongItsConnections() throws Exception {
        serve("connections = 1", "http://127.0.0.1:" + origin.getLocalPort());
        try (RawClient client = node.raw()) {
            assertTrue(client.send(UPGRADE).head().startsWith("HTTP/1.1 101 "));
            assertTrue(listed().contains("\"running\":1"), listed());
            try (RawClient second = node.raw()) {
                String refused = second.send(UPGRADE).response();
                assertTrue(refused.startsWith("HTTP/1.1 503 ") && refused.contains("origin-busy"), refused);
            }
        }
        TestNode.eventually("it runs no more", () -> listed().contains("\"running\":0"));
        try (RawClient client = node.raw()) {
            assertTrue(client.send(UPGRADE).head().startsWith("HTTP/1.1 101 "));
        }
    }

    @Test
    void requestsHaveNoConnectionWhileTunnelsHaveThemAll() throws Exception {
        serve("connections = 1\nconnect_timeout = \"300ms\"", "http://127.0.0.1:" + origin.getLocalPort());
        try (RawClient client = node.raw()) {
            assertTrue(client.send(UPGRADE).head().startsWith("HTTP/1.1 101 "));
            assertEquals("first", read(client, 5));
            assertTrue(node.get("/").statusCode() >= 500);
            assertEquals(1, open.get());
            client.send("still");
            assertEquals("STILL", read(client, 5));
        }
        TestNode.eventually("the tunnel has ended", () -> listed().contains("\"running\":0"));
        assertEquals("hello", node.get("/").body());
    }

    @Test
    void aTunnelTakesThePlaceOfAConnectionThatIsIdle() throws Exception {
        serve("connections = 2", "http://127.0.0.1:" + origin.getLocalPort());
        try (RawClient first = node.raw();
                RawClient second = node.raw();
                RawClient third = node.raw()) {
            assertEquals("hello", node.get("/").body());
            assertTrue(first.send(UPGRADE).head().startsWith("HTTP/1.1 101 "));
            assertEquals(2, open.get());
            assertEquals("hello", node.get("/").body());
            assertEquals(2, open.get());
            assertTrue(second.send(UPGRADE).head().startsWith("HTTP/1.1 101 "));
            TestNode.eventually("the idle one is closed", () -> open.get() == 2);
            assertTrue(third.send(UPGRADE).response().startsWith("HTTP/1.1 503 "));
        }
    }

    @Test
    void aConnectionOnWhichNoTunnelCameIsNotKept() throws Exception {
        answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
        serve("connections = 1", "http://127.0.0.1:" + origin.getLocalPort());
        try (RawClient client = node.raw()) {
            assertTrue(client.send(UPGRADE).response().startsWith("HTTP/1.1 403 "));
            TestNode.eventually("it is closed", () -> open.get() == 0);
            assertEquals(
                    "hello",
                    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            .rest()
                            .replaceAll("(?s).*\r\n\r\n", ""));
        }
    }

    @Test
    void anOriginThatIsGoneIsToldInWords() throws Exception {
        int port = origin.getLocalPort();
        origin.close();
        TestNode.eventually("nobody listens", () -> {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return !probe.isConnected();
            } catch (IOException _) {
                return true;
            }
        });
        try (RawClient client = node.raw()) {
            String refused = client.send(UPGRADE).response();
            assertTrue(refused.startsWith("HTTP/1.1 502 ") && refused.contains("origin-unreachable"), refused);
        }
    }
}
