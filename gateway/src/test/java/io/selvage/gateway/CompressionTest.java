package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.selvage.cache.ContentCoding;
import io.selvage.node.Setting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    private static final String TEXT = "All work and no play makes Jack a dull boy. ".repeat(2000);

    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        origin.close();
    }

    private void serve(boolean cache, String text, String... fields) throws IOException {
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, text, fields);
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "1")
                .origin("/...", cache, "", origin.url())
                .more("compress = true")
                .start();
    }

    private HttpResponse<byte[]> get(String accept, String... more) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.uri("/a"));
        if (!accept.isEmpty()) {
            request.header("Accept-Encoding", accept);
        }
        if (more.length > 0) {
            request.headers(more);
        }
        return node.client(HttpClient.Version.HTTP_1_1).send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String field(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static String decoded(ContentCoding coding, byte[] bytes) throws IOException {
        try (InputStream in = coding.decoder(new ByteArrayInputStream(bytes))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @EnumSource(ContentCoding.class)
    void aTextIsCodedOnItsWayAndStoredSo(ContentCoding coding) throws Exception {
        assumeTrue(coding.isAvailable(), () -> coding + " is not available on this machine");
        serve(true, TEXT, "Content-Type: text/html", "Cache-Control: max-age=60", "ETag: \"1\"");
        for (String cache : List.of("fwd=uri-miss", "hit", "hit")) {
            HttpResponse<byte[]> response = get(coding.token());
            assertTrue(field(response, "cache-status").contains(cache), field(response, "cache-status"));
            assertEquals(coding.token(), field(response, "content-encoding"));
            assertEquals("W/\"1\"", field(response, "etag"));
            assertEquals("Accept-Encoding", field(response, "vary"));
            assertTrue(response.body().length < TEXT.length() / 10);
            assertEquals(TEXT, decoded(coding, response.body()));
        }
        HttpResponse<byte[]> plain = get("");
        assertEquals("\"1\"", field(plain, "etag"));
        assertEquals("Accept-Encoding", field(plain, "vary"));
        assertEquals(TEXT, new String(plain.body(), StandardCharsets.UTF_8));
        assertEquals(1, origin.requests.get(), "all clients share what the origin sent");
        assertEquals(List.of(), origin.lastField("Accept-Encoding"));

        assertEquals(304, get(coding.token(), "If-None-Match", "W/\"1\"").statusCode());
        HttpResponse<byte[]> part = get(coding.token(), "Range", "bytes=4-7");
        assertEquals(206, part.statusCode());
        assertEquals("work", new String(part.body(), StandardCharsets.UTF_8), "parts are of the content as it is");
        assertEquals("", field(part, "content-encoding"));
        assertEquals("Accept-Encoding", field(part, "vary"), "as the whole has it (RFC 9110 §15.3.7)");
        assertEquals("Accept-Encoding", field(get(coding.token(), "Range", "bytes=999999-"), "vary"));
    }

    @Test
    void theClientsWeightsDecide() throws Exception {
        serve(true, TEXT, "Content-Type: application/json", "Cache-Control: max-age=60");
        assertEquals("gzip", field(get("zstd;q=0.2, br;q=0, gzip;q=0.5"), "content-encoding"));
        assertEquals("gzip", field(get("x-gzip"), "content-encoding"));
        assertEquals("", field(get("identity, gzip;q=0"), "content-encoding"));
        assertEquals("", field(get("compress"), "content-encoding"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: image/png",
                "Content-Type: text/event-stream",
                "Cache-Control: no-transform, max-age=60",
                "Content-Encoding: gzip",
                "Content-Length: 5"
            })
    void whatGainsNothingOrMayNotBeChangedGoesAsItIs(String field) throws Exception {
        boolean isShort = field.startsWith("Content-Length");
        boolean isText = !field.startsWith("Content-Type");
        serve(
                true,
                isShort ? "short" : TEXT,
                isText ? "Content-Type: text/plain" : "X-None: 1",
                isShort ? "X-None: 1" : field);
        HttpResponse<byte[]> response = get("gzip");
        assertEquals(field.contains("Encoding") ? "gzip" : "", field(response, "content-encoding"));
        assertEquals(isShort ? "short" : TEXT, new String(response.body(), StandardCharsets.UTF_8));
    }

    @Test
    void aStreamCanBeReadAsFarAsItHasCome() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        node = new TestNode(folder)
                .origin("/...", false, "", origin.url())
                .more("compress = [\"gzip\"]")
                .start();
        origin.handler = exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("first".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            read.await();
            exchange.getResponseBody().write("second".getBytes(StandardCharsets.UTF_8));
        };
        HttpResponse<InputStream> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri("/a"))
                                .header("Accept-Encoding", "gzip, br")
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = ContentCoding.GZIP.decoder(response.body())) {
            assertEquals("first", new String(in.readNBytes(5), StandardCharsets.UTF_8));
            read.countDown();
            assertEquals("second", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
