package io.selvage.tls;

import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * A server's certificate with those that vouch for it, and its private key. Immutable.
 *
 * @param chain the server's own first
 * @param key its private key
 */
public record TlsCertificate(List<X509Certificate> chain, PrivateKey key) {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    /**
     * Reads a certificate and its key, and checks that they belong together.
     *
     * @throws TlsException if they cannot be used
     */
    public static TlsCertificate read(Path certificate, Path key) {
        TlsCertificate read = new TlsCertificate(Pem.certificates(certificate), Pem.privateKey(key));
        if (!read.fits()) {
            throw new TlsException(key + ": it is not the private key of the first certificate in " + certificate
                    + "; the server's own certificate must come first");
        }
        return read;
    }

    /** The host names and IP addresses that it is for, in small letters; a name may begin with {@code *.}. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = chain.getFirst().getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> name : alternatives) {
                    if (name.getFirst().equals(DNS_NAME) || name.getFirst().equals(IP_ADDRESS)) {
                        names.add(String.valueOf(name.getLast()).toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            throw new TlsException("the names of a certificate cannot be read: " + e.getMessage());
        }
        return names;
    }

    /** From when on it is of no use. */
    public Instant expires() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    /** The kind of its key: {@code RSA}, {@code EC} or {@code EdDSA}. */
    public String algorithm() {
        return chain.getFirst().getPublicKey().getAlgorithm();
    }

    /** Whether the key has made what the certificate's public key accepts. */
    boolean fits() {
        PublicKey open = chain.getFirst().getPublicKey();
        String algorithm = switch (open.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> open.getAlgorithm();
        };
        try {
            byte[] probe = "selvage".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] made = signature.sign();
            signature.initVerify(open);
            signature.update(probe);
            return signature.verify(made);
        } catch (InvalidKeyException | SignatureException _) {
            return false;
        } catch (NoSuchAlgorithmException _) {
            throw new TlsException("a key of the kind " + open.getAlgorithm() + " cannot be used; use RSA or EC");
        }
    }
}
