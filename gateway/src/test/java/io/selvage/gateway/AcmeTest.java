package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates from a real authority (Pebble, RFC 8555) on this machine. */
class AcmeTest {
    @TempDir
    private Path folder;

    private TestNode node;
    private TestAuthority authority;

    @BeforeEach
    void make() throws Exception {
        node = newNode();
    }

    private TestNode newNode() throws Exception {
        return new TestNode(folder)
                .function(
                        "f", "\"/...\"", "", e -> TestNode.answer(e, e.request().path()));
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
        if (authority != null) {
            authority.close();
        }
    }

    private void authority(Map<String, String> environment) throws Exception {
        authority = TestAuthority.start(Files.createDirectory(folder.resolve("authority")), environment);
    }

    private String secure(String directory, String more) {
        return """
                listen = "127.0.0.1:%d"
                [listener.tls.acme]
                names = ["shop.example", "www.shop.example"]
                directory = "%s"
                authorities = "authority/authority.pem"
                email = "ops@shop.example"
                agree_to_terms = true
                retry = "1s"
                %s
                """.formatted(authority.tlsPort, directory, more);
    }

    private String clear() {
        return "listen = \"127.0.0.1:" + authority.httpPort + "\"";
    }

    private X509Certificate shown() throws Exception {
        return TestTls.shown(authority.tlsPort, "shop.example");
    }

    private static boolean isIssued(X509Certificate certificate) {
        return certificate.getIssuerX500Principal().getName().contains("Pebble");
    }

    private X509Certificate awaitIssued() throws Exception {
        AtomicReference<X509Certificate> last = new AtomicReference<>(shown());
        TestNode.eventually("a certificate of the authority is shown", () -> {
            try {
                last.set(shown());
                return isIssued(last.get());
            } catch (Exception _) {
                return false;
            }
        });
        return last.get();
    }

    private List<Path> stored(String end) throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("state/acme"))) {
            return files.filter(f -> f.toString().endsWith(end)).toList();
        }
    }

    @Test
    void aCertificateIsProvedInTheHandshakeAndKeptForThisUserAlone() throws Exception {
        authority(Map.of());
        node.listener(secure(authority.directory(), "challenges = [\"tls-alpn-01\"]"))
                .start();
        X509Certificate issued = awaitIssued();
        assertEquals(2, issued.getSubjectAlternativeNames().size());
        for (String end : List.of("account.key", "account.url", ".pem")) {
            assertEquals(1, stored(end).size(), end);
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(stored(end).getFirst())));
        }
        assertTrue(node.admin("/metrics").body().contains("selvage_acme_orders_total{selvage_result=\"issued\"} 1.0"));
        node.close();
        node = newNode();
        node.listener(secure(authority.directory(), "")).start();
        assertEquals(issued, shown(), "a start does not order what is there");
    }

    @Test
    void aCertificateIsProvedOverHttpThoughTheAuthorityRejectsEverySecondNonce() throws Exception {
        authority(Map.of("PEBBLE_WFE_NONCEREJECT", "50"));
        node.listener(clear())
                .listener(secure(authority.directory(), "challenges = [\"http-01\"]"))
                .start();
        awaitIssued();
        TestNode.eventually("the log says so", () -> node.log().contains("answered a challenge"));
        assertEquals(
                List.of(),
                stored("").stream()
                        .filter(f -> f.getParent().endsWith("challenges"))
                        .toList(),
                "answers are removed");
    }

    @Test
    void aNameThatCannotBeProvedIsToldAndTriedAgainWhileTheListenerServes() throws Exception {
        authority(Map.of());
        node.listener(secure(authority.directory(), "challenges = [\"http-01\"]"))
                .start();
        assertFalse(isIssued(shown()), "until then it shows one of its own");
        TestNode.eventually("the failure is told", () -> node.log().contains("example could not be proved by http-01"));
        TestNode.eventually("the log says so", () -> node.log().contains("\"retry\":\""));
        assertTrue(node.admin("/metrics").body().contains("selvage_acme_orders_total{selvage_result=\"failed\"}"));
        Files.writeString(folder.resolve("selvage.toml"), node.manifest() + "[[listener]]\n" + clear() + "\n");
        node.node().deploy(folder);
        awaitIssued();
    }

    @Test
    void anAuthorityThatIsAwayLeavesTheLastCertificateWhichIsRenewedWhenItIsBack() throws Exception {
        authority(Map.of());
        node.listener(secure(authority.directory(), "renew_before = \"30d\"")).start();
        awaitIssued();
        Path file = stored(".pem").getFirst();
        node.close();
        X509Certificate old = TestTls.write(
                        file,
                        Instant.now().minus(Duration.ofDays(80)),
                        Instant.now().plus(Duration.ofDays(10)),
                        "shop.example",
                        "www.shop.example")
                .chain()
                .getFirst();
        authority.stop();
        node = newNode();
        node.listener(secure(authority.directory(), "renew_before = \"30d\"")).start();
        TestNode.eventually("the failure is told", () -> node.log().contains("the last one goes on"));
        TestNode.eventually(
                "the log says so", () -> node.log().contains("/dir cannot be reached: it takes no connection"));
        assertEquals(old, shown());
        authority.serve(Map.of());
        awaitIssued();
        TestNode.eventually("the log says so", () -> node.log().contains("renewing a certificate"));
    }

    @Test
    void aCertificateIsRenewedWhenItsAuthoritySuggestsIt() throws Exception {
        authority(Map.of());
        AtomicReference<String> first = new AtomicReference<>("");
        String directory = authority.directoryThatSuggests(id -> {
            first.compareAndSet("", id);
            return id.equals(first.get());
        });
        node.listener(secure(directory, "")).start();
        TestNode.eventually(
                "the second certificate is there",
                () -> node.log().contains("renewing a certificate")
                        && node.log().split("a certificate has been issued", -1).length == 3);
        assertTrue(isIssued(shown()));
        assertTrue(
                node.admin("/metrics").body().contains("selvage_acme_orders_total{selvage_result=\"issued\"} 2.0"),
                node.log());
    }

    @Test
    void nodesThatShareAStorageOrderOnce() throws Exception {
        authority(Map.of());
        Path second = Files.createDirectory(folder.resolve("second"));
        String shared = "storage = \"" + folder.resolve("shared") + "\"\nchallenges = [\"http-01\"]";
        node.listener(clear()).listener(secure(authority.directory(), shared));
        String toml = "listen = \"127.0.0.1:0\"\n"
                + secure(authority.directory(), shared)
                        .replaceFirst("listen.*\n", "")
                        .replace("authority/", folder + "/authority/");
        try (TestNode other = new TestNode(second)
                .function("f", "\"/...\"", "", e -> TestNode.answer(e, ""))
                .listener(toml)
                .with(Setting.LOG_LEVEL, "debug")) {
            node.start();
            other.start();
            X509Certificate issued = awaitIssued();
            TestNode.eventually("the other node shows it too", () -> {
                try {
                    return TestTls.shown(other.port(), "shop.example").equals(issued);
                } catch (Exception _) {
                    return false;
                }
            });
            assertFalse(other.log().contains("has been issued") && node.log().contains("has been issued"));
        }
    }
}
