package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Setting;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that takes over from another one at the same addresses, while clients go on asking. */
class TakeOverTest {
    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();
    private final Set<String> answerers = ConcurrentHashMap.newKeySet();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean over;

    /** A node in a process of its own: its folder, its ports, its Unix socket, and whether it takes over. */
    public static void main(String[] args) throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        Path own = Path.of(args[0]);
        try (TestNode node = new TestNode(own)
                .function("f", "\"/...\"", "concurrency = 64, queue = 1000", e -> {
                    try {
                        // What the function works: /slow is still under way while the other process takes over.
                        Thread.sleep(e.request().path().equals("/slow") ? 1_500 : 5);
                        if (e.request().path().equals("/held")) {
                            Files.createFile(own.resolve("holds"));
                            TestNode.eventually("it may end", () -> Files.exists(own.resolve("may end")));
                        }
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                    TestNode.answer(e, pid);
                })
                .listener("listen = \"127.0.0.1:" + args[1] + "\"")
                .listener("listen = \"unix:" + args[3] + "\"")
                .with(Setting.ADMIN, "127.0.0.1:" + args[2])
                .with(Setting.TAKE_OVER, args[4])
                .start()) {
            System.out.println("ready");
            node.gateway().awaitSignal();
            boolean drained = node.gateway().drain();
            System.err.println(node.log());
            System.exit(drained ? 0 : 1);
        }
    }

    private Process start(String name, int port, int admin, boolean takesOver) throws IOException {
        Path log = folder.resolve(name + ".log");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TakeOverTest.class.getName(),
                        Files.createDirectory(folder.resolve(name)).toString(),
                        Integer.toString(port),
                        Integer.toString(admin),
                        folder.resolve("s").toString(),
                        Boolean.toString(takesOver))
                .redirectError(log.toFile())
                .start();
        processes.add(process);
        try (BufferedReader out = process.inputReader()) {
            assertEquals("ready", out.readLine(), () -> {
                try {
                    return Files.readString(log);
                } catch (IOException e) {
                    return e.toString();
                }
            });
        }
        return process;
    }

    @AfterEach
    void stop() {
        over = true;
        processes.forEach(Process::destroyForcibly);
    }

    private void note(String response) {
        if (response.startsWith("HTTP/1.1 200")) {
            answered.incrementAndGet();
            answerers.add(response.substring(response.indexOf("\r\n\r\n") + 4).strip());
        } else {
            lost.add(response);
        }
    }

    /** Asks again and again, over one connection as long as that is kept. */
    private void askOverOneConnection(int port) {
        while (!over) {
            try (RawClient client = new RawClient(port)) {
                boolean kept = true;
                while (kept && !over) {
                    String response =
                            client.send("GET /kept HTTP/1.1\r\nHost: a\r\n\r\n").response();
                    note(response);
                    kept = !response.toLowerCase(java.util.Locale.ROOT).contains("connection: close");
                }
            } catch (IOException e) {
                lost.add("kept: " + e);
            }
        }
    }

    private void askOverManyConnections(int port) {
        while (!over) {
            try (RawClient client = new RawClient(port)) {
                note(client.send("GET /new HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                        .rest());
            } catch (IOException e) {
                lost.add("new: " + e);
            }
        }
    }

    private void askOnce(int port, String path) {
        try (RawClient client = new RawClient(port)) {
            note(client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").response());
        } catch (IOException e) {
            lost.add(path + ": " + e);
        }
    }

    private void askThroughTheFile(Path file) {
        while (!over) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(file));
                channel.write(ByteBuffer.wrap("GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII)));
                ByteBuffer all = ByteBuffer.allocate(10_000);
                while (channel.read(all) >= 0) {
                    // the next part
                }
                note(new String(all.array(), 0, all.position(), StandardCharsets.US_ASCII));
            } catch (IOException e) {
                lost.add("file: " + e);
            }
        }
    }

    @Test
    void noRequestIsLostWhenAProcessTakesOver() throws Exception {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "connections are steered on Linux");
        int port = FreePorts.next();
        int admin = FreePorts.next();
        Process first = start("first", port, admin, true);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(Thread.ofVirtual().start(() -> askOverOneConnection(port)));
            clients.add(Thread.ofVirtual().start(() -> askOverManyConnections(port)));
        }
        clients.add(Thread.ofVirtual().start(() -> askThroughTheFile(folder.resolve("s"))));
        TestNode.eventually("it serves", () -> answered.get() > 200);
        for (int i = 0; i < 5; i++) {
            clients.add(Thread.ofVirtual().start(() -> askOnce(port, "/slow")));
        }
        Process second = start("second", port, admin, true);
        assertTrue(first.waitFor(20, TimeUnit.SECONDS), "the first does not end");
        assertEquals(0, first.exitValue());
        int before = answered.get();
        TestNode.eventually("the second serves", () -> answered.get() > before + 200);
        over = true;
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(List.of(), List.copyOf(lost), () -> answered + " answered");
        assertEquals(Set.of(Long.toString(first.pid()), Long.toString(second.pid())), answerers);
        assertTrue(Files.exists(folder.resolve("s")), "the second's socket is left where it is");
    }

    @Test
    void theNewestAloneIsAskedByThoseWhoRunIt() throws Exception {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "connections are steered on Linux");
        int port = FreePorts.next();
        int admin = FreePorts.next();
        Process first = start("first", port, admin, true);
        Thread held = Thread.ofVirtual().start(() -> askOnce(port, "/held"));
        TestNode.eventually(
                "the request runs", () -> Files.exists(folder.resolve("first").resolve("holds")));
        Process second = start("second", port, admin, true);
        for (int i = 0; i < 50; i++) {
            assertEquals(200, statusOf(admin, "/health/ready"));
        }
        Process third = start("third", port, admin, true);
        assertTrue(second.waitFor(20, TimeUnit.SECONDS), "the second does not end");
        assertTrue(first.isAlive());
        Files.createFile(folder.resolve("first").resolve("may end"));
        held.join();
        assertTrue(first.waitFor(20, TimeUnit.SECONDS), "the first does not end");
        assertEquals(List.of(0, 0), List.of(first.exitValue(), second.exitValue()));
        assertTrue(third.isAlive());
        assertEquals(List.of(), List.copyOf(lost));
        assertEquals(Set.of(Long.toString(first.pid())), answerers);
    }

    private static int statusOf(int port, String path) throws IOException {
        try (RawClient client = new RawClient(port)) {
            String response = client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    .rest();
            return Integer.parseInt(response.substring(9, 12));
        }
    }

    @Test
    void aSocketStaysWhereItIsUntilTheOldProcessAgrees() throws Exception {
        Path file = folder.resolve("s");
        try (TestOrigin old = new TestOrigin();
                ServerSocketChannel before = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                TestNode node = new TestNode(Files.createDirectory(folder.resolve("new")))
                        .function("f", "\"/...\"", "", e -> TestNode.answer(e, "new"))
                        .listener("listen = \"unix:" + file + "\"")
                        .with(Setting.ADMIN, old.url().substring("http://".length()))
                        .with(Setting.TAKE_OVER, "true")) {
            before.bind(UnixDomainSocketAddress.of(file));
            AtomicReference<String> reached = new AtomicReference<>("");
            old.handler = exchange -> {
                boolean isTold = exchange.getRequestMethod().equals("POST");
                if (isTold) {
                    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(file));
                            SocketChannel accepted = before.accept()) {
                        reached.set(accepted.isConnected() && client.isConnected() ? "the old one" : "nobody");
                    }
                }
                TestOrigin.answer(exchange, isTold ? 500 : 200, "");
            };
            ConfigurationException refused = Assertions.assertThrows(ConfigurationException.class, node::start);
            assertTrue(String.valueOf(refused.getMessage()).contains("does not let itself be taken over"));
            assertEquals("the old one", reached.get());
            SocketChannel.open(UnixDomainSocketAddress.of(file)).close();
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(
                        List.of("new", "s"),
                        files.map(f -> f.getFileName().toString()).sorted().toList());
            }
        }
    }

    @Test
    void withoutBeingAskedNoProcessListensWhereAnotherDoes() throws Exception {
        try (TestNode one = new TestNode(Files.createDirectory(folder.resolve("one")))
                        .function("f", "\"/...\"", "", e -> TestNode.answer(e, "1"))
                        .start();
                TestNode two = new TestNode(Files.createDirectory(folder.resolve("two")))
                        .function("f", "\"/...\"", "", e -> TestNode.answer(e, "2"))
                        .with(Setting.LISTEN, "127.0.0.1:" + one.port())) {
            ConfigurationException refused = Assertions.assertThrows(ConfigurationException.class, two::start);
            assertTrue(String.valueOf(refused.getMessage()).contains("another process uses that port"));
            assertFalse(one.log().contains("take-over"));
        }
    }
}
