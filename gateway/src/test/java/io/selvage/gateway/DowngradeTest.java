package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What has lengths in HTTP/2 has line ends in HTTP/1.1 (RFC 9113 §8.2.1, §8.3, §10.3): no request becomes another one, or
 * two, on its way to an origin.
 */
class DowngradeTest {
    private static final String END = "\r\n\r\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\nX-Smuggled: 1" + END;

    /** An answer, or what stands for one. */
    private static final Set<Integer> ENDS = Set.of(RawHttp2.HEADERS, RawHttp2.RST_STREAM, RawHttp2.GOAWAY);

    @TempDir
    private static Path folder;

    private static final StringBuffer RECEIVED = new StringBuffer();
    private static TestNode node;
    private static RawOrigin origin;

    @BeforeAll
    static void start() throws IOException {
        origin = new RawOrigin((socket, head) -> {
            RECEIVED.append(head).append('\n');
            return RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        node = new TestNode(folder)
                .origin("/...", false, "connections = 1", origin.url())
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
        origin.close();
    }

    /** Pairs of names and values; those that are missing are as they should be. */
    static Stream<List<String>> requests() {
        return Stream.of(
                List.of("x-a", "1\r\n\r\n" + SMUGGLED),
                List.of("x-a", "1\nx-smuggled: 1"),
                List.of("x-a", "1\rx-smuggled: 1"),
                List.of("x-a", "1\0x-smuggled: 1"),
                List.of("x-smuggled: 1\r\nx-a", "1"),
                List.of("x-smuggled:1", "1"),
                List.of("x-smuggled: 1", "1"),
                List.of("x-smuggled\t", "1"),
                List.of("x smuggled", "1"),
                List.of("", "x-smuggled"),
                List.of("X-Smuggled", "1"),
                List.of("transfer-encoding:chunked,smuggled", "1"),
                List.of(":method", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\nGET"),
                List.of(":method", "GET /smuggled"),
                List.of(":method", ""),
                List.of(":path", "/ HTTP/1.1\r\nHost: a\r\nX-Smuggled: 1\r\n\r\n"),
                List.of(":path", "/ HTTP/1.1 smuggled"),
                List.of(":path", "/\nsmuggled"),
                List.of(":path", "smuggled"),
                List.of(":path", ""),
                List.of(":authority", "a\r\nX-Smuggled: 1"),
                List.of(":authority", "a smuggled"),
                List.of(":authority", "a/smuggled"),
                List.of(":authority", "smuggled@a"),
                List.of("host", "smuggled"),
                List.of("host", "a\r\nX-Smuggled: 1"),
                List.of("transfer-encoding", "chunked, smuggled"),
                List.of("connection", "smuggled"),
                List.of("te", "smuggled"),
                List.of("upgrade", "smuggled"),
                List.of("content-length", "1\r\nX-Smuggled: 1"),
                List.of("content-length", "+0, smuggled"),
                List.of(":path", "/", ":path", "/smuggled"),
                List.of("x-a", "1", ":smuggled", "1"),
                List.of("cookie", "a=b\r\nX-Smuggled: 1"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void noRequestBecomesAnotherOne(List<String> fields) throws Exception {
        RECEIVED.setLength(0);
        try (RawHttp2 client = new RawHttp2(node.port(), 4, 65_535)) {
            byte[] head = RawHttp2.fields(request(fields));
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, head);
            RawHttp2.Frame answer = client.next();
            while (answer != null && !ENDS.contains(answer.type())) {
                answer = client.next();
            }
            assertFalse(RECEIVED.toString().toLowerCase(Locale.ROOT).contains("smuggled"), RECEIVED::toString);
            if (answer != null && answer.type() == RawHttp2.HEADERS) {
                assertTrue(List.of("200", "400").contains(answer.status()), answer.status());
            }
        }
        assertOthersAreServed();
    }

    private static String[] request(List<String> fields) {
        List<String> all = new ArrayList<>();
        for (String pseudo : List.of(":method GET", ":scheme http", ":authority a", ":path /")) {
            String[] pair = pseudo.split(" ");
            if (!fields.contains(pair[0])) {
                all.addAll(Arrays.asList(pair));
            }
        }
        all.addAll(fields);
        return all.toArray(String[]::new);
    }

    private static void assertOthersAreServed() throws IOException {
        try (RawClient client = node.raw()) {
            String answer = client.send("GET /other HTTP/1.1\r\nHost: a\r\nConnection: close" + END)
                    .rest();
            assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        }
    }

    @Test
    void contentThatIsLongerOrShorterThanItSaysIsNotSentOn() throws IOException {
        for (String length : List.of("3", "300")) {
            RECEIVED.setLength(0);
            try (RawHttp2 client = new RawHttp2(node.port(), 4, 65_535)) {
                byte[] head = RawHttp2.head("POST", "/", "content-length", length);
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, head);
                byte[] content = ("abc" + SMUGGLED).getBytes(StandardCharsets.US_ASCII);
                client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, content);
                assertEquals(1, client.await(RawHttp2.RST_STREAM).stream());
            }
            assertOthersAreServed();
            assertFalse(RECEIVED.toString().contains("/smuggled"), RECEIVED::toString);
        }
    }
}
