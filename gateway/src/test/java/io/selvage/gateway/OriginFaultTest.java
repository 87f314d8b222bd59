package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Origins that do what they should not, over real sockets. */
class OriginFaultTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @TempDir
    private Path folder;

    private RawOrigin origin;
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        if (origin != null) {
            origin.close();
        }
    }

    private void serve(String more, RawOrigin.Handler handler) throws IOException {
        origin = new RawOrigin(handler);
        node = new TestNode(folder).origin("/...", false, more, origin.url()).start();
    }

    private String ask(String method) throws IOException {
        try (RawClient client = node.raw()) {
            return client.send(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                    .response();
        }
    }

    private int status(String method) throws IOException {
        return Integer.parseInt(ask(method).substring(9, 12));
    }

    @Test
    void whatCannotBeSentAgainTakesNoConnectionThatHasIdled() throws Exception {
        origin = new RawOrigin((socket, _) -> RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "1")
                .origin("/...", false, "retry = false", origin.url())
                .start();
        assertEquals(200, status("GET"));
        assertEquals(200, status("POST"));
        assertEquals(1, origin.connections.get(), "the connection was used just now");
        Thread.sleep(1_200); // so long that it may have been closed meanwhile
        assertEquals(200, status("POST"));
        assertEquals(2, origin.connections.get());
        assertEquals(200, status("GET"));
        assertEquals(2, origin.connections.get(), "what can be sent again may try");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\nconnections = 8"})
    void aRequestWhoseKeptConnectionWasClosedGetsANewOne(String more) throws Exception {
        Set<Socket> used = ConcurrentHashMap.newKeySet();
        CyclicBarrier together = new CyclicBarrier(8);
        origin = new RawOrigin((socket, head) -> {
            if (!used.add(socket)) {
                return false;
            }
            if (head.startsWith("GET /together ")) {
                await(together);
            }
            return RawOrigin.send(socket, OK);
        });
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "1")
                .origin("/...", false, "retry = { attempts = 0, budget = 0, least = 0 }" + more, origin.url())
                .start();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                clients.submit(() -> node.get("/together"));
            }
        }
        assertEquals(8, origin.connections.get());
        for (int i = 0; i < 8; i++) {
            assertEquals(200, status("GET"), "after " + i);
        }
    }

    private static void await(CyclicBarrier together) throws IOException {
        try {
            together.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "\r\nHTTP/1.1 200 OK\r\nX-Evil: ",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
            })
    void bytesPastTheDeclaredLengthDoNotReachTheNextAnswer(String more) throws Exception {
        AtomicInteger count = new AtomicInteger();
        serve(
                "retry = false",
                (socket, _) -> RawOrigin.send(socket, OK + (count.getAndIncrement() % 2 == 0 ? more : "")));
        for (int i = 0; i < 6; i++) {
            String answer = ask("POST");
            assertTrue(answer.startsWith("HTTP/1.1 200") && answer.endsWith("\r\n\r\nok"), answer);
            assertFalse(answer.toLowerCase(java.util.Locale.ROOT).contains("evil"), answer);
        }
        assertEquals(6, origin.requests.get());
    }

    @Test
    void bytesThatComeLateDoNotReachTheNextAnswer() throws Exception {
        CountDownLatch[] sent = {new CountDownLatch(1)};
        serve("retry = false", (socket, _) -> {
            RawOrigin.send(socket, OK);
            Thread.ofVirtual().start(() -> {
                try {
                    RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nX-Evil: ");
                    socket.setSoTimeout(5_000);
                } catch (IOException _) {
                    // the gateway has closed it
                }
                sent[0].countDown();
            });
            return true;
        });
        for (int i = 0; i < 4; i++) {
            sent[0] = new CountDownLatch(1);
            String answer = ask("GET");
            assertTrue(answer.endsWith("\r\n\r\nok") && !answer.contains("Evil"), answer);
            sent[0].await();
            int connections = i + 1;
            TestNode.eventually("the connection is not used again", () -> origin.connections.get() == connections);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok",
                "HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nX-A : 1\r\nX\0: 1\r\nContent-Length: 2\r\n\r\nok",
                "\u0000\u0001\u0002\u0003\r\n\r\n",
                "<html>no HTTP at all</html>\r\n\r\n"
            })
    void whatIsNoAnswerIs502AndTheNextRequestWorks(String answer) throws Exception {
        AtomicInteger count = new AtomicInteger();
        serve("retry = false", (socket, _) -> RawOrigin.send(socket, count.getAndIncrement() == 0 ? answer : OK));
        assertEquals(502, status("POST"));
        assertEquals(200, status("POST"));
    }

    /** A client of HTTP/1.0 knows no chunks: the end of the connection is the end of the content, unless that is reset. */
    @Test
    void aClientOfHttp10SeesThatAnAnswerHasBrokenOff() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        serve("retry = false", (socket, _) -> {
            RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
            try {
                read.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return false;
        });
        try (RawClient client = node.raw()) {
            assertFalse(client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
                    .head()
                    .toLowerCase(java.util.Locale.ROOT)
                    .contains("transfer-encoding"));
            assertEquals("half", new String(client.in().readNBytes(4), StandardCharsets.US_ASCII));
            read.countDown();
            assertThrows(SocketException.class, () -> client.in().read());
        }
    }

    @Test
    void aHeadThatIsTooLargeIs502() throws Exception {
        serve(
                "retry = false",
                (socket, _) -> RawOrigin.send(
                        socket, "HTTP/1.1 200 OK\r\nX-A: " + "a".repeat(100_000) + "\r\nContent-Length: 2\r\n\r\nok"));
        assertEquals(502, status("GET"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
            })
    void anAnswerThatIsResetInTheMiddleIsBrokenOff(String begun) throws Exception {
        serve("", (socket, _) -> {
            RawOrigin.send(socket, begun);
            socket.setSoLinger(true, 0);
            return false;
        });
        try (RawClient client = node.raw()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            String all = client.rest();
            assertFalse(all.endsWith("0\r\n\r\n"), all);
        }
        assertEquals(1, origin.requests.get(), "what has begun is not asked for again");
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aHeadAloneIs502(HttpClient.Version version) throws Exception {
        serve("retry = false", (socket, _) -> {
            RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nX-Of: it\r\nContent-Length: 10\r\n\r\n");
            return false;
        });
        HttpResponse<String> response = node.client(version)
                .send(HttpRequest.newBuilder(node.uri("/")).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(502, response.statusCode());
        assertTrue(response.body().contains("origin-broken"), response.body());
        assertTrue(response.headers().firstValue("x-of").isEmpty());
    }

    @Test
    void anOriginThatResetsIs502() throws Exception {
        serve("retry = false", (socket, _) -> {
            socket.setSoLinger(true, 0);
            return false;
        });
        assertEquals(502, status("GET"));
    }

    @Test
    void aHeadThatComesAByteAtATimeIsCutOff() throws Exception {
        serve("first_byte_timeout = \"300ms\"\nretry = false", (socket, _) -> {
            for (int i = 0; i < 10_000; i++) {
                RawOrigin.send(socket, i == 0 ? "HTTP/1.1 200 OK\r\nX-A: " : "a");
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
            return false;
        });
        assertEquals(504, status("GET"));
    }

    @Test
    void anOriginThatFlapsLosesNoRequestThatMayBeRepeated() throws Exception {
        AtomicInteger count = new AtomicInteger();
        serve(
                "retry = { attempts = 3, backoff = \"1ms\", least = 100 }",
                (socket, _) -> count.getAndIncrement() % 2 == 0 ? false : RawOrigin.send(socket, OK));
        for (int i = 0; i < 50; i++) {
            assertEquals(200, status("GET"));
        }
    }

    @Test
    void anOriginThatStallsHoldsUpNobodyElse() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        serve("", (socket, head) -> {
            if (head.startsWith("GET")) {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            return RawOrigin.send(socket, OK);
        });
        List<RawClient> stuck = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            stuck.add(node.raw().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        TestNode.eventually("all wait", () -> origin.requests.get() == 50);
        assertEquals(200, status("POST"));
        over.countDown();
        for (RawClient client : stuck) {
            assertTrue(client.response().endsWith("\r\n\r\nok"));
            client.close();
        }
    }

    @Test
    void aThousandClientsOfOneColdSlowObjectAreOneRequestForItsOrigin() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        origin = new RawOrigin((socket, _) -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return RawOrigin.send(
                    socket, "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok");
        });
        node = new TestNode(folder).origin("/...", true, "", origin.url()).start();
        List<Future<String>> answers = new ArrayList<>();
        AtomicInteger asked = new AtomicInteger();
        Callable<String> client = () -> {
            try (RawClient raw = node.raw()) {
                raw.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
                asked.incrementAndGet();
                return raw.response();
            }
        };
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1_000; i++) {
                answers.add(clients.submit(client));
            }
            TestNode.eventually("all have asked", () -> asked.get() == 1_000 && origin.requests.get() == 1);
            over.countDown();
            for (Future<String> answer : answers) {
                assertTrue(answer.get().endsWith("\r\n\r\nok"));
            }
        }
        assertEquals(1, origin.requests.get());
    }
}
