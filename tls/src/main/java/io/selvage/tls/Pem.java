package io.selvage.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;

/** Certificates and private keys as text (RFC 7468). */
public final class Pem {
    private Pem() {}

    /**
     * Every certificate in a file, in its order.
     *
     * @throws TlsException if there is none, or one cannot be read
     */
    public static List<X509Certificate> certificates(Path file) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Object object : objects(file)) {
            if (object instanceof X509CertificateHolder holder) {
                try {
                    certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
                } catch (CertificateException e) {
                    throw new TlsException(file + ": a certificate in it cannot be read: " + e.getMessage());
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new TlsException(
                    file + ": there is no certificate in it; it must hold \"-----BEGIN CERTIFICATE-----\" (PEM)");
        }
        return List.copyOf(certificates);
    }

    /**
     * The private key in a file: PKCS #8, PKCS #1 or SEC 1, not encrypted.
     *
     * @throws TlsException if there is none, or it cannot be read
     */
    public static PrivateKey privateKey(Path file) {
        for (Object object : objects(file)) {
            try {
                if (object instanceof PrivateKeyInfo key) {
                    return new JcaPEMKeyConverter().getPrivateKey(key);
                }
                if (object instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
            } catch (IOException e) {
                throw new TlsException(file + ": its private key cannot be read: " + e.getMessage());
            }
        }
        String text = text(file);
        throw new TlsException(
                text.contains("ENCRYPTED")
                        ? file + ": its private key is encrypted; write it without a password, readable for this user "
                                + "alone: openssl pkey -in FILE -out KEY"
                        : file + ": there is no private key in it; it must hold \"-----BEGIN PRIVATE KEY-----\" (PEM)");
    }

    /**
     * The private key in a file with its public key, which are written together (PKCS #8, and X.509's form).
     *
     * @throws TlsException if there are no such two
     */
    static KeyPair keyPair(Path file) {
        for (Object object : objects(file)) {
            if (object instanceof SubjectPublicKeyInfo open) {
                try {
                    return new KeyPair(new JcaPEMKeyConverter().getPublicKey(open), privateKey(file));
                } catch (IOException e) {
                    throw new TlsException(file + ": its public key cannot be read: " + e.getMessage());
                }
            }
        }
        throw new TlsException(
                file + ": there is no public key in it; it must hold \"-----BEGIN PUBLIC KEY-----\" too");
    }

    /** Certificates, private keys as PKCS #8 and public keys as X.509 has them, as text. */
    public static String text(List<?> objects) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object object : objects) {
                writer.writeObject(
                        object instanceof PrivateKey key ? new PemObject("PRIVATE KEY", key.getEncoded()) : object);
            }
        } catch (IOException e) {
            throw new TlsException("a certificate or key cannot be written as text: " + e.getMessage());
        }
        return text.toString();
    }

    /**
     * Replaces a file by a text at once, readable for this user alone.
     *
     * @throws TlsException if that is not possible
     */
    public static void write(Path file, String text) {
        Path absolute = file.toAbsolutePath();
        try {
            Path folder = absolute.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Path fresh = absolute.resolveSibling(absolute.getFileName() + ".new");
            Files.deleteIfExists(fresh);
            if (Files.getFileStore(folder == null ? absolute : folder).supportsFileAttributeView("posix")) {
                Files.createFile(
                        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(fresh, text);
            Files.move(fresh, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new TlsException(file + ": cannot be written: " + e.getMessage());
        }
    }

    private static List<Object> objects(Path file) {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new java.io.StringReader(text(file)))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                objects.add(object);
            }
        } catch (IOException e) {
            throw new TlsException(file + ": it is not PEM: " + e.getMessage());
        }
        return objects;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException _) {
            throw new TlsException(file + ": there is no such file");
        } catch (IOException _) {
            throw new TlsException(file + ": it cannot be read; check who may read it");
        }
    }
}
