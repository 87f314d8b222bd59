package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields behind a content (RFC 9110 §6.5), in which gRPC says how a call has ended. */
class TrailersTest {
    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();

    /** Held here, since Vert.x closes a client that nobody holds. */
    private final HttpClient client = vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));

    private TestNode node;

    @AfterEach
    void stop() throws Exception {
        node.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientGetsThemIfItSaysThatItTakesThem(boolean cache) throws Exception {
        try (RawOrigin origin = new RawOrigin((socket, head) -> {
            boolean told = head.contains("\r\nTE: trailers\r\n");
            socket.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n" + (told ? "told" : "none")
                                    + "\r\n0\r\nGrpc-Status: 0\r\nContent-Length: 9\r\nConnection: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return true;
        })) {
            node = new TestNode(folder).origin("/...", cache, "", origin.url()).start();
            assertTrue(ask("TE: gzip, trailers\r\n").endsWith("4\r\ntold\r\n0\r\nGrpc-Status: 0\r\n\r\n"));
            assertTrue(ask("").endsWith("4\r\nnone\r\n0\r\n\r\n"));
        }
    }

    private String ask(String field) throws IOException {
        try (RawClient client = node.raw()) {
            String all = client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + field + "\r\n")
                    .rest();
            assertTrue(all.contains("Transfer-Encoding: chunked\r\n"), all);
            return all;
        }
    }

    /** Asks with content, and with fields behind it: names and values in turn. */
    private static void hello(RawHttp2 client, String... behind) throws IOException {
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.head("POST", "/"));
        client.send(RawHttp2.DATA, 0, 1, "hello".getBytes(StandardCharsets.US_ASCII));
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, RawHttp2.fields(behind));
    }

    private String behind(String more, boolean multiplexed, String... fields) throws Exception {
        var last = new CompletableFuture<String>();
        try (RawOrigin origin = new RawOrigin((socket, head) -> {
            StringBuilder content = new StringBuilder();
            while (!content.toString().endsWith("\r\n\r\n")) {
                content.append((char) socket.getInputStream().read());
            }
            last.complete(content.toString());
            return RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        })) {
            node = new TestNode(folder)
                    .origin("/...", false, more, origin.url())
                    .start();
            if (multiplexed) {
                try (RawHttp2 client = new RawHttp2(node.port(), 4, 65_535)) {
                    hello(
                            client,
                            Stream.of(fields)
                                    .flatMap(field -> Stream.of(field.split(": ")))
                                    .toArray(String[]::new));
                    assertEquals("ok", new String(client.await(RawHttp2.DATA).payload(), StandardCharsets.US_ASCII));
                }
            } else {
                try (RawClient client = node.raw()) {
                    client.send("POST / HTTP/1.1\r\nHost: a\r\nX-User: ada\r\nTransfer-Encoding: chunked\r\n\r\n");
                    client.send("5\r\nhello\r\n0\r\n");
                    for (String field : fields) {
                        client.send(field + "\r\n");
                    }
                    assertTrue(client.send("\r\n").response().endsWith("ok"));
                }
            }
            return last.get(20, TimeUnit.SECONDS);
        } finally {
            node.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOriginThatWantsThemGetsThoseOfARequest(boolean multiplexed) throws Exception {
        String end = behind("trailers = true", multiplexed, "x-checksum: 5d41", "x-more: 1");
        assertEquals("5\r\nhello\r\n0\r\nx-checksum: 5d41\r\nx-more: 1\r\n\r\n", end);
        end = behind("trailers = true\nconnections = 1", multiplexed, "x-checksum: 5d41");
        assertEquals("5\r\nhello\r\n0\r\nx-checksum: 5d41\r\n\r\n", end);
        end = behind("", multiplexed, "x-checksum: 5d41");
        assertEquals("5\r\nhello\r\n0\r\n\r\n", end);
    }

    @Test
    void nothingBehindARequestSaysWhatOnlyItsHeadCanSay() throws Exception {
        String end = behind(
                "trailers = true",
                false,
                "Authorization: Basic YTpi",
                "Content-Length: 9",
                "Cookie: a=b",
                "Host: b",
                "Transfer-Encoding: chunked",
                "X-Forwarded-For: 192.0.2.1",
                "X_Forwarded_For: 192.0.2.1",
                "X-Client-Cert-Subject: CN=root",
                "X-User: eve",
                "If-None-Match: *",
                "X-Checksum: 1");
        assertEquals("5\r\nhello\r\n0\r\nX-Checksum: 1\r\n\r\n", end);
    }

    /** HTTP/2 has lengths where HTTP/1.1 has line ends (RFC 9113 §8.2.1, §10.3). */
    @ParameterizedTest
    @ValueSource(strings = {"1\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n", "1\nX-Admin: 1", "1\r2", "1\u00002"})
    void aFieldThatWouldBeARequestOfItsOwnReachesNoOrigin(String value) throws Exception {
        var content = new StringBuffer();
        try (RawOrigin origin = new RawOrigin((socket, head) -> {
            int read = socket.getInputStream().read();
            while (read >= 0 && !content.toString().endsWith("\r\n\r\n")) {
                content.append((char) read);
                read = socket.getInputStream().read();
            }
            return false;
        })) {
            node = new TestNode(folder)
                    .origin("/...", false, "trailers = true", origin.url())
                    .start();
            try (RawHttp2 client = new RawHttp2(node.port(), 4, 65_535)) {
                hello(client, "x-checksum", value);
                assertEquals("400", client.await(RawHttp2.HEADERS).status());
            }
            assertTrue("5\r\nhello\r\n".startsWith(content.toString()), content::toString);
        }
    }

    @Test
    void anOriginOfHttp2CannotBeToldToWantThem() {
        var refused = assertThrows(
                io.selvage.node.ConfigurationException.class,
                () -> (node = new TestNode(folder)
                                .origin("/...", false, "protocol = \"http2\"\ntrailers = true", "http://127.0.0.1:1"))
                        .start());
        assertTrue(String.valueOf(refused.getMessage()).contains("over HTTP/1.1 alone"), refused.getMessage());
    }

    @Test
    void aCallOfGrpcPassesBothWaysOverHttp2() throws Exception {
        int port = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
                .requestHandler(request -> {
                    request.response()
                            .setChunked(true)
                            .putHeader("content-type", "application/grpc")
                            .putTrailer("grpc-status", request.getHeader("te"));
                    request.handler(part -> {
                        if (part.length() > 0) {
                            request.response().write(part.copy().appendString("!"));
                        }
                    });
                    request.endHandler(_ -> request.response().end());
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .actualPort();
        node = new TestNode(folder)
                .origin("/...", false, "protocol = \"http2\"", "http://127.0.0.1:" + port)
                .start();
        HttpClientRequest request = client.request(
                        HttpMethod.POST, node.uri("/").getPort(), "127.0.0.1", "/shop.Cart/Watch")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        request.putHeader("te", "trailers")
                .putHeader("content-type", "application/grpc")
                .setChunked(true);
        var first = new CompletableFuture<String>();
        var whole = new CompletableFuture<String>();
        var _ = request.response().onSuccess(response -> receive(response, first, whole));
        var _ = request.write(Buffer.buffer("one"));
        assertEquals("one!", first.get(20, TimeUnit.SECONDS), "the answer begins while the request goes on");
        assertFalse(whole.isDone());
        var _ = request.end(Buffer.buffer("two"));
        assertEquals("HTTP_2 application/grpc one!two! trailers", whole.get(20, TimeUnit.SECONDS));
    }

    private static void receive(
            HttpClientResponse response, CompletableFuture<String> first, CompletableFuture<String> whole) {
        StringBuilder all = new StringBuilder();
        response.handler(part -> {
            all.append(part);
            first.complete(all.toString());
        });
        response.endHandler(_ -> whole.complete(response.version() + " " + response.getHeader("content-type") + " "
                + all + " " + response.trailers().get("grpc-status")));
        response.exceptionHandler(whole::completeExceptionally);
    }
}
