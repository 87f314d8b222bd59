package io.selvage.tls;

import io.selvage.node.AcmeDefinition;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of one ACME certificate: the account at its authority, and the certificate with its key, readable for this user
 * alone. Several nodes may share the folder; a lock lets one at a time order.
 */
final class AcmeStore {
    private final Path storage;
    private final Path accountKey;
    private final Path accountUrl;
    private final Path certificate;

    /** The files of a definition; {@code state} is the node's own folder. */
    AcmeStore(AcmeDefinition definition, Path state) {
        storage = definition.storage().orElse(state.resolve("acme"));
        URI directory = definition.directory();
        Path authority = storage.resolve(directory.getHost() + "-" + digest(directory.toString()));
        accountKey = authority.resolve("account.key");
        accountUrl = authority.resolve("account.url");
        List<String> names = definition.names().stream().sorted().toList();
        certificate = authority.resolve(names.getFirst() + "-" + digest(String.join(" ", names)) + ".pem");
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Where answers to challenges over HTTP are. */
    Path challenges() {
        return AcmeChallenges.folder(storage);
    }

    /**
     * The certificate that is stored.
     *
     * @throws TlsException if there is one and it cannot be used
     */
    Optional<TlsCertificate> certificate() {
        return Files.exists(certificate)
                ? Optional.of(TlsCertificate.read(certificate, certificate))
                : Optional.empty();
    }

    /**
     * Stores a certificate and its key, both at once.
     *
     * @throws TlsException if that is not possible
     */
    void write(TlsCertificate issued) {
        List<Object> parts = new ArrayList<>();
        parts.add(issued.key());
        parts.addAll(issued.chain());
        Pem.write(certificate, Pem.text(parts));
    }

    /**
     * The account's key, made when it is first asked for.
     *
     * @throws TlsException if it can neither be read nor made
     */
    KeyPair accountKey() {
        if (Files.exists(accountKey)) {
            return Pem.keyPair(accountKey);
        }
        KeyPair made = newKey();
        Pem.write(accountKey, Pem.text(List.of(made.getPrivate(), made.getPublic())));
        return made;
    }

    /** A fresh key, EC with P-256. */
    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** The account's address at the authority, if it has been registered. */
    Optional<URL> accountUrl() {
        try {
            return Files.exists(accountUrl)
                    ? Optional.of(
                            URI.create(Files.readString(accountUrl).strip()).toURL())
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException _) {
            return Optional.empty(); // the key finds the account again
        }
    }

    /** Remembers the account's address. */
    void accountUrl(URL url) {
        Pem.write(accountUrl, url + "\n");
    }

    /** Forgets the account's address, since the authority does not know it any more. */
    void forgetAccount() {
        try {
            Files.deleteIfExists(accountUrl);
        } catch (IOException e) {
            throw new TlsException(accountUrl + ": cannot be removed: " + e.getMessage());
        }
    }

    /**
     * Keeps other processes from ordering until it is closed.
     *
     * @return the lock, or nothing if another holds it
     * @throws TlsException if the folder cannot be written
     */
    Optional<Lock> lock() {
        try {
            Files.createDirectories(storage);
            FileChannel channel =
                    FileChannel.open(storage.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(new Lock(channel));
        } catch (IOException e) {
            throw new TlsException(storage + ": cannot be written: " + e.getMessage());
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null; // another node in this process
        }
    }

    /** A lock that is held; the end of the process ends it too. */
    record Lock(FileChannel channel) implements AutoCloseable {
        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new TlsException("a lock cannot be given up: " + e.getMessage());
            }
        }
    }
}
