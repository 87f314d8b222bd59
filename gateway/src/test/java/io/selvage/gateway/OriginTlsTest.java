package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Origins that speak TLS, HTTP/2, or both. */
class OriginTlsTest {
    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private TestNode node;

    @BeforeEach
    void certificates() throws IOException {
        TestTls.write(folder, "site", "site.example");
        TestTls.write(folder, "client", "gateway.example");
    }

    @AfterEach
    void stop() throws Exception {
        if (node != null) {
            node.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private int origin(HttpServerOptions options) throws Exception {
        HttpServer server = vertx.createHttpServer(options).requestHandler(this::answer);
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .actualPort();
    }

    private HttpServerOptions secure() {
        return new HttpServerOptions()
                .setSsl(true)
                .setSni(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(folder.resolve("site.pem").toString())
                        .setKeyPath(folder.resolve("site.key").toString()));
    }

    private void answer(HttpServerRequest request) {
        String client;
        try {
            client = request.connection().peerCertificates().isEmpty() ? "" : "known";
        } catch (SSLPeerUnverifiedException | NullPointerException _) {
            client = "";
        }
        asked.add(request.version() + " " + request.authority() + " "
                + request.connection().indicatedServerName() + " " + client);
        String known = client;
        request.bodyHandler(body -> request.response()
                .putHeader("X-Length", Integer.toString(body.length()))
                .end(request.version() + known));
    }

    private void serve(String more, String url) throws IOException {
        node = new TestNode(folder)
                .origin("/...", false, "connect_timeout = \"20s\"\n" + more, url)
                .start();
    }

    @ParameterizedTest
    @CsvSource({"http1, HTTP_1_1", "http2, HTTP_2"})
    void anOriginIsAskedOverTlsByItsNameAndVerified(String protocol, String version) throws Exception {
        int port = origin(secure());
        serve(
                "protocol = \"%s\"\nhost = \"shop.example\"\ntls = { ca = \"site.pem\", name = \"site.example\" }"
                        .formatted(protocol),
                "https://127.0.0.1:" + port);
        assertEquals(version, node.get("/").body());
        assertEquals(List.of(version + " shop.example site.example "), List.copyOf(asked));
    }

    @Test
    void aCertificateThatIsNotTrustedOrOfAnotherNameIs502() throws Exception {
        int port = origin(secure());
        serve("retry = false", "https://127.0.0.1:" + port);
        assertEquals(502, node.get("/").statusCode());
        node.close();
        serve("retry = false\ntls = { ca = \"site.pem\", name = \"other.example\" }", "https://127.0.0.1:" + port);
        assertEquals(502, node.get("/").statusCode());
        node.close();
        serve("tls = { verify = false }", "https://127.0.0.1:" + port);
        assertEquals(200, node.get("/").statusCode());
    }

    @Test
    void theGatewayShowsACertificate() throws Exception {
        int port = origin(secure().setClientAuth(ClientAuth.REQUIRED)
                .setTrustOptions(new PemTrustOptions()
                        .addCertPath(folder.resolve("client.pem").toString())));
        String trusted = "ca = \"site.pem\", name = \"site.example\"";
        serve("retry = false\ntls = { " + trusted + " }", "https://127.0.0.1:" + port);
        assertEquals(502, node.get("/").statusCode());
        node.close();
        serve(
                "tls = { " + trusted + ", certificate = \"client.pem\", key = \"client.key\" }",
                "https://127.0.0.1:" + port);
        assertEquals("HTTP_1_1known", node.get("/").body());
    }

    @Test
    void aCertificateThatCannotBeUsedIsRefusedAndTheAppBeforeGoesOn() throws Exception {
        Files.writeString(folder.resolve("broken.pem"), "no certificate");
        ConfigurationException refused = assertThrows(
                ConfigurationException.class, () -> serve("tls = { ca = \"broken.pem\" }", "https://127.0.0.1:1"));
        String reason = String.valueOf(refused.getMessage());
        assertTrue(reason.contains("tls: ") && reason.contains("broken.pem: there is no certificate in it"), reason);
        int port = origin(new HttpServerOptions());
        serve("", "http://127.0.0.1:" + port);
        node.node().watch();
        Path manifest = folder.resolve("selvage.toml");
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replace("connect_timeout", "tls = { ca = \"broken.pem\" }\nconnect_timeout"));
        TestNode.eventually("the change is refused", () -> node.log().contains("broken.pem"));
        assertEquals(200, node.get("/").statusCode());
    }

    @Test
    void aCertificateThatIsReplacedIsShownFromThenOn() throws Exception {
        TestTls.write(folder, "trusted", "gateway.example");
        int port = origin(secure().setClientAuth(ClientAuth.REQUIRED)
                .setTrustOptions(new PemTrustOptions()
                        .addCertPath(folder.resolve("trusted.pem").toString())));
        serve(
                "retry = false\ntls = { ca = \"site.pem\", name = \"site.example\", "
                        + "certificate = \"client.pem\", key = \"client.key\" }",
                "https://127.0.0.1:" + port);
        assertEquals(502, node.get("/").statusCode());
        node.node().watch();
        for (String file : List.of("key", "pem")) {
            Files.move(
                    folder.resolve("trusted." + file),
                    folder.resolve("client." + file),
                    StandardCopyOption.ATOMIC_MOVE);
        }
        TestNode.eventually("the new certificate is shown", () -> status() == 200);
    }

    private int status() {
        try {
            return node.get("/").statusCode();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void http2ByPriorKnowledgeCarriesManyRequestsAtOnceAndBodies() throws Exception {
        int port = origin(new HttpServerOptions().setHttp2ClearTextEnabled(true));
        serve("protocol = \"http2\"\nconnections = 1", "http://127.0.0.1:" + port);
        List<RawClient> clients = IntStream.range(0, 20)
                .mapToObj(_ -> {
                    try {
                        return node.raw()
                                .send(
                                        "POST /a?b HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\nX-UPPER: 1\r\n\r\nhello");
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
        for (RawClient client : clients) {
            String response = client.response();
            assertTrue(response.endsWith("\r\n\r\nHTTP_2"), response);
            assertTrue(response.toLowerCase(java.util.Locale.ROOT).contains("x-length: 5\r\n"), response);
            client.close();
        }
        assertEquals(20, asked.size());
        assertTrue(asked.stream().allMatch(a -> a.startsWith("HTTP_2 shop.example ")), asked::toString);
    }
}
