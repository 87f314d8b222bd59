package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that try to make the node work more than they do themselves; others are served meanwhile. */
class FloodTest {
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int STREAMS = 20;

    @TempDir
    private Path folder;

    private TestNode node;
    private final TestOrigin origin = new TestOrigin();

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .function("f", "\"/f/...\"", "", e -> TestNode.answer(e, "hello"))
                .origin("/...", false, "", origin.url())
                .with(Setting.HEADER_TIMEOUT, "1s")
                .with(Setting.STREAMS, String.valueOf(STREAMS))
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    private void assertOthersAreServed() throws Exception {
        for (String path : new String[] {"/", "/f/"}) {
            assertEquals(200, node.get(path).statusCode());
        }
    }

    /** How the connection ended: the error code of GOAWAY, or -1 if it was just closed. */
    private static int end(RawHttp2 client) throws IOException {
        RawHttp2.Frame frame = client.await(RawHttp2.GOAWAY);
        return frame == null ? -1 : frame.error();
    }

    @Test
    void manyRequestsThatAreResetAtOnceEndTheConnection() throws Exception {
        for (String path : new String[] {"/slow", "/f/"}) {
            AtomicInteger sent = new AtomicInteger();
            try (RawHttp2 client = new RawHttp2(node.port())) {
                byte[] head = RawHttp2.head("GET", path);
                byte[] cancel = {0, 0, 0, 8};
                try {
                    for (int stream = 1; stream < 20_000; stream += 2) {
                        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, head)
                                .send(RawHttp2.RST_STREAM, 0, stream, cancel);
                        sent.incrementAndGet();
                    }
                } catch (IOException _) {
                    // it is closed
                }
                int code = end(client);
                assertTrue(code == ENHANCE_YOUR_CALM || code == -1, "code " + code);
            }
            assertOthersAreServed();
        }
        assertTrue(origin.requests.get() < 1_000, "the origin had " + origin.requests + " requests");
    }

    @Test
    void aHeadInEndlesslyManyEmptyFramesEndsTheConnection() throws Exception {
        try (RawHttp2 client = new RawHttp2(node.port())) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.head("GET", "/"));
            try {
                for (int i = 0; i < 100_000; i++) {
                    client.send(RawHttp2.CONTINUATION, 0, 1, new byte[0]);
                }
            } catch (IOException _) {
                // it is closed
            }
            int code = end(client);
            assertTrue(code == ENHANCE_YOUR_CALM || code == -1, "code " + code);
        }
        assertOthersAreServed();
    }

    @Test
    void aHeadInEndlesslyManyLargeFramesEndsTheConnection() throws Exception {
        try (RawHttp2 client = new RawHttp2(node.port())) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.head("GET", "/"));
            long sent = 0;
            try {
                byte[] more = RawHttp2.fields("x", "y".repeat(8_000));
                for (int i = 0; i < 10_000; i++) {
                    client.send(RawHttp2.CONTINUATION, 0, 1, more);
                    sent += more.length;
                }
            } catch (IOException _) {
                // it is closed
            }
            assertTrue(end(client) != 0 && sent < 40_000_000, "sent " + sent);
        }
        assertOthersAreServed();
    }

    @Test
    void aFieldThatIsWrittenOnceAndRepeatedAThousandTimesIsNotUnpacked() throws Exception {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(RawHttp2.head("GET", "/"));
        block.write(0x40); // a literal that goes into the dynamic table (RFC 7541 §6.2.1)
        RawHttp2.text(block, "x-bomb");
        RawHttp2.text(block, "y".repeat(3_900));
        for (int i = 0; i < 8_000; i++) {
            block.write(0x80 | 62);
        }
        int before = origin.requests.get();
        try (RawHttp2 client = new RawHttp2(node.port())) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, block.toByteArray());
            RawHttp2.Frame frame = client.next();
            while (frame != null && frame.stream() != 1 && frame.type() != RawHttp2.GOAWAY) {
                frame = client.next();
            }
            assertTrue(
                    frame == null || frame.type() != RawHttp2.DATA && frame.payload()[0] != (byte) 0x88,
                    String.valueOf(frame));
        }
        assertEquals(before, origin.requests.get());
        assertOthersAreServed();
    }

    @Test
    void cookiesThatAreLargerThanAllFieldsMayBeAre431() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nCookie: " + "a=b; ".repeat(10_000) + "\r\n\r\n");
            assertTrue(client.rest().startsWith("HTTP/1.1 431"));
        }
        try (RawClient client = node.raw()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n" + "Cookie: a=b\r\n".repeat(10_000) + "\r\n");
            assertTrue(client.rest().startsWith("HTTP/1.1 431"));
        }
        assertOthersAreServed();
    }

    @Test
    void floodsOfSmallFramesDoNotKeepTheNodeFromServing() throws Exception {
        try (RawHttp2 client = new RawHttp2(node.port())) {
            byte[] ping = new byte[8];
            byte[] settings =
                    ByteBuffer.allocate(6).putShort((short) 3).putInt(1).array();
            try {
                for (int i = 0; i < 50_000; i++) {
                    client.send(6, 0, 0, ping).send(RawHttp2.SETTINGS, 0, 0, settings);
                }
            } catch (IOException _) {
                // it is closed
            }
            assertOthersAreServed();
        }
    }

    @Test
    void streamsThatNeverEndAreBounded() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        origin.handler = exchange -> {
            if (exchange.getRequestURI().getPath().equals("/held")) {
                end.await();
            }
            TestOrigin.answer(exchange, 200, "hello");
        };
        try (RawHttp2 client = new RawHttp2(node.port())) {
            byte[] head = RawHttp2.head("GET", "/held");
            int flags = RawHttp2.END_HEADERS | RawHttp2.END_STREAM;
            int stream = 1;
            for (int i = 0; i < STREAMS + 100; i++, stream += 2) {
                client.send(RawHttp2.HEADERS, flags, stream, head);
            }
            for (int i = 0; i < 100; i++) {
                RawHttp2.Frame frame = client.await(RawHttp2.RST_STREAM);
                assertTrue(frame != null && frame.type() == RawHttp2.RST_STREAM, () -> "no more is reset: " + frame);
                assertEquals(REFUSED_STREAM, frame.error());
                assertEquals(2 * (STREAMS + i) + 1, frame.stream());
            }
            assertOthersAreServed();

            // Whoever goes on is not refused for ever. What it has not read may be lost as its connection ends.
            try {
                for (int i = 0; i < 400; i++, stream += 2) {
                    client.send(RawHttp2.HEADERS, flags, stream, head);
                }
            } catch (IOException _) {
                // it is closed
            }
            RawHttp2.Frame frame = client.await(RawHttp2.GOAWAY);
            assertTrue(frame == null || frame.error() == ENHANCE_YOUR_CALM, () -> frame.toString());
            assertOthersAreServed();
        } finally {
            end.countDown();
        }
        assertTrue(origin.requests.get() < STREAMS + 10, "the origin had " + origin.requests + " requests");
    }
}
