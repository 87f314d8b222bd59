package io.selvage.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HelloTest {
    private RunningNode node;

    @BeforeAll
    void start(@TempDir Path state) throws IOException {
        node = RunningNode.start("hello", state);
    }

    @AfterAll
    void stop() {
        node.close();
    }

    @Test
    void itGreets() throws Exception {
        HttpResponse<String> response = node.get("/");
        assertEquals(200, response.statusCode());
        assertEquals("Hello from a WebAssembly function!\n", response.body());
        assertEquals(
                "text/plain; charset=utf-8",
                response.headers().firstValue("content-type").orElseThrow());
    }

    @Test
    void aHeadIsTheGreetingWithoutItsBody() throws Exception {
        HttpResponse<String> response =
                node.send(HttpRequest.newBuilder(node.uri("/")).method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertEquals(200, response.statusCode());
        assertEquals("", response.body());
    }

    @Test
    void otherPathsAndMethodsAreNotItsOwn() throws Exception {
        assertEquals(404, node.get("/nobody-is-here").statusCode());
        assertEquals(405, node.post("/", "text/plain", "hello yourself").statusCode());
    }

    @Test
    void manyAreGreetedAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<String> greeting = () -> node.get("/").body();
            List<Future<String>> answers = threads.invokeAll(
                    IntStream.range(0, 200).mapToObj(_ -> greeting).toList());
            for (Future<String> answer : answers) {
                assertEquals("Hello from a WebAssembly function!\n", answer.get());
            }
        }
    }
}
