package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A node whose clock on the wall jumps. */
class ClockJumpTest {
    private static final long DAY = 24 * 60 * 60;
    private static final List<Long> JUMPS = List.of(DAY, -DAY, 3650 * DAY, 0L);

    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();

    @AfterEach
    void stop() {
        origin.close();
    }

    private static String get(NodeProcess node, String path) throws IOException {
        try (RawClient client = new RawClient(node.port())) {
            return client.send("GET " + path + " HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
                    .response();
        }
    }

    private static boolean isHit(String answer) {
        return answer.contains("Cache-Status: Selvage; hit; ttl=");
    }

    private static long age(String answer) {
        return answer.lines()
                .filter(line -> line.startsWith("Age: "))
                .mapToLong(line -> Long.parseLong(line.substring(5)))
                .findFirst()
                .orElse(0);
    }

    private static void awaitOnDisk(NodeProcess node) throws InterruptedException {
        TestNode.eventually("it is on disk", () -> {
            try {
                return node.admin("/cache").contains("\"disk\":{\"responses\":1");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aJumpMakesNothingFreshOrStaleAndNothingOld() throws Exception {
        TestClock clock = new TestClock(folder);
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                "hello",
                "Cache-Control: max-age=" + (exchange.getRequestURI().getPath().equals("/short") ? 2 : 3600));
        try (NodeProcess node = NodeProcess.with(clock.environment(), folder, origin.url())) {
            get(node, "/long");
            for (long jump : JUMPS) {
                clock.jump(jump);
                String answer = get(node, "/long");
                assertTrue(isHit(answer), jump + ": " + answer);
                assertTrue(age(answer) < 60, jump + ": " + answer);
            }
            assertEquals(1, origin.requests.get());
            get(node, "/short");
            clock.jump(-DAY);
            TestNode.eventually("two seconds make it stale", () -> {
                try {
                    return !isHit(get(node, "/short"));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            for (long jump : JUMPS) {
                clock.jump(jump);
                for (int i = 0; i < 2; i++) {
                    String answer = get(node, "/came" + jump);
                    assertTrue(answer.startsWith("HTTP/1.1 200") && answer.endsWith("hello"), jump + ": " + answer);
                    assertTrue(!isHit(answer) || age(answer) < 3600, jump + ": " + answer);
                }
            }
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void anAnswerFromTheFutureIsValidatedAfterARestart() throws Exception {
        TestClock clock = new TestClock(folder);
        origin.handler =
                exchange -> TestOrigin.answer(exchange, 200, "hello", "Cache-Control: max-age=36000", "ETag: \"1\"");
        clock.jump(7200);
        try (NodeProcess node = NodeProcess.with(clock.environment(), folder, origin.url(), "cache.disk=16MiB")) {
            assertTrue(get(node, "/a").endsWith("hello"));
            awaitOnDisk(node);
        }
        clock.jump(0);
        try (NodeProcess node = NodeProcess.with(clock.environment(), folder, origin.url(), "cache.disk=16MiB")) {
            awaitOnDisk(node);
            origin.handler = exchange -> TestOrigin.answer(exchange, 304, "");
            String answer = get(node, "/a");
            assertTrue(answer.endsWith("hello"), answer);
            assertFalse(isHit(answer), answer);
            assertEquals(List.of("\"1\""), origin.lastField("If-None-Match"));
        }
    }
}
