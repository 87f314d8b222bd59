package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcmeManifestTest {
    private static final String APP = """
            name = "edge"
            [[origin]]
            name = "site"
            urls = ["http://127.0.0.1:9001"]
            [[route]]
            path = "/..."
            origin = "site"
            [[listener]]
            listen = ":8443"
            [listener.tls.acme]
            """;

    @TempDir
    private Path folder;

    private AcmeDefinition read(String table) throws IOException {
        return Manifest.read(
                        Files.writeString(folder.resolve("selvage.toml"), APP + table),
                        new Manifest.Known(List.of(), List.of()))
                .listeners()
                .getFirst()
                .listener()
                .tls()
                .flatMap(TlsDefinition::acme)
                .orElseThrow();
    }

    private String mistakes(String table) {
        return String.valueOf(
                assertThrows(ConfigurationException.class, () -> read(table)).getMessage());
    }

    @Test
    void namesAndAgreementAreEnough() throws IOException {
        AcmeDefinition read = read("names = [\"WWW.example.com\", \"www.example.com\"]\nagree_to_terms = true");
        assertEquals(List.of("www.example.com"), read.names());
        assertEquals(URI.create("https://acme-v02.api.letsencrypt.org/directory"), read.directory());
        assertEquals(List.of(AcmeDefinition.Challenge.values()), read.challenges());
        assertEquals(Duration.ofMinutes(2), read.retry());
        assertEquals(Optional.empty(), read.renewBefore());
    }

    @Test
    void everythingOfItIsRead() throws IOException {
        Files.writeString(folder.resolve("ca.pem"), "");
        Files.writeString(folder.resolve("mac.txt"), "");
        AcmeDefinition read = read("""
                names = "a.example"
                agree_to_terms = true
                directory = "https://ca.example/dir"
                email = "ops@a.example"
                challenges = ["http-01"]
                renew_before = "20d"
                retry = "5m"
                authorities = "ca.pem"
                storage = "shared"
                key_id = "k"
                key_file = "mac.txt"
                """);
        assertEquals(
                new AcmeDefinition(
                        List.of("a.example"),
                        URI.create("https://ca.example/dir"),
                        Optional.of("ops@a.example"),
                        Optional.of(folder.resolve("shared")),
                        Optional.of(folder.resolve("ca.pem")),
                        Optional.of(Duration.ofDays(20)),
                        Duration.ofMinutes(5),
                        List.of(AcmeDefinition.Challenge.HTTP_01),
                        Optional.of(new AcmeDefinition.ExternalAccount("k", folder.resolve("mac.txt")))),
                read);
    }

    @Test
    void everyMistakeIsToldWithItsPlace() {
        String told = mistakes("""
                names = ["*.a.example", "not a host"]
                directory = "ca"
                email = "nobody"
                challenges = ["http-1"]
                retry = "1ms"
                key_id = "k"
                authorites = "x"
                """);
        assertTrue(told.contains("selvage.toml:11:1: listener.tls.acme.names: \"*.a.example\": wildcards"), told);
        assertTrue(told.contains("\"not a host\" is not a host name"), told);
        assertTrue(told.contains("acme.directory: \"ca\" is not a URL"), told);
        assertTrue(told.contains("acme.email: \"nobody\" is not an address"), told);
        assertTrue(told.contains("acme.challenges: \"http-1\" is none of them; did you mean \"http-01\""), told);
        assertTrue(told.contains("acme.retry: must be 1s or longer"), told);
        assertTrue(told.contains("acme.key_id: an account at the authority has both"), told);
        assertTrue(told.contains("acme.agree_to_terms: must be true"), told);
        assertTrue(told.contains("authorites"), told);
        assertTrue(mistakes("agree_to_terms = true").contains("acme.names: is missing"));
    }
}
