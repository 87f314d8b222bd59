package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Setting;
import io.selvage.tls.TlsCertificate;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenerTest {
    private static final String PLAIN = "listen = \"127.0.0.1:0\"";
    private static final String SECURE = PLAIN + "\ntls = { certificate = \"a.pem\", key = \"a.key\" }";

    @TempDir
    private Path folder;

    private TestNode node;
    private TlsCertificate certificate;

    @BeforeEach
    void make() throws Exception {
        certificate = TestTls.write(folder, "a", "localhost", "a.example");
        node = new TestNode(folder)
                .function(
                        "hello",
                        "\"/...\"",
                        "",
                        exchange -> TestNode.answer(
                                exchange,
                                exchange.request().protocol() + " "
                                        + exchange.request().url()));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private String get(HttpClient client, String url) throws Exception {
        try (client) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static int port(String url) {
        return URI.create(url).getPort();
    }

    private int port(int listener) {
        return port(node.gateway().urls().get(listener));
    }

    private void redeploy(String from, String to) throws Exception {
        Files.writeString(folder.resolve("selvage.toml"), node.manifest().replace(from, to));
        node.node().deploy(folder);
    }

    @Test
    void anAppIsServedByEachOfItsListeners() throws Exception {
        node.listener(PLAIN).listener(SECURE).start();
        List<String> urls = node.gateway().urls();
        assertEquals(2, urls.size());
        assertEquals(
                "HTTP/1.1 " + urls.get(0) + "/x", get(TestTls.client(HttpClient.Version.HTTP_1_1), urls.get(0) + "/x"));
        assertEquals(
                "HTTP/1.1 " + urls.get(1) + "/x", get(TestTls.client(HttpClient.Version.HTTP_1_1), urls.get(1) + "/x"));
        assertTrue(urls.get(1).startsWith("https://"), urls.toString());
        assertTrue(node.gateway().readyEvent().contains(urls.get(1)));
    }

    @Test
    void http2IsChosenInTheHandshake() throws Exception {
        node.listener(SECURE).start();
        String url = node.gateway().urls().getFirst();
        assertEquals("HTTP/2 " + url + "/", get(TestTls.client(HttpClient.Version.HTTP_2), url + "/"));
    }

    @Test
    void theServerNameDecidesWhichCertificateIsShown() throws Exception {
        TlsCertificate second = TestTls.write(folder, "b", "b.example");
        TlsCertificate wild = TestTls.write(folder, "w", "*.w.example");
        node.listener(SECURE.replace(
                        " }",
                        ", certificates = [{ certificate = \"b.pem\", key = \"b.key\" }, "
                                + "{ certificate = \"w.pem\", key = \"w.key\" }] }"))
                .start();
        assertEquals(second.chain().getFirst(), TestTls.shown(port(0), "b.example"));
        assertEquals(second.chain().getFirst(), TestTls.shown(port(0), "B.EXAMPLE"));
        assertEquals(wild.chain().getFirst(), TestTls.shown(port(0), "x.w.example"));
        assertEquals(certificate.chain().getFirst(), TestTls.shown(port(0), "x.y.w.example"));
        assertEquals(certificate.chain().getFirst(), TestTls.shown(port(0), "a.example"));
        assertEquals(certificate.chain().getFirst(), TestTls.shown(port(0), ""));
    }

    @Test
    void aSessionIsResumedWithEitherVersion() throws Exception {
        node.listener(SECURE).start();
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            javax.net.ssl.SSLContext context = TestTls.context();
            Set<Long> created = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port(0))) {
                    socket.setEnabledProtocols(new String[] {version});
                    socket.getOutputStream()
                            .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().readAllBytes();
                    SSLSession session = socket.getSession();
                    assertEquals(version, session.getProtocol());
                    created.add(session.getCreationTime());
                }
            }
            assertEquals(1, created.size(), version);
        }
    }

    @Test
    void plainHttpIsToldThatThePortSpeaksTls() throws Exception {
        node.listener(SECURE).start();
        for (String request : List.of(
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(100_000),
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
            try (RawClient client = node.raw()) {
                String response = client.send(request).response();
                assertTrue(response.startsWith("HTTP/1.1 400 Bad Request\r\n"), response);
                assertTrue(response.contains("\"title\":\"This port speaks TLS\""), response);
                assertEquals("", client.rest());
            }
        }
        String url = node.gateway().urls().getFirst();
        assertEquals("HTTP/1.1 " + url + "/", get(TestTls.client(HttpClient.Version.HTTP_1_1), url + "/"));
    }

    @Test
    void aVersionBelowTheMinimumIsRefused() throws Exception {
        node.listener(SECURE.replace(" }", ", minimum = \"1.3\" }"))
                .listener(SECURE)
                .start();
        assertThrows(SSLHandshakeException.class, () -> TestTls.connect(port(0), "", "TLSv1.2"));
        TestTls.connect(port(0), "", "TLSv1.3").close();
        TestTls.connect(port(1), "", "TLSv1.2").close();
    }

    @Test
    void aCertificateForDevelopmentIsMadeOnceAndKept() throws Exception {
        node.with(Setting.TLS_DEVELOPMENT, "true").start();
        String url = node.gateway().urls().getFirst();
        assertTrue(url.startsWith("https://"), url);
        byte[] first = TestTls.shown(port(0), "localhost").getEncoded();
        assertEquals("HTTP/2 " + url + "/", get(TestTls.client(HttpClient.Version.HTTP_2), url + "/"));
        node.close();
        make();
        node.listener("listen = \"127.0.0.1:0\"\ntls = { development = true }").start();
        assertArrayEquals(first, TestTls.shown(port(0), "localhost").getEncoded());
    }

    @Test
    void aCertificateThatIsReplacedInItsFilesIsShownFromThenOn() throws Exception {
        node.listener(SECURE).start();
        node.node().watch();
        try (SSLSocket before = TestTls.connect(port(0), "")) {
            TlsCertificate next = TestTls.write(folder, "a", "localhost");
            TestNode.eventually("the new certificate is shown", () -> {
                try {
                    return TestTls.shown(port(0), "").equals(next.chain().getFirst());
                } catch (Exception _) {
                    return false;
                }
            });
            before.getOutputStream()
                    .write("GET /old HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertTrue(new String(before.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .endsWith("HTTP/1.1 https://a/old"));
        }
        TestNode.eventually("the log says so", () -> node.log().contains("loaded a certificate"));
    }

    @Test
    void aReloadOpensAndClosesListeners() throws Exception {
        node.listener(PLAIN).listener(SECURE).start();
        int kept = port(0);
        int closed = port(1);
        redeploy("[[listener]]\n" + SECURE, "[[listener]]\nlisten = \"127.0.0.1:0\"\ntls = { development = true }");
        assertEquals(kept, port(0));
        redeploy("[[listener]]\n" + SECURE, "");
        assertEquals(List.of(kept), List.of(port(0)));
        assertEquals(1, node.gateway().urls().size());
        TestNode.eventually("the other port is closed", () -> {
            try (RawClient _ = new RawClient(closed)) {
                return false;
            } catch (ConnectException _) {
                return true;
            } catch (java.io.IOException _) {
                return false;
            }
        });
    }

    @Test
    void aReloadThatCannotBeDoneChangesNothing() throws Exception {
        node.listener(PLAIN).start();
        String url = node.gateway().urls().getFirst();
        ConfigurationException refused = assertThrows(
                ConfigurationException.class,
                () -> redeploy(
                        PLAIN,
                        PLAIN + "\n[[listener]]\nlisten = \"127.0.0.1:" + port(0) + "\"\n[[listener]]\n" + SECURE
                                + "\n[[listener]]\n"
                                + SECURE.replace("a.key", "a.pem")));
        assertTrue(refused.getMessage().contains("selvage.toml:10:1: cannot listen on"), refused.getMessage());
        assertTrue(refused.getMessage().contains("there is no private key in it"), refused.getMessage());
        assertEquals(List.of(url), node.gateway().urls());
        assertEquals("HTTP/1.1 " + url + "/", get(TestTls.client(HttpClient.Version.HTTP_1_1), url + "/"));
    }

    @Test
    void aKeyOfAnotherCertificateIsToldSo() throws Exception {
        TestTls.write(folder, "b", "b.example");
        ConfigurationException refused = assertThrows(
                ConfigurationException.class,
                () -> node.listener(SECURE.replace("a.key", "b.key")).start());
        assertTrue(refused.getMessage().contains("b.key: it is not the private key of"), refused.getMessage());
    }

    @Test
    void aSlowHandshakeEndsWithoutAWordInClearText() throws Exception {
        node.listener(SECURE).with(Setting.HEADER_TIMEOUT, "200ms").start();
        try (RawClient client = new RawClient(port(0))) {
            client.send("\u0016\u0003\u0001");
            assertFalse(client.rest().contains("HTTP"));
        }
    }
}
