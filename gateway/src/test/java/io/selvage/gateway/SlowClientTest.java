package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send and take as slowly as they can, a few hundred at once (slowhttptest); others are served meanwhile. */
class SlowClientTest {
    private static final int CLIENTS = 100;

    /** Those that read slowly fill the kernel's buffers first, some megabytes each. */
    private static final int READERS = 20;

    @TempDir
    private Path folder;

    private TestNode node;
    private final RawOrigin origin = new RawOrigin((socket, head) -> {
        if (head.startsWith("GET /large")) {
            RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
            byte[] part = new byte[100_000];
            for (int i = 0; i < 500; i++) {
                socket.getOutputStream().write(part);
            }
            return true;
        }
        if (head.startsWith("POST")) {
            socket.getInputStream()
                    .readNBytes(Integer.parseInt(head.replaceAll("(?is).*content-length: *(\\d+).*", "$1")));
        }
        return RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    });

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .function("f", "\"/f/...\"", "", e -> {
                    e.requestBody().readAllBytes();
                    TestNode.answer(e, "hello");
                })
                .function("g", "\"/g\"", "", e -> TestNode.answer(e, "unread"))
                .origin("/...", false, "", origin.url())
                .with(Setting.HEADER_TIMEOUT, "1s")
                .with(Setting.BODY_GRACE, "500ms")
                .with(Setting.SEND_TIMEOUT, "300ms")
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    private void attack(int clients, String path, String... options) throws Exception {
        TestTool.needs("slowhttptest", "slowhttptest");
        List<String> command = new ArrayList<>(List.of(
                "slowhttptest", "-c", "" + clients, "-r", "" + clients, "-l", "15", "-i", "1", "-p", "3", "-u"));
        command.add(node.uri(path).toString());
        command.addAll(List.of(options));
        TestTool.Running tool = TestTool.start(folder, command.toArray(String[]::new));
        TestNode.eventually("they are there", () -> connections() >= clients / 2 || tool.isOver());
        boolean letGo = false;
        while (!letGo && !tool.isOver()) {
            assertEquals(200, node.get("/").statusCode());
            assertEquals(200, node.get("/f/").statusCode());
            letGo = node.log().split("\"status\":499", -1).length > clients / 2;
        }
        if (letGo) {
            tool.stop();
        } else {
            String report = tool.told().replaceAll("\u001b\\[[0-9;]*m", "");
            assertTrue(report.contains("No open connections left"), report);
        }
    }

    private int connections() {
        try {
            return (int) Double.parseDouble(node.admin("/metrics")
                    .body()
                    .replaceAll("(?s).*\nselvage_connections(?:\\{})? ([0-9.E]+)\n.*", "$1"));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void headsThatNeverEnd() throws Exception {
        attack(CLIENTS, "/", "-H");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"/", "/f/"})
    void contentThatTrickles(String path) throws Exception {
        attack(CLIENTS, path, "-B", "-s", "100000", "-x", "10");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void contentThatNobodyReadsIsNoSlowHead() throws Exception {
        String post = "POST /g HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
        try (RawClient client = node.raw()) {
            assertTrue(client.send(post).response().endsWith("unread"));
            client.send("x".repeat(100_000));
            try (RawClient slow = node.raw()) {
                assertTrue(slow.send("G").rest().startsWith("HTTP/1.1 408"), "a head may take no longer");
            }
            assertTrue(client.send(post).response().endsWith("unread"));
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void contentThatNobodyReadsAndThatNeverEnds() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST /g HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
            assertTrue(client.response().endsWith("unread"));
            assertEquals("", client.send("x").rest(), "the connection is closed, without another answer");
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void answersThatAreHardlyRead() throws Exception {
        attack(READERS, "/large", "-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-k", "1");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aStreamOfHttp2WhoseWindowStaysShutIsResetAndItsConnectionGoesOn() throws Exception {
        try (RawHttp2 client = new RawHttp2(node.port(), 4, 10)) {
            client.send(
                    RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, RawHttp2.head("GET", "/large"));
            RawHttp2.Frame data = client.await(RawHttp2.DATA);
            assertEquals(10, data.payload().length);
            RawHttp2.Frame reset = client.await(RawHttp2.RST_STREAM);
            assertEquals(1, reset.stream());
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 3, RawHttp2.head("GET", "/"));
            assertEquals("hello", new String(client.await(RawHttp2.DATA).payload(), StandardCharsets.US_ASCII));
        }
        TestNode.eventually("the origin is let go", () -> node.log().contains("\"status\":499"));
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void anAnswerThatIsNotReadIsGivenUp() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
            TestNode.eventually("the client is let go", () -> node.log().contains("\"status\":499"));
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aSlowUploadIsTheClientsFaultAndNotTheOrigins() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");
            String answer = client.response();
            assertTrue(answer.startsWith("HTTP/1.1 408") && answer.contains("slow-body"), answer);
        }
    }
}
