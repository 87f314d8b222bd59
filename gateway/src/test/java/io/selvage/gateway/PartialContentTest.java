package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of responses are stored, reused and put together, and never pass for the whole (RFC 9111 §3.3, §3.4). */
class PartialContentTest {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");

    @TempDir
    private Path folder;

    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private volatile String text = "0123456789abcdefghij";
    private volatile String tag = "\"1\"";
    private volatile String control = "max-age=60";
    private final RawOrigin origin = new RawOrigin((socket, head) -> {
        asked.add(field(head, "range"));
        return RawOrigin.send(socket, answer(head));
    });
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "2")
                .with(Setting.CACHE_MEMORY, "1MiB")
                .with(Setting.CACHE_OBJECT, "64KiB")
                .origin("/...", true, "", origin.url())
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    private static String field(String head, String name) {
        Matcher matcher = Pattern.compile("(?im)^" + name + ": *(.*?)\\r?$").matcher(head);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** An origin that does with ranges and conditions as it should. */
    private String answer(String head) {
        String common = "Cache-Control: " + control + "\r\nETag: " + tag + "\r\nContent-Type: text/plain\r\n";
        if (field(head, "if-none-match").equals(tag)) {
            return "HTTP/1.1 304 Not Modified\r\n" + common + "\r\n";
        }
        Matcher range = RANGE.matcher(field(head, "range"));
        String condition = field(head, "if-range");
        if (!range.matches() || !(condition.isEmpty() || condition.equals(tag))) {
            return "HTTP/1.1 200 OK\r\n" + common + "Content-Length: " + text.length() + "\r\n\r\n" + text;
        }
        int from = Integer.parseInt(range.group(1).isEmpty() ? "0" : range.group(1));
        int to = range.group(2).isEmpty() ? text.length() : Integer.parseInt(range.group(2)) + 1;
        if (range.group(1).isEmpty()) {
            from = text.length() - Integer.parseInt(range.group(2));
            to = text.length();
        }
        return "HTTP/1.1 206 Partial Content\r\n" + common + "Content-Length: " + (to - from)
                + "\r\nContent-Range: bytes " + from + "-" + (to - 1) + "/" + text.length() + "\r\n\r\n"
                + text.substring(from, to);
    }

    private HttpResponse<String> get(String path, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.uri(path));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return node.client(HttpClient.Version.HTTP_1_1).send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void assertPart(HttpResponse<String> response, String content, String range, String cacheStatus) {
        assertEquals(206, response.statusCode());
        assertEquals(content, response.body());
        assertEquals(range, response.headers().firstValue("content-range").orElse(""));
        String status = response.headers().firstValue("cache-status").orElse("");
        assertTrue(status.startsWith("Selvage; " + cacheStatus), status);
        assertEquals("text/plain", response.headers().firstValue("content-type").orElse(""));
    }

    private String asked() {
        String all = String.join(", ", asked);
        asked.clear();
        return all;
    }

    @Test
    void aRangeInsideOfWhatIsStoredIsAnsweredFromIt() throws Exception {
        assertPart(
                get("/a", "Range", "bytes=-10"),
                "abcdefghij",
                "bytes 10-19/20",
                "fwd=uri-miss; fwd-status=206; stored");
        assertPart(get("/a", "Range", "bytes=12-14"), "cde", "bytes 12-14/20", "hit; ttl=");
        assertPart(get("/a", "Range", "bytes=18-"), "ij", "bytes 18-19/20", "hit; ttl=");
        assertPart(get("/a", "Range", "bytes=-1"), "j", "bytes 19-19/20", "hit; ttl=");
        assertEquals(416, get("/a", "Range", "bytes=20-").statusCode());
        assertEquals(304, get("/a", "If-None-Match", "\"1\"").statusCode());
        assertEquals("bytes=-10", asked());
    }

    @Test
    void onlyWhatIsMissingIsFetchedAndWhatIsWholeThenAnswersAll() throws Exception {
        get("/a", "Range", "bytes=4-7");
        assertPart(get("/a", "Range", "bytes=6-10"), "6789a", "bytes 6-10/20", "fwd=partial; fwd-status=206; stored");
        assertPart(get("/a", "Range", "bytes=4-10"), "456789a", "bytes 4-10/20", "hit; ttl=");
        assertTrue(node.admin("/cache").body().contains("\"completed\":1"));
        get("/a", "Range", "bytes=0-3");
        assertEquals("bytes=4-7, bytes=8-10, bytes=0-3", asked());
        HttpResponse<String> whole = get("/a");
        assertEquals(200, whole.statusCode());
        assertEquals(text, whole.body());
        assertEquals("20", whole.headers().firstValue("content-length").orElse(""));
        assertEquals("", whole.headers().firstValue("content-range").orElse(""));
        assertEquals("bytes=11-", asked());
        HttpResponse<String> hit = get("/a");
        assertTrue(hit.headers().firstValue("cache-status").orElse("").startsWith("Selvage; hit"));
        assertEquals(text, hit.body());
        assertEquals("", asked());
    }

    @Test
    void aPartIsNeverServedAsTheWhole() throws Exception {
        tag = "W/\"1\"";
        get("/a", "Range", "bytes=0-9");
        assertPart(get("/a", "Range", "bytes=0-9"), "0123456789", "bytes 0-9/20", "hit; ttl=");
        HttpResponse<String> whole = get("/a");
        assertEquals(200, whole.statusCode());
        assertEquals(text, whole.body());
        assertEquals("bytes=0-9, ", asked());
    }

    @Test
    void whatHasChangedIsNotMixed() throws Exception {
        get("/a", "Range", "bytes=0-9");
        text = "ABCDEFGHIJKLMNOPQRST";
        tag = "\"2\"";
        HttpResponse<String> changed = get("/a", "Range", "bytes=5-14");
        assertEquals(200, changed.statusCode());
        assertEquals(text, changed.body());
        assertEquals("bytes=0-9, bytes=10-14", asked());
        assertPart(get("/a", "Range", "bytes=5-14"), "FGHIJKLMNO", "bytes 5-14/20", "hit; ttl=");
    }

    @Test
    void anOriginThatIgnoresTheConditionIsAskedAgain() throws Exception {
        get("/a", "Range", "bytes=0-9");
        tag = "\"2\"";
        text = "ABCDEFGHIJKLMNOPQRST";
        RawOrigin.Handler rightly = origin.handler;
        origin.handler = (socket, head) -> rightly.handle(socket, head.replaceAll("(?im)^if-range:.*\r\n", ""));
        HttpResponse<String> range = get("/a", "Range", "bytes=5-14");
        assertEquals("FGHIJKLMNO", range.body());
        assertEquals(206, range.statusCode());
        assertEquals("bytes=0-9, bytes=10-14, bytes=5-14", asked());
        assertEquals(text, get("/a").body());
    }

    @Test
    void aStalePartIsValidatedWithItsRange() throws Exception {
        control = "max-age=0";
        get("/a", "Range", "bytes=0-9");
        assertPart(get("/a", "Range", "bytes=2-3"), "23", "bytes 2-3/20", "fwd=stale; fwd-status=304; stored");
        text = "ABCDEFGHIJKLMNOPQRST";
        tag = "\"2\"";
        assertPart(get("/a", "Range", "bytes=2-3"), "CD", "bytes 2-3/20", "fwd=stale; fwd-status=206; stored");
        assertEquals("bytes=0-9, bytes=2-3, bytes=2-3", asked());
    }

    @Test
    void aPartStandsInForAnOriginThatFails() throws Exception {
        control = "max-age=0, stale-if-error=60";
        get("/a", "Range", "bytes=0-9");
        origin.handler = (socket, _) ->
                RawOrigin.send(socket, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        assertPart(get("/a", "Range", "bytes=2-3"), "23", "bytes 2-3/20", "fwd=stale; fwd-status=500");
        assertEquals(500, get("/a").statusCode());
    }

    @Test
    void whatBreaksOffIsCompletedByTheNextRequest() throws Exception {
        RawOrigin.Handler whole = origin.handler;
        origin.handler = (socket, head) -> {
            asked.add(field(head, "range"));
            String answer = answer(head);
            RawOrigin.send(socket, answer.substring(0, answer.length() - 12));
            return false;
        };
        assertThrows(IOException.class, () -> get("/a"));
        origin.handler = whole;
        HttpResponse<String> completed = get("/a");
        assertEquals(text, completed.body());
        assertEquals(
                "Selvage; fwd=partial; fwd-status=206; stored",
                completed.headers().firstValue("cache-status").orElse(""));
        assertEquals(", bytes=8-", asked());
    }

    @Test
    void aRangeDoesNotDisturbThoseWhoWaitForTheWhole() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        RawOrigin.Handler rightly = origin.handler;
        origin.handler = (socket, head) -> {
            if (field(head, "range").isEmpty()) {
                await(finish);
            }
            return rightly.handle(socket, head);
        };
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        HttpRequest request = HttpRequest.newBuilder(node.uri("/a")).build();
        CompletableFuture<HttpResponse<String>> first = client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        CompletableFuture<HttpResponse<String>> second =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        TestNode.eventually("the whole is asked for", () -> origin.requests.get() == 1);
        assertPart(get("/a", "Range", "bytes=2-3"), "23", "bytes 2-3/20", "fwd=uri-miss; fwd-status=206; stored");
        finish.countDown();
        assertEquals(text, first.get().body());
        assertEquals(text, second.get().body());
        assertEquals(2, origin.requests.get());
        assertPart(get("/a", "Range", "bytes=2-3"), "23", "bytes 2-3/20", "hit");
    }

    @Test
    void thoseWhoWantTheSameRangeAreOneRequest() throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        RawOrigin.Handler rightly = origin.handler;
        origin.handler = (socket, head) -> {
            await(finish);
            return rightly.handle(socket, head);
        };
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        List<CompletableFuture<HttpResponse<String>>> all = IntStream.range(0, 40)
                .mapToObj(i -> client.sendAsync(
                        HttpRequest.newBuilder(node.uri("/a"))
                                .header("Range", i % 2 == 0 ? "bytes=2-5" : "bytes=10-")
                                .build(),
                        HttpResponse.BodyHandlers.ofString()))
                .toList();
        TestNode.eventually("both are asked for", () -> origin.requests.get() == 2);
        finish.countDown();
        for (int i = 0; i < all.size(); i++) {
            assertEquals(i % 2 == 0 ? "2345" : "abcdefghij", all.get(i).get().body());
            assertEquals(206, all.get(i).get().statusCode());
        }
        assertEquals(2, origin.requests.get());
    }

    @Test
    void thoseWhoWantTheWholeWaitTogetherForWhatIsMissing() throws Exception {
        get("/a", "Range", "bytes=0-9");
        assertEquals(
                504,
                get("/a", "Range", "bytes=5-14", "Cache-Control", "only-if-cached")
                        .statusCode());
        CountDownLatch finish = new CountDownLatch(1);
        RawOrigin.Handler rightly = origin.handler;
        origin.handler = (socket, head) -> {
            await(finish);
            return rightly.handle(socket, head);
        };
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        CompletableFuture<HttpResponse<String>> first =
                client.sendAsync(HttpRequest.newBuilder(node.uri("/a")).build(), HttpResponse.BodyHandlers.ofString());
        TestNode.eventually("what is missing is asked for", () -> origin.requests.get() == 2);
        CompletableFuture<HttpResponse<String>> second =
                client.sendAsync(HttpRequest.newBuilder(node.uri("/a")).build(), HttpResponse.BodyHandlers.ofString());
        finish.countDown();
        assertEquals(text, first.get().body());
        assertEquals(text, second.get().body());
        assertEquals("bytes=0-9, bytes=10-", asked());
    }

    @Test
    void partsArePurgedAndShown() throws Exception {
        get("/a", "Range", "bytes=0-4");
        get("/a", "Range", "bytes=10-14");
        String url = "127.0.0.1:" + node.port() + "/a";
        String shown = node.admin("/cache?url=" + url).body();
        assertTrue(shown.contains("\"parts\":\"0-4, 10-14/20\""), shown);
        assertTrue(shown.contains("\"bytes\":10"), shown);
        HttpRequest purge = HttpRequest.newBuilder(
                        java.net.URI.create(node.gateway().adminAddress().url() + "/cache?prefix=" + url))
                .DELETE()
                .build();
        String receipt = node.client(HttpClient.Version.HTTP_1_1)
                .send(purge, HttpResponse.BodyHandlers.ofString())
                .body();
        assertTrue(receipt.contains("\"bytes\":10"), receipt);
        asked();
        get("/a", "Range", "bytes=0-4");
        assertEquals("bytes=0-4", asked());
    }

    @Test
    void anUnsafeRequestLetsPartsGo() throws Exception {
        get("/a", "Range", "bytes=0-4");
        node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(node.uri("/a")).DELETE().build(), HttpResponse.BodyHandlers.discarding());
        asked();
        get("/a", "Range", "bytes=0-4");
        assertEquals("bytes=0-4", asked());
    }

    @Test
    void aPartThatIsTooLargeOrContradictsItselfOrIsPrivateIsNotStored() throws Exception {
        control = "private, max-age=60";
        get("/private", "Range", "bytes=0-4");
        get("/private", "Range", "bytes=0-4");
        assertEquals("bytes=0-4, bytes=0-4", asked());
        control = "max-age=60";
        text = "x".repeat(100_000);
        get("/large", "Range", "bytes=0-69999");
        get("/large", "Range", "bytes=0-4");
        assertEquals("bytes=0-69999, bytes=0-4", asked());
        assertEquals(text, get("/large").body());
        assertEquals("", asked(), "for what cannot be kept whole in memory, all is fetched, and may go to disk");
        RawOrigin.Handler rightly = origin.handler;
        origin.handler = (socket, head) -> {
            asked.add(field(head, "range"));
            return RawOrigin.send(socket, answer(head).replace("bytes 0-4/", "bytes 0-5/"));
        };
        get("/liar", "Range", "bytes=0-4");
        origin.handler = rightly;
        get("/liar", "Range", "bytes=0-3");
        assertEquals("bytes=0-4, bytes=0-3", asked());
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
