package io.selvage.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a manifest says of a listener's TLS. Immutable.
 *
 * @param certificates the files of its certificates; the first is for clients that name no server
 * @param acme the certificate that an authority issues by itself
 * @param isDevelopment whether it makes a self-signed certificate
 * @param minimum the lowest version that it speaks
 * @param clients whether it asks clients for a certificate
 * @param clientAuthorities who vouches for clients, a file of certificates; present if it asks for one
 */
public record TlsDefinition(
        List<CertificateFiles> certificates,
        Optional<AcmeDefinition> acme,
        boolean isDevelopment,
        Version minimum,
        ClientCertificate clients,
        Optional<Path> clientAuthorities) {
    /** The files of one certificate. */
    public record CertificateFiles(Path certificate, Path key) {}

    /** A version of TLS; older ones are not spoken (RFC 8996). */
    public enum Version {
        /** RFC 5246. */
        TLS_1_2("1.2"),
        /** RFC 8446. */
        TLS_1_3("1.3");

        private final String text;

        Version(String text) {
            this.text = text;
        }

        /** As a manifest writes it: {@code 1.2}. */
        public String text() {
            return text;
        }
    }

    /** Whether clients show a certificate. */
    public enum ClientCertificate {
        /** They are not asked for one. */
        NONE,
        /** They are asked, and served without one too. */
        OPTIONAL,
        /** Without one that an authority vouches for there is no connection. */
        REQUIRED
    }

    /** A self-signed certificate and the defaults. */
    public static TlsDefinition development() {
        return new TlsDefinition(
                List.of(), Optional.empty(), true, Version.TLS_1_2, ClientCertificate.NONE, Optional.empty());
    }

    /** Every file that it names. */
    public List<Path> files() {
        return Stream.of(
                        certificates.stream().flatMap(c -> Stream.of(c.certificate(), c.key())),
                        acme.stream().flatMap(AcmeDefinition::files),
                        clientAuthorities.stream())
                .flatMap(files -> files)
                .toList();
    }
}
