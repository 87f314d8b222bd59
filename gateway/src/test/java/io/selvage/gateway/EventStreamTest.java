package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Server-sent events pass one by one: each is with the client before the origin sends the next. */
class EventStreamTest {
    @TempDir
    private Path folder;

    private TestNode node;
    private final Semaphore next = new Semaphore(0);
    private final CountDownLatch left = new CountDownLatch(1);
    private final RawOrigin origin = new RawOrigin((socket, head) -> {
        RawOrigin.send(
                socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        try {
            for (int i = 0; next.tryAcquire(20, TimeUnit.SECONDS); i++) {
                RawOrigin.send(socket, "9\r\ndata: " + i + "\n\n\r\n");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            left.countDown();
            throw e;
        }
        return false;
    });

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .origin("/plain", false, "", origin.url())
                .origin("/cached", true, "", origin.url())
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, /plain", "HTTP_2, /plain", "HTTP_1_1, /cached", "HTTP_2, /cached"})
    void eachEventArrivesBeforeTheNextIsSent(HttpClient.Version version, String path) throws Exception {
        HttpResponse<Stream<String>> response = node.client(version)
                .send(
                        HttpRequest.newBuilder(node.uri(path))
                                .header("Accept", "text/event-stream")
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        assertEquals(
                "text/event-stream",
                response.headers().firstValue("content-type").orElse(""));
        try (Stream<String> lines = response.body()) {
            Iterator<String> events = lines.filter(line -> !line.isEmpty()).iterator();
            for (int i = 0; i < 5; i++) {
                next.release();
                assertEquals("data: " + i, events.next());
            }
        }
        node.client(version).shutdownNow();
        TestNode.eventually("the origin learns that the client has gone", () -> {
            next.release();
            return left.getCount() == 0;
        });
        assertTrue(origin.requests.get() > 0);
    }
}
