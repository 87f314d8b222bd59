package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Setting;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationTest {
    @TempDir
    private Path folder;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger entered = new AtomicInteger();
    private TestNode node;

    private TestNode make() throws IOException {
        node = new TestNode(folder)
                .function("hello", "\"/hello\"", "", exchange -> TestNode.answer(exchange, "hello"))
                .function("waits", "\"/waits\"", "", exchange -> {
                    entered.incrementAndGet();
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    TestNode.answer(exchange, "waited");
                });
        return node;
    }

    @AfterEach
    void stop() {
        gate.countDown();
        node.close();
    }

    @Test
    void prometheusFindsNothingWrongWithTheMetrics() throws Exception {
        TestTool.needs("promtool", "prometheus");
        make().start();
        assertEquals("hello", node.get("/hello").body());
        Path metrics = Files.writeString(
                folder.resolve("metrics"), node.admin("/metrics").body());
        assertEquals("", TestTool.run(folder, "sh", "-c", "promtool check metrics < " + metrics + " 2>&1"));
    }

    @Test
    void theAdminListenerTellsHowTheNodeIs() throws Exception {
        make().start();
        assertEquals("{\"status\":\"live\"}", node.admin("/health/live").body());
        assertEquals("{\"status\":\"ready\"}", node.admin("/health/ready").body());
        assertEquals(404, node.admin("/other").statusCode());
        assertEquals("hello", node.get("/hello").body());
        String metrics = node.admin("/metrics").body();
        for (String name : new String[] {
            "http_server_request_duration_seconds_bucket{error_type=\"\",http_request_method=\"GET\","
                    + "http_response_status_code=\"200\",http_route=\"/hello\",selvage_function=\"hello\",le=\"0.005\"}",
            "selvage_instances_active{selvage_function=\"hello\"}",
            "selvage_queue_length{selvage_function=\"hello\"}",
            "http_server_active_requests 0.0",
            "jvm_memory_used_bytes",
            "selvage_connections"
        }) {
            assertTrue(metrics.contains(name), name + " not in\n" + metrics);
        }
        assertTrue(node.gateway()
                .readyEvent()
                .startsWith("{\"event\":\"ready\",\"listen\":\"http://127.0.0.1:" + node.port() + "\""));
    }

    @Test
    void aPortInUseIsExplained() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            make().with(Setting.LISTEN, "127.0.0.1:" + taken.getLocalPort());
            ConfigurationException e = assertThrows(ConfigurationException.class, () -> node.start());
            assertTrue(
                    String.valueOf(e.getMessage())
                            .contains("gateway.listen: cannot listen on 127.0.0.1:" + taken.getLocalPort()
                                    + ": another process uses that port"),
                    e.getMessage());
        }
    }

    @Test
    void theAdminListenersPortInUseNamesItsSetting() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            make().with(Setting.ADMIN, "127.0.0.1:" + taken.getLocalPort());
            ConfigurationException e = assertThrows(ConfigurationException.class, () -> node.start());
            assertTrue(String.valueOf(e.getMessage()).startsWith("admin.listen: cannot listen on"), e.getMessage());
        }
    }

    @Test
    void aNodeThatStopsFinishesWhatRuns() throws Exception {
        make().start();
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        var waiting = client.sendAsync(
                HttpRequest.newBuilder(node.uri("/waits")).build(), HttpResponse.BodyHandlers.ofString());
        TestNode.eventually("the request runs", () -> entered.get() == 1);
        CompletableFuture<Boolean> drained =
                CompletableFuture.supplyAsync(() -> node.gateway().drain());
        TestNode.eventually("nobody new is let in", () -> {
            try (RawClient _ = node.raw()) {
                return false;
            } catch (IOException _) {
                return true;
            }
        });
        assertEquals("{\"status\":\"draining\"}", node.admin("/health/ready").body());
        assertFalse(drained.isDone());
        gate.countDown();
        assertEquals("waited", waiting.get(20, TimeUnit.SECONDS).body());
        assertTrue(drained.get(20, TimeUnit.SECONDS));
    }

    @Test
    void whatDoesNotEndInTimeIsEnded() throws Exception {
        make().with(Setting.DRAIN, "200ms").start();
        var waiting = node.client(HttpClient.Version.HTTP_1_1)
                .sendAsync(HttpRequest.newBuilder(node.uri("/waits")).build(), HttpResponse.BodyHandlers.ofString());
        TestNode.eventually("the request runs", () -> entered.get() == 1);
        assertFalse(node.gateway().drain());
        HttpResponse<String> response = waiting.get(20, TimeUnit.SECONDS);
        assertEquals(503, response.statusCode());
        assertTrue(response.body().contains("shutting-down"), response.body());
    }

    @Test
    void aChangedManifestIsLoadedWithoutDroppingARequest() throws Exception {
        make().start();
        node.node().watch();
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        var running = client.sendAsync(
                HttpRequest.newBuilder(node.uri("/waits")).build(), HttpResponse.BodyHandlers.ofString());
        TestNode.eventually("the request runs", () -> entered.get() == 1);
        AtomicBoolean end = new AtomicBoolean();
        AtomicInteger served = new AtomicInteger();
        CompletableFuture<Void> load = CompletableFuture.runAsync(() -> {
            try {
                HttpRequest request = HttpRequest.newBuilder(node.uri("/hello")).build();
                while (!end.get()) {
                    assertEquals(
                            "hello",
                            client.send(request, HttpResponse.BodyHandlers.ofString())
                                    .body());
                    served.incrementAndGet();
                }
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Path manifest = folder.resolve("selvage.toml");
        String before = Files.readString(manifest);
        for (int i = 0; i < 5; i++) {
            String path = "/added" + i;
            replace(
                    manifest,
                    before.replace("[\"/waits\"]", "[\"/waits\", \"" + path + "\"]")
                            .replace("limits = {  }", "limits = { queue = " + (i + 5) + " }"));
            TestNode.eventually(
                    path + " is served",
                    () -> node.node().release().router().find("GET", "", path) instanceof io.selvage.node.Router.Found);
        }
        end.set(true);
        load.get();
        assertTrue(served.get() > 0);
        TestNode.eventually("those between are closed", () -> closed("waits") == 4);
        assertTrue(node.closed.contains("hello"), "an old function is closed when it is not needed any more");
        gate.countDown();
        assertEquals("waited", running.get().body());
        TestNode.eventually("the first one is closed after its last request", () -> closed("waits") == 5);
    }

    private long closed(String function) {
        return node.closed.stream().filter(function::equals).count();
    }

    @Test
    void aBadManifestKeepsTheLastGoodOneAndSaysWhy() throws Exception {
        make().start();
        node.node().watch();
        Path manifest = folder.resolve("selvage.toml");
        String good = Files.readString(manifest);
        replace(manifest, good.replace("limits", "limist"));
        TestNode.eventually("the log says why", () -> node.log().contains("did you mean \\\"limits\\\"?"));
        assertEquals("hello", node.get("/hello").body());
        assertTrue(node.admin("/metrics").body().contains("selvage_release_stale 1.0"));
        replace(manifest, good);
        TestNode.eventually("all is well again", () -> metrics().contains("selvage_release_stale 0.0"));
        TestNode.eventually("that is said too", () -> node.log().contains("the app is in order again"));
        Files.write(folder.resolve("hello.wasm"), new byte[] {0, 'a', 's', 'm', 9, 9, 9, 9});
        TestNode.eventually("a broken module is refused", () -> metrics().contains("selvage_release_stale 1.0"));
        assertEquals("hello", node.get("/hello").body());
    }

    private String metrics() {
        try {
            return node.admin("/metrics").body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void onlyWhatReallyChangedIsLoadedAnew() throws Exception {
        make().start();
        AtomicInteger reloads = new AtomicInteger();
        node.node().onReload(_ -> reloads.incrementAndGet());
        node.node().watch();
        Path module = folder.resolve("hello.wasm");
        byte[] same = Files.readAllBytes(module);
        Files.write(module, same);
        byte[] other = java.util.Arrays.copyOf(same, same.length + 4);
        other[8] = 0;
        other[9] = 2;
        other[10] = 1;
        other[11] = 'x';
        Files.write(folder.resolve("new"), other);
        Files.move(folder.resolve("new"), module, StandardCopyOption.ATOMIC_MOVE);
        TestNode.eventually("the changed module is loaded", () -> node.closed.contains("hello"));
        TestNode.eventually("that is said", () -> reloads.get() == 1);
        assertFalse(node.closed.contains("waits"));
        assertEquals("hello", node.get("/hello").body());
    }

    private static void replace(Path file, String text) throws IOException {
        Path beside = file.resolveSibling("beside");
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
