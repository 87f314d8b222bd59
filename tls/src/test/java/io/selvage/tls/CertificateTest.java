package io.selvage.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateTest {
    private static final String NOT_ONE = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";

    @TempDir
    private Path folder;

    @Test
    void aCertificateForDevelopmentIsReadBackAsItWasWritten() throws IOException {
        TlsCertificate made = DevelopmentCertificate.keptIn(folder, List.of("shop.example"));
        assertEquals(made, DevelopmentCertificate.keptIn(folder, List.of("shop.example")));
        assertTrue(made.names().containsAll(List.of("localhost", "127.0.0.1", "shop.example")));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("development.key"))));
    }

    @Test
    void anotherHostMeansAnotherCertificate() {
        TlsCertificate made = DevelopmentCertificate.keptIn(folder, List.of());
        TlsCertificate next = DevelopmentCertificate.keptIn(folder, List.of("shop.example"));
        assertTrue(!made.equals(next) && next.names().contains("shop.example"));
    }

    @Test
    void whatCannotBeUsedIsToldInWords() throws IOException {
        Path file = folder.resolve("x.pem");
        assertTrue(assertThrows(TlsException.class, () -> Pem.privateKey(file))
                .getMessage()
                .endsWith("there is no such file"));
        Files.writeString(file, "nothing");
        assertTrue(assertThrows(TlsException.class, () -> Pem.certificates(file))
                .getMessage()
                .contains("there is no certificate in it"));
        assertTrue(assertThrows(TlsException.class, () -> Pem.privateKey(file))
                .getMessage()
                .contains("there is no private key in it"));
        Files.writeString(file, NOT_ONE);
        assertTrue(assertThrows(TlsException.class, () -> Pem.certificates(file))
                .getMessage()
                .startsWith(file.toString()));
    }

    @Test
    void theExactNameGoesBeforeAWildcardAndTheFirstIsForTheRest() {
        TlsCertificate first = DevelopmentCertificate.make(Set.of("first.example"));
        TlsCertificate wild = DevelopmentCertificate.make(Set.of("*.a.example"));
        TlsCertificate exact = DevelopmentCertificate.make(Set.of("b.a.example"));
        CertificateSet set = new CertificateSet(List.of(first, wild, exact));
        assertEquals(List.of(exact), set.find("b.a.example"));
        assertEquals(List.of(wild), set.find("C.a.example"));
        assertEquals(List.of(first), set.find("a.example"));
        assertEquals(List.of(first), set.find("x.b.a.example"));
        assertEquals(List.of(first), set.find(""));
    }
}
