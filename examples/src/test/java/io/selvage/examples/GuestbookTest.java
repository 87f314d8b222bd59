package io.selvage.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
class GuestbookTest {
    private static final String FORM = "application/x-www-form-urlencoded";

    private RunningNode node;

    @BeforeAll
    void start(@TempDir Path state) throws IOException {
        node = RunningNode.start("guestbook", state);
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private static HttpResponse<String> sign(RunningNode node, String name, String message)
            throws IOException, InterruptedException {
        String form = "name=" + URLEncoder.encode(name, StandardCharsets.UTF_8) + "&message="
                + URLEncoder.encode(message, StandardCharsets.UTF_8);
        return node.post("/", FORM, form);
    }

    @Test
    void entriesStandOnThePageTheNewestFirstAfterARestartToo(@TempDir Path own) throws Exception {
        try (RunningNode started = RunningNode.start("guestbook", own)) {
            assertTrue(started.get("/").body().contains("Nobody has signed yet"));
            assertEquals("[]\n", started.get("/entries").body());
            HttpResponse<String> signed = sign(started, "Ada", "A lovely loom\nin two lines\tand a tab \\ 🧵");
            assertEquals(303, signed.statusCode());
            assertEquals("/", signed.headers().firstValue("location").orElseThrow());
            assertEquals(0, started.stop());
            assertTrue(started.log().stream().anyMatch(line -> line.contains("signed by \\\"Ada\\\"")));
        }
        try (RunningNode started = RunningNode.start("guestbook", own)) {
            assertEquals(303, sign(started, "Łucja", "Second").statusCode());
            String entries = started.get("/entries").body();
            assertTrue(entries.contains("\"name\":\"Łucja\",\"message\":\"Second\""), entries);
            assertTrue(
                    entries.contains("\"message\":\"A lovely loom\\u000ain two lines\\u0009and a tab \\\\ 🧵\""),
                    entries);
            assertTrue(entries.indexOf("Łucja") < entries.indexOf("Ada"), entries);
            HttpResponse<String> page = started.get("/");
            assertEquals(
                    "text/html; charset=utf-8",
                    page.headers().firstValue("content-type").orElseThrow());
            assertTrue(page.body().contains("A lovely loom<br>in two lines"), page::body);
        }
    }

    @Test
    void aClientThatWantsJsonGetsTheEntry() throws Exception {
        HttpResponse<String> response = node.send(HttpRequest.newBuilder(node.uri("/"))
                .header("Content-Type", FORM)
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("name=Ada&message=Hello+%22you%22")));
        assertEquals(201, response.statusCode());
        assertTrue(response.body().endsWith("\"name\":\"Ada\",\"message\":\"Hello \\\"you\\\"\"}\n"), response::body);
    }

    @Test
    void markupIsShownAndNotRun() throws Exception {
        sign(node, "<b>\"Eve\" & 'co'</b>", "<script>alert(1)</script>");
        String page = node.get("/").body();
        assertFalse(page.contains("<script>"), page);
        assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), page);
        assertTrue(page.contains("&lt;b&gt;&quot;Eve&quot; &amp; &#39;co&#39;&lt;/b&gt;"), page);
    }

    @Test
    void aFormThatIsNotFilledInIsRefused() throws Exception {
        assertEquals(400, sign(node, "", "Refused").statusCode());
        assertEquals(400, sign(node, "Ada", " \n ").statusCode());
        assertEquals(400, sign(node, "Ada", "a".repeat(1001)).statusCode());
        assertEquals(400, sign(node, "a".repeat(61), "Refused").statusCode());
        assertEquals(400, node.post("/", FORM, "").statusCode());
        assertEquals(413, sign(node, "Ada", "a".repeat(20_000)).statusCode());
        assertFalse(node.get("/entries").body().contains("Refused"));
    }

    @Test
    void nobodyWhoSignsAtTheSameTimeIsLost() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 90; i++) {
                String name = "visitor-" + i + ".";
                tasks.add(() -> sign(node, name, "Hello").statusCode());
            }
            for (Future<Integer> task : threads.invokeAll(tasks)) {
                assertEquals(303, task.get());
            }
            String entries = node.get("/entries").body();
            for (int i = 0; i < 90; i++) {
                assertTrue(entries.contains("\"visitor-" + i + ".\""), "visitor-" + i);
            }
        }
    }
}
