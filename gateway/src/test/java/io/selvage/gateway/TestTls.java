package io.selvage.gateway;

import io.selvage.tls.DevelopmentCertificate;
import io.selvage.tls.Pem;
import io.selvage.tls.TlsCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
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
