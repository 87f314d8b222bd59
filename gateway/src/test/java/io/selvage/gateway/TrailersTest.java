package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields behind the content of a response (RFC 9110 §6.5), in which gRPC says how a call has ended. */
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
