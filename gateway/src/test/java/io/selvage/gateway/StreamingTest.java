package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Headers;
import io.selvage.node.ResponseHead;
import io.selvage.node.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamingTest {
    private static final long GIBIBYTE = 1L << 30;

    @TempDir
    private Path folder;

    private final AtomicLong read = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private final SynchronousQueue<String> lines = new SynchronousQueue<>();
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        String limits = "body = \"2GiB\", wall = \"120s\"";
        node = new TestNode(folder)
                .with(Setting.BODY_GRACE, "60s")
                .function("count", "\"/count\"", limits, exchange -> {
                    byte[] buffer = new byte[64 << 10];
                    InputStream in = exchange.requestBody();
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        read.addAndGet(n);
                    }
                    TestNode.answer(exchange, String.valueOf(read.get()));
                })
                .function("flood", "\"/flood\"", limits, exchange -> {
                    byte[] buffer = new byte[64 << 10];
                    OutputStream out = exchange.respond(new ResponseHead(200, new Headers()));
                    while (true) {
                        out.write(buffer);
                        written.addAndGet(buffer.length);
                    }
                })
                .function("lines", "\"/lines\"", limits, exchange -> {
                    OutputStream out = exchange.respond(new ResponseHead(200, new Headers()));
                    out.flush();
                    try {
                        for (String line = lines.take(); !line.isEmpty(); line = lines.take()) {
                            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                            out.flush();
                        }
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                })
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void aGibibyteIsUploadedWithoutGrowingTheHeap() throws Exception {
        try (RawClient client = node.raw()) {
            client.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: " + GIBIBYTE + "\r\n\r\n");
            byte[] chunk = new byte[1 << 20];
            System.gc();
            long before = heap();
            long most = 0;
            for (long sent = 0; sent < GIBIBYTE; sent += chunk.length) {
                client.socket.getOutputStream().write(chunk);
                if (sent % (128 << 20) == 0) {
                    System.gc();
                    most = Math.max(most, heap());
                }
            }
            assertTrue(client.response().endsWith("\r\n\r\n" + GIBIBYTE));
            assertTrue(most - before < 64 << 20, "the heap grew by " + (most - before));
        }
    }

    @Test
    void aSlowReaderSlowsTheGuestDown() throws Exception {
        try (RawClient client = node.raw()) {
            client.socket.setReceiveBufferSize(64 << 10);
            client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
            long last = -1;
            while (written.get() == 0 || written.get() != last) {
                last = written.get();
                Thread.sleep(300);
            }
            assertTrue(last < 32 << 20, "the guest wrote " + last + " bytes that nobody reads");
            client.in().readNBytes(16 << 20);
            TestNode.eventually("it goes on", () -> written.get() > 1 << 20);
        }
        TestNode.eventually(
                "the guest ends when its client does",
                () -> node.node().release().functions().stream().allMatch(f -> f.running() == 0));
    }

    @Test
    void aGuestThatDoesNotReadSlowsItsClientDown() throws Exception {
        node.bodies.put("count", exchange -> {
            try {
                lines.take();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            TestNode.answer(exchange, "done");
        });
        AtomicLong sent = new AtomicLong();
        try (RawClient client = node.raw()) {
            client.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: " + GIBIBYTE + "\r\n\r\n");
            Thread sender = Thread.ofPlatform().start(() -> {
                byte[] chunk = new byte[64 << 10];
                try {
                    while (true) {
                        client.socket.getOutputStream().write(chunk);
                        sent.addAndGet(chunk.length);
                    }
                } catch (IOException _) {
                    // closed
                }
            });
            long last = -1;
            while (sent.get() == 0 || sent.get() != last) {
                last = sent.get();
                Thread.sleep(300);
            }
            assertTrue(last < 32 << 20, "the node took " + last + " bytes that nobody reads");
            lines.put("go");
            String head = client.response();
            assertTrue(head.contains("Connection: close") && head.endsWith("done"), head);
            sender.join();
        }
    }

    @Test
    void aClientThatReadsNothingIsNotAnsweredOnAndOn() throws Exception {
        int asked = 1_000;
        byte[] answer = new byte[50_000];
        AtomicInteger calls = new AtomicInteger();
        node.bodies.put("count", exchange -> {
            calls.incrementAndGet();
            exchange.respond(new ResponseHead(200, new Headers())).write(answer);
        });
        try (RawClient client = node.raw()) {
            client.send("GET /count HTTP/1.1\r\nHost: a\r\n\r\n".repeat(asked));
            int before = -1;
            while (calls.get() == 0 || calls.get() != before) {
                before = calls.get();
                Thread.sleep(200);
            }
            assertTrue(before < asked / 2, before + " answers wait for a client that reads none");
            for (int i = 0; i < asked; i++) {
                assertTrue(client.response().endsWith("\0"), "answer " + i);
            }
            assertEquals(asked, calls.get());
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void whatIsFlushedArrivesAtOnce(HttpClient.Version version) throws Exception {
        HttpResponse<InputStream> response = node.client(version)
                .send(HttpRequest.newBuilder(node.uri("/lines")).build(), HttpResponse.BodyHandlers.ofInputStream());
        var reader = new java.io.BufferedReader(new java.io.InputStreamReader(response.body(), StandardCharsets.UTF_8));
        for (int i = 0; i < 20; i++) {
            lines.put("line " + i);
            assertEquals("line " + i, reader.readLine());
        }
        lines.put("");
        assertEquals(null, reader.readLine());
    }

    @Test
    void manyUploadsAtOnceOverOneConnectionDoNotDisturbEachOther() throws Exception {
        node.bodies.put(
                "count",
                exchange -> TestNode.answer(
                        exchange, String.valueOf(exchange.requestBody().transferTo(OutputStream.nullOutputStream()))));
        HttpClient client = node.client(HttpClient.Version.HTTP_2);
        client.send(HttpRequest.newBuilder(node.uri("/nothing")).build(), HttpResponse.BodyHandlers.discarding());
        CompletableFuture<?>[] all = new CompletableFuture<?>[40];
        for (int i = 0; i < all.length; i++) {
            int size = i * 20_000;
            all[i] = client.sendAsync(
                            HttpRequest.newBuilder(node.uri("/count"))
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[size]))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .thenAccept(response -> assertEquals(String.valueOf(size), response.body()));
        }
        CompletableFuture.allOf(all).get();
    }
}
