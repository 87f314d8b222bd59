package io.selvage.gateway;

import io.selvage.tls.DevelopmentCertificate;
import io.selvage.tls.Pem;
import io.selvage.tls.TlsCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates in files, and clients that trust any server. */
final class TestTls {
    private TestTls() {}

    /** Writes a fresh certificate for some names as {@code NAME.pem} and {@code NAME.key}. */
    static TlsCertificate write(Path folder, String file, String... names) throws IOException {
        TlsCertificate certificate = DevelopmentCertificate.make(Set.of(names));
        Files.writeString(folder.resolve(file + ".key"), Pem.text(List.of(certificate.key())));
        Files.writeString(folder.resolve(file + ".pem"), Pem.text(certificate.chain()));
        return certificate;
    }

    /** Writes a certificate and its key, valid for some time, into one file. */
    static TlsCertificate write(Path file, Instant from, Instant until, String... names) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
        X500Name name = new X500Name("CN=" + names[0]);
        X509CertificateHolder holder = new JcaX509v3CertificateBuilder(
                        name, BigInteger.TEN, Date.from(from), Date.from(until), name, pair.getPublic())
                .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(Arrays.stream(names)
                                .map(n -> new GeneralName(GeneralName.dNSName, n))
                                .toArray(GeneralName[]::new)))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        X509Certificate certificate = new JcaX509CertificateConverter().getCertificate(holder);
        Files.writeString(file, Pem.text(List.of(pair.getPrivate(), certificate)));
        return new TlsCertificate(List.of(certificate), pair.getPrivate());
    }

    /** A context that trusts any server, and shows these keys. */
    static SSLContext context(KeyManager... keys) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new TrustsAll()}, null);
        return context;
    }

    static HttpClient client(HttpClient.Version version, KeyManager... keys) throws GeneralSecurityException {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(context(keys))
                .connectTimeout(Duration.ofSeconds(60))
                .build();
    }

    /** A handshake that is done, with a server that is called by a name; empty for none. */
    static SSLSocket connect(int port, String name, String... protocols) throws Exception {
        SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket();
        socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        if (!name.isEmpty()) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        if (protocols.length > 0) {
            parameters.setProtocols(protocols);
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** The certificate that a server shows to a client that calls it by a name. */
    static X509Certificate shown(int port, String name) throws Exception {
        try (SSLSocket socket = connect(port, name)) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
