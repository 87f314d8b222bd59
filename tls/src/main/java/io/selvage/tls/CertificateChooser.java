package io.selvage.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Gives each TLS handshake the certificate for the server that its client names. Thread-safe. */
public final class CertificateChooser extends X509ExtendedKeyManager {
    private final CertificateSet set;

    /** A chooser among these. */
    public CertificateChooser(CertificateSet set) {
        this.set = set;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        List<TlsCertificate> fitting = set.find(engine == null ? "" : serverName(engine));
        for (TlsCertificate certificate : fitting) {
            if (certificate.algorithm().equals(keyType)) {
                return Integer.toString(set.certificates().indexOf(certificate));
            }
        }
        return null;
    }

    private static String serverName(SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return "";
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        return alias == null
                ? null
                : set.certificates().get(Integer.parseInt(alias)).chain().toArray(new X509Certificate[0]);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        return alias == null
                ? null
                : set.certificates().get(Integer.parseInt(alias)).key();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return set.certificates().stream()
                .filter(c -> c.algorithm().equals(keyType))
                .map(c -> Integer.toString(set.certificates().indexOf(c)))
                .toArray(String[]::new);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
