package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.RequestHead;
import io.selvage.node.Setting;
import io.selvage.tls.TlsCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a connection tells of its client: certificates, the PROXY protocol, Unix sockets. */
class ConnectionTest {
    private static final String PLAIN = "listen = \"127.0.0.1:0\"\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    @TempDir
    private Path folder;

    private TestNode node;

    @BeforeEach
    void make() throws Exception {
        TestTls.write(folder, "a", "localhost");
        node = new TestNode(folder).function("tell", "\"/...\"", "", exchange -> {
            assertFalse(exchange.request().headers().contains("X_Client_Cert_Subject"));
            TestNode.answer(exchange, told(exchange.request()));
        });
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static String told(RequestHead head) {
        return head.scheme() + " " + head.remote().getAddress().getHostAddress() + ":"
                + head.remote().getPort() + " to " + head.local().getPort() + " subject="
                + head.headers().all("x-client-cert-subject") + " sha="
                + head.headers().all("x-client-cert-sha256")
                + " cert=" + head.headers().all("client-cert").size();
    }

    private String raw(String first) throws IOException {
        try (RawClient client = node.raw()) {
            return client.send(first + GET).rest();
        }
    }

    private HttpResponse<String> get(HttpClient client) throws Exception {
        try (client) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(node.gateway().urls().getFirst()))
                            .header("X-Client-Cert-Subject", "CN=forged")
                            .header("Client-Cert", ":AA==:")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /** Shows its certificate whoever is asked for. */
    private static final class Shows extends javax.net.ssl.X509ExtendedKeyManager {
        private final TlsCertificate certificate;

        Shows(TlsCertificate certificate) {
            this.certificate = certificate;
        }

        @Override
        public String chooseEngineClientAlias(
                String[] type, Principal @Nullable [] issuers, javax.net.ssl.SSLEngine engine) {
            return "0";
        }

        @Override
        public String chooseClientAlias(
                String[] type, Principal @Nullable [] issuers, java.net.@Nullable Socket socket) {
            return "0";
        }

        @Override
        public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
            return new String[] {"0"};
        }

        @Override
        public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, java.net.@Nullable Socket socket) {
            return null;
        }

        @Override
        public java.security.cert.X509Certificate[] getCertificateChain(String alias) {
            return certificate.chain().toArray(new java.security.cert.X509Certificate[0]);
        }

        @Override
        public java.security.PrivateKey getPrivateKey(String alias) {
            return certificate.key();
        }
    }

    @Test
    void theSubjectOfAClientsCertificateIsPassedOnAndNoForgedOne() throws Exception {
        TlsCertificate client = TestTls.write(folder, "c", "client.example");
        node.listener(PLAIN + "tls = { certificate = \"a.pem\", key = \"a.key\", client_authorities = \"c.pem\", "
                        + "client_certificate = \"optional\" }")
                .start();
        for (HttpClient.Version version : HttpClient.Version.values()) {
            if (version.name().equals("HTTP_3")) {
                continue;
            }
            String shown = get(TestTls.client(version, new Shows(client))).body();
            assertTrue(shown.contains("subject=[O=Selvage development,CN=client.example] sha=["), shown);
            assertTrue(shown.contains(HexFormat.of()
                    .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                            .digest(client.chain().getFirst().getEncoded()))));
            assertTrue(shown.endsWith("cert=1"), shown);
            assertTrue(get(TestTls.client(version)).body().endsWith("subject=[] sha=[] cert=0"));
        }
    }

    @Test
    void withoutACertificateThatIsAskedForThereIsNoAnswer() throws Exception {
        TestTls.write(folder, "c", "client.example");
        TlsCertificate stranger = TestTls.write(folder, "d", "client.example");
        node.listener(PLAIN + "tls = { certificate = \"a.pem\", key = \"a.key\", client_authorities = \"c.pem\" }")
                .start();
        assertThrows(IOException.class, () -> get(TestTls.client(HttpClient.Version.HTTP_2)));
        assertThrows(IOException.class, () -> get(TestTls.client(HttpClient.Version.HTTP_2, new Shows(stranger))));
    }

    @Test
    void underscoresDoNotForgeACertificate() throws Exception {
        node.listener(PLAIN).start();
        try (RawClient client = node.raw()) {
            String answer = client.send("GET / HTTP/1.1\r\nHost: a\r\nX_Client_Cert_Subject: CN=forged\r\n\r\n")
                    .response();
            assertTrue(answer.contains("subject=[]"), answer);
        }
    }

    @Test
    void aTrustedProxySaysWhereAConnectionComesFrom() throws Exception {
        node.listener(PLAIN + "proxy_protocol = [\"127.0.0.0/8\"]").start();
        assertTrue(raw("PROXY TCP4 192.0.2.7 203.0.113.9 4711 443\r\n").contains("http 192.0.2.7:4711 to 443"));
        assertTrue(raw("PROXY TCP6 2001:db8::1 2001:db8::2 4712 443\r\n").contains("2001:db8:0:0:0:0:0:1:4712 to 443"));
        assertTrue(raw("PROXY UNKNOWN\r\n").contains("http 127.0.0.1:"));
        ByteArrayOutputStream second = new ByteArrayOutputStream();
        second.write(HexFormat.of().parseHex("0d0a0d0a000d0a515549540a"));
        byte[] secure = {0x20, 0, 5, 1, 0, 0, 0, 0};
        second.write(new byte[] {0x21, 0x11, 0, (byte) (12 + secure.length)});
        second.write(new byte[] {(byte) 198, 51, 100, 5, 127, 0, 0, 1, 0x12, 0x34, 1, (byte) 0xbb});
        second.write(secure);
        assertTrue(raw(second.toString(StandardCharsets.ISO_8859_1)).contains("https 198.51.100.5:4660 to 443"));
    }

    @Test
    void aTrustedProxyMustSayIt() throws Exception {
        node.listener(PLAIN + "proxy_protocol = [\"127.0.0.1\"]").start();
        assertEquals("", raw(""));
        assertEquals("", raw("PROXY TCP4 192.0.2.7 203.0.113.9 99999 443\r\n"));
    }

    @Test
    void whoIsNotTrustedCannotSayIt() throws Exception {
        node.listener(PLAIN + "proxy_protocol = [\"10.0.0.0/8\"]").start();
        String answer = raw("PROXY TCP4 192.0.2.7 203.0.113.9 4711 443\r\n");
        assertTrue(answer.contains(" 400 "), answer);
        assertTrue(raw("").contains("http 127.0.0.1:"));
    }

    private String throughUnixSocket(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(GET.getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aUnixSocketIsServedAndItsFileRemovedInTheEnd() throws Exception {
        Path socket = folder.resolve("s.sock");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        node.listener(PLAIN).listener("listen = \"unix:" + socket + "\"").start();
        assertEquals("unix:" + socket, node.gateway().urls().getLast());
        String answer = throughUnixSocket(socket);
        assertTrue(answer.contains("http 127.0.0.1:0 to 0 subject=[] sha=[] cert=0"), answer);
        node.gateway().drain();
        assertFalse(Files.exists(socket));
    }

    @Test
    void http3IsSpokenAndToldOf() throws Exception {
        node.listener(PLAIN + "tls = { certificate = \"a.pem\", key = \"a.key\" }\nhttp3 = true")
                .start();
        HttpResponse<String> first = get(TestTls.client(HttpClient.Version.HTTP_2));
        assertEquals(
                List.of("h3=\":" + node.port() + "\"; ma=86400"),
                first.headers().allValues("alt-svc"));
        TestTool.needs("gtlsclient", "ngtcp2-client");
        String log = TestTool.run(
                folder,
                "gtlsclient",
                "--exit-on-all-streams-close",
                "127.0.0.1",
                Integer.toString(node.port()),
                "https://localhost:" + node.port() + "/");
        assertTrue(log.contains("[:status: 200]"), log);
        TestNode.eventually("the log tells of it", () -> node.log().contains("\"protocol\":\"HTTP/3\""));
    }

    private String http3(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("gtlsclient", "--exit-on-all-streams-close"));
        command.addAll(List.of(options));
        String port = Integer.toString(node.port());
        command.addAll(List.of("127.0.0.1", port, "https://localhost:" + port + "/"));
        return TestTool.run(folder, command.toArray(String[]::new));
    }

    @Test
    void http3HasASocketForEachEventLoopAndItsConnectionsMayMove() throws Exception {
        TestTool.needs("gtlsclient", "ngtcp2-client");
        node.with(Setting.EVENT_LOOPS, "2")
                .listener(PLAIN + "tls = { certificate = \"a.pem\", key = \"a.key\" }\nhttp3 = true")
                .start();
        assertTrue(udpSockets() == 2 || !Files.exists(Path.of("/proc/net/udp")), () -> udpSockets() + " sockets");
        for (int i = 0; i < 4; i++) {
            String log = http3();
            assertTrue(log.contains("[:status: 200]"), log);
        }
        for (int i = 0; i < 3; i++) {
            String log = http3("--change-local-addr=20ms", "--delay-stream=100ms");
            assertTrue(log.contains("[:status: 200]"), log);
        }
    }

    /** How many sockets have the listener's port for UDP. */
    private long udpSockets() {
        String local = ":%04X".formatted(node.port());
        return Stream.of("/proc/net/udp", "/proc/net/udp6")
                .map(Path::of)
                .filter(Files::exists)
                .flatMap(file -> lines(file).stream())
                .filter(line -> line.strip().split("\\s+")[1].endsWith(local))
                .count();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aUdpPortInUseIsExplained() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (DatagramSocket _ = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
            node.with(Setting.EVENT_LOOPS, "2")
                    .listener("listen = \"127.0.0.1:" + port
                            + "\"\ntls = { certificate = \"a.pem\", key = \"a.key\" }\nhttp3 = true");
            ConfigurationException e = assertThrows(ConfigurationException.class, () -> node.start());
            assertTrue(String.valueOf(e.getMessage()).contains("another process uses that port"), e.getMessage());
        }
    }
}
