package io.selvage.gateway;

import io.selvage.node.Headers;
import io.vertx.core.http.HttpConnection;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Who a client is by the certificate that it has shown, as functions and origins are told. Immutable.
 *
 * @param certificate the certificate as a structured field (RFC 9440 §2)
 * @param subject its subject (RFC 2253)
 * @param fingerprint its SHA-256, in hexadecimal
 */
record ClientIdentity(String certificate, String subject, String fingerprint) {
    private static final String CERTIFICATE = "client-cert";
    private static final String PRIVATE = "x-client-cert";

    /** Who a connection's client is, or null if it has shown no certificate. */
    static @Nullable ClientIdentity of(HttpConnection connection) {
        try {
            List<Certificate> chain = connection.isSsl() ? connection.peerCertificates() : List.of();
            if (chain == null || chain.isEmpty() || !(chain.getFirst() instanceof X509Certificate shown)) {
                return null;
            }
            byte[] encoded = shown.getEncoded();
            return new ClientIdentity(
                    ":" + Base64.getEncoder().encodeToString(encoded) + ":",
                    printable(shown.getSubjectX500Principal().getName(X500Principal.RFC2253)),
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(encoded)));
        } catch (SSLPeerUnverifiedException _) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was accepted cannot be read", e);
        }
    }

    /** A subject in ASCII: other characters are percent-encoded as UTF-8, as a field can hold them. */
    private static String printable(String subject) {
        StringBuilder text = new StringBuilder();
        for (byte b : subject.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f && b != '%') {
                text.append((char) b);
            } else {
                text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return text.toString();
    }

    /** A request's fields, in which the gateway alone says who its client is; the same ones if nothing is said of that. */
    static Headers headers(Headers fields, @Nullable ClientIdentity client) {
        boolean[] says = {client != null};
        fields.forEach((name, _) -> says[0] |= isOwn(name));
        if (!says[0]) {
            return fields;
        }
        Headers headers = new Headers();
        fields.forEach((name, value) -> {
            if (!isOwn(name)) {
                headers.add(name, value);
            }
        });
        if (client != null) {
            headers.add("Client-Cert", client.certificate);
            headers.add("X-Client-Cert-Subject", client.subject);
            headers.add("X-Client-Cert-Sha256", client.fingerprint);
        }
        return headers;
    }

    /** Whether a field would be taken for one of these: CGI makes no difference between "-" and "_". */
    static boolean isOwn(String name) {
        return switch (name.isEmpty() ? ' ' : name.charAt(0)) {
            case 'c', 'C' -> begins(name, CERTIFICATE);
            case 'x', 'X' -> begins(name, PRIVATE);
            default -> false;
        };
    }

    private static boolean begins(String name, String prefix) {
        if (name.length() < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            char c = name.charAt(i);
            if ((c == '_' ? '-' : Character.toLowerCase(c)) != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
