package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The cache's disk, through real nodes that end and start again. */
class DiskCacheTest {
    private static final int LARGE = 3 << 20;

    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private TestNode node = new TestNode(Path.of("."));

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    private void start(String disk) throws IOException {
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "2")
                .with(Setting.CACHE_MEMORY, "2MiB")
                .with(Setting.CACHE_OBJECT, "128KiB")
                .with(Setting.CACHE_DISK, disk)
                .origin("/...", true, "", origin.url())
                .start();
    }

    private void restart() throws IOException {
        node.close();
        start("64MiB");
    }

    /** An origin whose answers are as long as their paths say. */
    private void answerBytes(String... fields) {
        origin.handler = exchange -> {
            byte[] content = content(exchange.getRequestURI().getPath());
            for (String field : fields) {
                String[] parts = field.split(": ", 2);
                exchange.getResponseHeaders().add(parts[0], parts[1]);
            }
            exchange.sendResponseHeaders(200, content.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(content);
            }
        };
    }

    /** What is served of {@code /name/length}. */
    private static byte[] content(String path) {
        byte[] content = new byte[Integer.parseInt(path.substring(path.lastIndexOf('/') + 1))];
        new Random(path.hashCode()).nextBytes(content);
        return content;
    }

    private record Reply(String head, byte[] content) {
        boolean isHit() {
            return head.contains("Cache-Status: Selvage; hit");
        }
    }

    /** The key has the authority, which must be the same for every node. */
    private Reply get(String path, String... fields) throws IOException {
        return get(node.port(), path, fields);
    }

    private static Reply get(int port, String path, String... fields) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
                    + Stream.of(fields).map(f -> f + "\r\n").reduce("", String::concat) + "\r\n");
            return new Reply(client.head(), client.in().readAllBytes());
        }
    }

    private void assertGets(String path, boolean hit) throws IOException {
        Reply reply = get(path);
        assertArrayEquals(content(path), reply.content, path);
        assertEquals(hit, reply.isHit(), reply.head);
    }

    private String admin(String method, String target) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(node.gateway().adminAddress().url() + target))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return node.client(HttpClient.Version.HTTP_1_1)
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private long figure(String name) throws Exception {
        return figure(admin("GET", "/cache"), name);
    }

    private static long figure(String stats, String name) {
        Matcher matcher =
                Pattern.compile("\"disk\":\\{.*\"" + name + "\":(\\d+)").matcher(stats);
        assertTrue(matcher.find(), stats);
        return Long.parseLong(matcher.group(1));
    }

    private void awaitFigure(String name, long value) throws InterruptedException {
        TestNode.eventually(name + " on disk: " + value, () -> {
            try {
                return figure(name) == value;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private List<Path> files() throws IOException {
        Path cache = folder.resolve("state").resolve("cache");
        if (!Files.isDirectory(cache)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(cache)) {
            return all.filter(file -> file.toString().endsWith(".obj")).sorted().toList();
        }
    }

    @Test
    void whatIsStoredAnswersAfterARestart() throws Exception {
        answerBytes("Cache-Control: max-age=60", "ETag: \"1\"");
        start("64MiB");
        assertGets("/small/1000", false);
        assertGets("/medium/100000", false);
        assertGets("/large/" + LARGE, false);
        awaitFigure("responses", 3);
        restart();
        awaitFigure("responses", 3);
        for (int i = 0; i < 2; i++) {
            assertGets("/small/1000", true);
            assertGets("/medium/100000", true);
            assertGets("/large/" + LARGE, true);
        }
        assertTrue(get("/small/1000", "If-None-Match: \"1\"").head.startsWith("HTTP/1.1 304"));
        assertTrue(get("/large/" + LARGE, "If-None-Match: \"1\"").head.startsWith("HTTP/1.1 304"));
        Reply part = get("/large/" + LARGE, "Range: bytes=100000-1000000");
        assertTrue(part.head.startsWith("HTTP/1.1 206"), part.head);
        assertArrayEquals(java.util.Arrays.copyOfRange(content("/large/" + LARGE), 100_000, 1_000_001), part.content);
        assertEquals(3, origin.requests.get());
        String inspected = admin("GET", "/cache?url=http://shop/large/" + LARGE);
        assertTrue(inspected.contains("\"in\":\"disk\""), inspected);
        assertTrue(node.admin("/metrics").body().contains("selvage_cache_disk_hits_total 3"));
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aKilledNodeLosesWhatWasArrivingAndNothingElse() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        TestOrigin.Handler whole = origin.handler;
        CountDownLatch killed = new CountDownLatch(1);
        origin.handler = exchange -> {
            if (exchange.getRequestURI().getPath().startsWith("/cut")) {
                exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
                exchange.sendResponseHeaders(200, LARGE);
                exchange.getResponseBody().write(new byte[LARGE / 2]);
                exchange.getResponseBody().flush();
                killed.await();
            } else {
                whole.handle(exchange);
            }
        };
        NodeProcess process =
                NodeProcess.start(folder, origin.url(), List.of(), "cache.disk=64MiB", "cache.object=128KiB");
        for (int i = 0; i < 20; i++) {
            get(process.port(), "/a" + i + "/5000");
        }
        get(process.port(), "/large/" + LARGE);
        TestNode.eventually("all is written", () -> {
            try {
                return files().size() == 21;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try (RawClient cut = new RawClient(process.port())) {
            cut.send("GET /cut/" + LARGE + " HTTP/1.1\r\nHost: shop\r\n\r\n");
            cut.head();
            cut.in().readNBytes(LARGE / 4);
            process.kill();
        }
        killed.countDown();
        int asked = origin.requests.get();
        start("64MiB");
        awaitFigure("responses", 21);
        for (int i = 0; i < 20; i++) {
            assertGets("/a" + i + "/5000", true);
        }
        assertGets("/large/" + LARGE, true);
        assertEquals(asked, origin.requests.get());
        assertEquals(0, figure("damaged"));
        origin.handler = whole;
        assertGets("/cut/" + LARGE, false);
    }

    @Test
    void damagedFilesAreRemovedAndNeverServed() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        start("64MiB");
        for (int i = 0; i < 16; i++) {
            assertGets("/a" + i + "/70000", false);
        }
        awaitFigure("responses", 16);
        node.close();
        List<Path> files = files();
        for (int i = 0; i < 4; i++) {
            flip(files.get(i), 1000L + 20_000 * i);
        }
        for (int i = 4; i < 8; i++) {
            try (RandomAccessFile file = new RandomAccessFile(files.get(i).toFile(), "rw")) {
                file.setLength(i == 4 ? 0 : file.length() - i);
            }
        }
        for (int i = 8; i < 12; i++) {
            flip(files.get(i), Files.size(files.get(i)) - 2 - 30L * (i - 8));
        }
        Files.write(files.get(12), new byte[100_000]);
        Files.copy(files.get(15), files.get(13), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        start("64MiB");
        awaitFigure("damaged", 10);
        for (int i = 0; i < 16; i++) {
            assertArrayEquals(content("/a" + i + "/70000"), get("/a" + i + "/70000").content);
        }
        assertEquals(14, figure("damaged"));
        assertEquals(16 + 14, origin.requests.get());
        TestNode.eventually("the log says so", () -> node.log().contains("is damaged, and is removed"));
    }

    @Test
    void aLargeAnswerThatIsDamagedInItsMiddleIsBrokenOff() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        start("64MiB");
        assertGets("/large/" + LARGE, false);
        awaitFigure("responses", 1);
        assertGets("/large/" + LARGE, true);
        flip(files().getFirst(), LARGE / 2);
        byte[] cut = get("/large/" + LARGE).content;
        assertTrue(cut.length < LARGE, () -> cut.length + " bytes");
        assertArrayEquals(java.util.Arrays.copyOf(content("/large/" + LARGE), cut.length), cut);
        assertGets("/large/" + LARGE, false);
        awaitFigure("responses", 1);
        flip(files().getFirst(), 10);
        assertGets("/large/" + LARGE, false);
        assertEquals(2, figure("damaged"));
    }

    private static void flip(Path path, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            int was = file.read();
            file.seek(at);
            file.write(was ^ 0x10);
        }
    }

    @Test
    void aPurgeIsCompleteInBothTiersAndAfterARestart() throws Exception {
        answerBytes("Cache-Control: max-age=60", "Surrogate-Key: all");
        start("64MiB");
        for (String path : List.of("/a/1000", "/b/1000", "/b/2000", "/large/" + LARGE, "/c/1000")) {
            assertGets(path, false);
        }
        awaitFigure("responses", 5);
        restart();
        awaitFigure("responses", 5);
        assertGets("/a/1000", true);
        String receipt = admin("DELETE", "/cache?prefix=http://shop/b/");
        assertTrue(
                receipt.endsWith(
                        "{\"urls\":2,\"variants\":2,\"bytes\":3000,\"on_disk\":2,\"soft\":false,\"dry\":false}\n"),
                receipt);
        assertEquals(3, files().size());
        receipt = admin("DELETE", "/cache?url=http://shop/a/1000");
        assertTrue(receipt.contains("{\"urls\":1,\"variants\":1,\"bytes\":1000,\"on_disk\":1"), receipt);
        receipt = admin("DELETE", "/cache?url=http://shop/c/1000&soft=true");
        assertTrue(receipt.contains("{\"urls\":1,\"variants\":1,\"bytes\":1000,\"on_disk\":1,\"soft\":true"), receipt);
        receipt = admin("DELETE", "/cache?tag=all&dry=true");
        assertTrue(receipt.contains("{\"urls\":2,\"variants\":2,\"bytes\":" + (LARGE + 1000)), receipt);
        restart();
        awaitFigure("responses", 2);
        assertGets("/a/1000", false);
        assertGets("/b/1000", false);
        assertGets("/c/1000", false);
        assertGets("/large/" + LARGE, true);
        admin("DELETE", "/cache?tag=all");
        assertGets("/large/" + LARGE, false);
    }

    @Test
    void anUnsafeRequestLetsGoWhatIsOnDisk() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        start("64MiB");
        assertGets("/a/1000", false);
        awaitFigure("responses", 1);
        restart();
        awaitFigure("responses", 1);
        try (RawClient client = node.raw()) {
            client.send("POST /a/1000 HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .rest();
        }
        awaitFigure("responses", 0);
        restart();
        assertGets("/a/1000", false);
    }

    @Test
    void aValidationIsRememberedOverARestart() throws Exception {
        answerBytes("Cache-Control: max-age=60", "ETag: \"1\"");
        start("64MiB");
        assertGets("/a/1000", false);
        awaitFigure("responses", 1);
        admin("DELETE", "/cache?url=http://shop/a/1000&soft=true");
        origin.handler = exchange -> TestOrigin.answer(exchange, 304, "", "Cache-Control: max-age=60", "X: new");
        assertArrayEquals(content("/a/1000"), get("/a/1000").content);
        restart();
        awaitFigure("responses", 1);
        assertGets("/a/1000", true);
        assertTrue(get("/a/1000").head.contains("X: new"));
        assertEquals(2, origin.requests.get());
    }

    @Test
    void aClientThatComesLateOrReadsSlowlyGetsALargeAnswerFromDisk() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        byte[] content = content("/large/" + LARGE);
        origin.handler = exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(content, 0, 2 << 20);
            exchange.getResponseBody().flush();
            finish.await();
            exchange.getResponseBody().write(content, 2 << 20, LARGE - (2 << 20));
        };
        start("64MiB");
        String request = "GET /large/" + LARGE + " HTTP/1.0\r\nHost: shop\r\n\r\n";
        try (RawClient slow = node.raw().send(request);
                RawClient first = node.raw().send(request)) {
            slow.head();
            first.head();
            InputStream arriving = first.in();
            assertArrayEquals(java.util.Arrays.copyOf(content, 2 << 20), arriving.readNBytes(2 << 20));
            try (RawClient late = node.raw().send(request)) {
                assertTrue(late.head().contains("collapsed"));
                InputStream fromDisk = late.in();
                assertArrayEquals(java.util.Arrays.copyOf(content, 2 << 20), fromDisk.readNBytes(2 << 20));
                finish.countDown();
                assertEquals(LARGE - (2 << 20), fromDisk.readAllBytes().length);
            }
            assertEquals(LARGE - (2 << 20), arriving.readAllBytes().length);
            assertArrayEquals(content, slow.in().readAllBytes());
        }
        assertEquals(1, origin.requests.get());
        TestNode.eventually("it is stored", () -> {
            try {
                return get("/large/" + LARGE).isHit();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void theDiskTakesNoMoreThanItMay() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        start("1MiB");
        for (int i = 0; i < 60; i++) {
            assertGets("/a" + i + "/50000", false);
        }
        assertGets("/large/" + LARGE, false);
        assertGets("/large/" + LARGE, false);
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        assertTrue(bytes <= 1 << 20, bytes + " bytes");
        assertTrue(figure("evictions") > 20, admin("GET", "/cache"));
        assertTrue(figure("bytes") <= 1 << 20);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aFullDiskLetsTheNodeGoOnFromMemory() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        Files.createDirectories(folder.resolve("state/cache"));
        try (NodeProcess process = NodeProcess.in(
                "mount -t tmpfs -o size=1m none \"$0/state/cache\"",
                folder,
                origin.url(),
                "cache.disk=64MiB",
                "cache.memory=16MiB",
                "cache.object=128KiB")) {
            for (int i = 0; i < 40; i++) {
                assertArrayEquals(content("/a" + i + "/100000"), get(process.port(), "/a" + i + "/100000").content);
            }
            Reply large = get(process.port(), "/large/" + LARGE);
            assertArrayEquals(content("/large/" + LARGE), large.content);
            for (int i = 0; i < 40; i++) {
                assertTrue(get(process.port(), "/a" + i + "/100000").isHit());
            }
            assertTrue(figure(process.admin("/cache"), "failures") > 0);
            assertTrue(figure(process.admin("/cache"), "responses") > 0);
            assertFalse(get(process.port(), "/large/" + LARGE).isHit());
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aDiskThatDoesNotAnswerIsLeftAlone() throws Exception {
        TestTool.needs("mkfifo", "coreutils");
        answerBytes("Cache-Control: max-age=60");
        start("64MiB");
        for (int i = 0; i < 5; i++) {
            assertGets("/a" + i + "/1000", false);
        }
        awaitFigure("responses", 5);
        restart();
        awaitFigure("responses", 5);
        for (Path file : files()) {
            Files.delete(file);
            assertEquals("", TestTool.run(folder, "mkfifo", file.toString()));
        }
        for (int i = 0; i < 5; i++) {
            assertGets("/a" + i + "/1000", false);
            assertGets("/a" + i + "/1000", true);
        }
        assertEquals(1, figure("failures"));
        TestNode.eventually("the log says so", () -> node.log().contains("does not answer"));
        for (Path file : files()) {
            new RandomAccessFile(file.toFile(), "rw").close();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aSecondNodeGoesOnWithoutADiskThatAnotherHas() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        NodeProcess process =
                NodeProcess.start(folder, origin.url(), List.of(), "cache.disk=64MiB", "cache.object=128KiB");
        get(process.port(), "/a/1000");
        TestNode.eventually("it is written", () -> {
            try {
                return files().size() == 1;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        start("64MiB");
        assertGets("/a/1000", false);
        assertGets("/b/1000", false);
        assertGets("/b/1000", true);
        TestNode.eventually("the log says so", () -> node.log().contains("another process has the cache's disk"));
        process.close();
        assertGets("/c/1000", false);
        TestNode.eventually("it is taken over", () -> {
            try {
                get("/d" + System.nanoTime() + "/1000");
                return figure("responses") > 0;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void largeAnswersPassASmallHeap() throws Exception {
        int size = 64 << 20;
        byte[] block = content("/block/1048576");
        origin.handler = exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, size);
            for (int i = 0; i < size / block.length; i++) {
                exchange.getResponseBody().write(block);
            }
        };
        try (NodeProcess process = NodeProcess.start(
                folder,
                origin.url(),
                List.of("-Xmx40m"),
                "cache.disk=1GiB",
                "cache.memory=8MiB",
                "cache.object=1MiB")) {
            for (int i = 0; i < 2; i++) {
                try (RawClient client = new RawClient(process.port())) {
                    client.send("GET /large HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
                    assertEquals(i == 1, client.head().contains("; hit"));
                    for (int n = 0; n < size / block.length; n++) {
                        assertArrayEquals(block, client.in().readNBytes(block.length));
                    }
                    assertEquals(-1, client.in().read());
                }
                TestNode.eventually("it is written", () -> {
                    try {
                        return figure(process.admin("/cache"), "responses") == 1;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
        }
        assertEquals(1, origin.requests.get());
    }

    @Test
    void theFolderIsLeftAsItIsApartFromItsOwnFiles() throws Exception {
        answerBytes("Cache-Control: max-age=60");
        Path cache = Files.createDirectories(folder.resolve("state/cache/ab"));
        Path foreign = Files.writeString(cache.resolve("notes.txt"), "mine", StandardOpenOption.CREATE_NEW);
        Path begun = Files.writeString(cache.resolve("ab00000000000000.part"), "x");
        start("64MiB");
        assertGets("/a/1000", false);
        awaitFigure("responses", 1);
        TestNode.eventually("what was begun is removed", () -> !Files.exists(begun));
        assertTrue(Files.exists(foreign));
        assertFalse(node.log().contains("damaged"));
    }
}
