package io.selvage.gateway;

import io.selvage.node.AcmeDefinition;
import io.selvage.node.ConfigurationException;
import io.selvage.node.ListenAddress;
import io.selvage.node.ListenerDefinition;
import io.selvage.node.TlsDefinition;
import io.selvage.tls.CertificateChooser;
import io.selvage.tls.CertificateSet;
import io.selvage.tls.DevelopmentCertificate;
import io.selvage.tls.Pem;
import io.selvage.tls.TlsCertificate;
import io.selvage.tls.TlsException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;

/**
 * A listener's certificates, read from their files, and what it asks of clients. Immutable.
 *
 * @param definition what the manifest says
 * @param certificates its certificates
 * @param authorities who vouches for clients; empty if they are not asked
 */
record ListenerTls(TlsDefinition definition, CertificateSet certificates, List<X509Certificate> authorities) {
    /** Those with forward secrecy and authenticated encryption (RFC 9325 §4.2), and all of TLS 1.3. */
    private static final List<String> CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /**
     * Reads what a listener with TLS names.
     *
     * @param state the folder in which a certificate for development is kept
     * @param issued what ACME has issued for a definition
     * @throws ConfigurationException if something of it cannot be used
     */
    static ListenerTls load(
            ListenerDefinition listener,
            TlsDefinition definition,
            Path state,
            Function<AcmeDefinition, TlsCertificate> issued) {
        try {
            List<TlsCertificate> certificates = new ArrayList<>();
            for (TlsDefinition.CertificateFiles files : definition.certificates()) {
                TlsCertificate certificate = TlsCertificate.read(files.certificate(), files.key());
                if (certificate.expires().isBefore(Instant.now())) {
                    throw new TlsException(files.certificate() + ": the certificate has expired on "
                            + certificate.expires() + "; renew it");
                }
                certificates.add(certificate);
            }
            definition.acme().map(issued).ifPresent(certificates::add);
            if (definition.isDevelopment()) {
                List<String> hosts =
                        listener.binding() instanceof ListenAddress address ? List.of(address.host()) : List.of();
                certificates.add(DevelopmentCertificate.keptIn(state.resolve("tls"), hosts));
            }
            return new ListenerTls(
                    definition,
                    new CertificateSet(certificates),
                    definition.clientAuthorities().map(Pem::certificates).orElse(List.of()));
        } catch (TlsException e) {
            throw new ConfigurationException("listener.tls: " + e.getMessage());
        }
    }

    /** As Vert.x takes it. */
    ServerSSLOptions options() {
        ServerSSLOptions options = new ServerSSLOptions()
                .setKeyCertOptions(KeyCertOptions.wrap(new CertificateChooser(certificates)))
                .setEnabledSecureTransportProtocols(
                        definition.minimum() == TlsDefinition.Version.TLS_1_3
                                ? Set.of("TLSv1.3")
                                : new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2")));
        trust(options);
        CIPHER_SUITES.forEach(options::addEnabledCipherSuite);
        return options;
    }

    /** As Vert.x takes it for QUIC, whose handshake asks for each server's keys by name. */
    ServerSSLOptions quicOptions() {
        ServerSSLOptions options = new ServerSSLOptions()
                .setKeyCertOptions(new KeysByName(certificates))
                .setSni(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
        trust(options);
        return options;
    }

    private void trust(ServerSSLOptions options) {
        options.setClientAuth(
                switch (definition.clients()) {
                    case NONE -> ClientAuth.NONE;
                    case OPTIONAL -> ClientAuth.REQUEST;
                    case REQUIRED -> ClientAuth.REQUIRED;
                });
        if (!authorities.isEmpty()) {
            options.setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(Pem.text(authorities))));
        }
    }

    /** The keys for each server name; two are the same only if they are one. */
    private static final class KeysByName implements KeyCertOptions {
        private final CertificateSet set;

        KeysByName(CertificateSet set) {
            this.set = set;
        }

        @Override
        public KeyCertOptions copy() {
            return this;
        }

        @Override
        public KeyManagerFactory getKeyManagerFactory(Vertx vertx) throws Exception {
            return keys(vertx, "");
        }

        @Override
        public Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx) {
            return name -> {
                try {
                    return keys(vertx, name);
                } catch (Exception e) {
                    throw new IllegalStateException("no keys for " + name, e);
                }
            };
        }

        private KeyManagerFactory keys(Vertx vertx, String name) throws Exception {
            CertificateSet some = new CertificateSet(set.find(name));
            return KeyCertOptions.wrap(new CertificateChooser(some)).getKeyManagerFactory(vertx);
        }
    }
}
