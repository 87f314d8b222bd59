package io.selvage.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShortenTest {
    private RunningNode node;

    @BeforeAll
    void start(@TempDir Path state) throws IOException {
        node = RunningNode.start("shorten", state);
    }

    @AfterAll
    void stop() {
        node.close();
    }

    /** Shortens {@code url} and answers the path of the short one. */
    private static String shorten(RunningNode node, String url) throws IOException, InterruptedException {
        HttpResponse<String> response = node.post("/", "text/plain", url);
        assertEquals(201, response.statusCode(), response::body);
        String path = response.headers().firstValue("location").orElseThrow();
        assertEquals(node.uri(path) + "\n", response.body());
        return path;
    }

    private static void assertLeadsTo(String url, RunningNode node, String path) throws Exception {
        HttpResponse<String> response = node.get(path);
        assertEquals(302, response.statusCode(), response::body);
        assertEquals(url, response.headers().firstValue("location").orElseThrow());
    }

    @Test
    void aShortUrlLeadsToTheLongOneAfterARestartAndAPowerCutToo(@TempDir Path own) throws Exception {
        String first = "https://example.com/a/long/path?q=1&r=2#part";
        String second = "http://localhost:3000/";
        String firstPath;
        String secondPath;
        try (RunningNode started = RunningNode.start("shorten", own)) {
            firstPath = shorten(started, first);
            assertLeadsTo(first, started, firstPath);
            assertEquals(0, started.stop());
        }
        try (RunningNode started = RunningNode.start("shorten", own)) {
            assertLeadsTo(first, started, firstPath);
            secondPath = shorten(started, second);
            started.kill();
        }
        try (RunningNode started = RunningNode.start("shorten", own)) {
            assertLeadsTo(first, started, firstPath);
            assertLeadsTo(second, started, secondPath);
        }
    }

    @Test
    void anIdThatNobodyMadeIsNotFound() throws Exception {
        String path = shorten(node, "https://example.com/");
        for (String unknown : List.of("/2345678", "/unheard-of", "/a%20b", path + "x", path.substring(0, 7))) {
            assertEquals(404, node.get(unknown).statusCode(), unknown);
        }
    }

    @Test
    void aFormWorksTheSameWay() throws Exception {
        HttpResponse<String> page = node.get("/");
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("<form method=post"), page::body);
        HttpResponse<String> answer =
                node.post("/", "application/x-www-form-urlencoded", "url=https%3A%2F%2Fexample.com%2F%3Fa%3Db");
        assertEquals(201, answer.statusCode());
        assertLeadsTo(
                "https://example.com/?a=b",
                node,
                answer.headers().firstValue("location").orElseThrow());
    }

    @Test
    void whatIsNoWebUrlIsRefused() throws Exception {
        List<String> wrong = List.of(
                "",
                "example.com",
                "ftp://example.com/",
                "javascript:alert(1)",
                "http://",
                "https:///path",
                "https://example.com/\r\nSet-Cookie: a=b",
                "https://example.com/with space",
                "https://example.com/\0",
                "https://example.com/" + "a".repeat(2048));
        for (String url : wrong) {
            HttpResponse<String> response = node.post("/", "text/plain", url);
            assertEquals(400, response.statusCode(), () -> url + ": " + response.body());
        }
        assertEquals(
                413,
                node.post("/", "text/plain", "https://example.com/" + "a".repeat(9000))
                        .statusCode());
    }

    @Test
    void idsThatAreMadeAtOnceAreAllDifferentAndAllThere() throws Exception {
        int count = 300;
        try (ExecutorService threads = Executors.newFixedThreadPool(32)) {
            List<Callable<Map.Entry<String, String>>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String url = "https://example.com/" + i;
                tasks.add(() -> Map.entry(shorten(node, url), url));
            }
            Map<String, String> urls = new HashMap<>();
            for (Future<Map.Entry<String, String>> task : threads.invokeAll(tasks)) {
                urls.put(task.get().getKey(), task.get().getValue());
            }
            assertEquals(count, urls.size());
            for (Map.Entry<String, String> entry : urls.entrySet()) {
                assertLeadsTo(entry.getValue(), node, entry.getKey());
            }
        }
    }
}
