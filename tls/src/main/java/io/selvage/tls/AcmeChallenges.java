package io.selvage.tls;

import io.selvage.node.AcmeDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * What certificate authorities may ask this node while they look whether a name is its own. Thread-safe. Answers over HTTP
 * are in files too, so that each node that shares a storage can give those of the others.
 */
public final class AcmeChallenges {
    /** Where an authority asks over HTTP (RFC 8555 §8.3). */
    public static final String HTTP_PATH = "/.well-known/acme-challenge/";

    /** The one protocol of a handshake with which an authority asks (RFC 8737 §6.2). */
    public static final String TLS_PROTOCOL = "acme-tls/1";

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,200}");

    private final Map<String, TlsCertificate> handshakes = new ConcurrentHashMap<>();
    private volatile Set<Path> folders = Set.of();

    /** Challenges, none of them open. */
    public AcmeChallenges() {}

    /** Looks for answers over HTTP in these folders from now on. */
    void look(Set<Path> among) {
        folders = Set.copyOf(among);
    }

    /** Whether an authority might ask over HTTP. */
    public boolean isHttpAsked() {
        return !folders.isEmpty();
    }

    /**
     * The answer to a request at {@link #HTTP_PATH}; reads a file.
     *
     * @param token what follows in the path
     */
    public Optional<String> http(String token) {
        if (!TOKEN.matcher(token).matches()) {
            return Optional.empty();
        }
        for (Path folder : folders) {
            Path file = folder.resolve(token);
            if (Files.isRegularFile(file)) {
                try {
                    return Optional.of(Files.readString(file));
                } catch (IOException _) {
                    return Optional.empty(); // it has been answered, and removed, just now
                }
            }
        }
        return Optional.empty();
    }

    /** Whether an authority is about to ask in a handshake. */
    public boolean isHandshakeAsked() {
        return !handshakes.isEmpty();
    }

    /** The certificate for a handshake with {@link #TLS_PROTOCOL}. */
    public Optional<TlsCertificate> handshake(String serverName) {
        return Optional.ofNullable(handshakes.get(serverName));
    }

    /**
     * Answers over HTTP until it is closed.
     *
     * @throws TlsException if the folder cannot be written
     */
    Open openHttp(Path folder, String token, String answer) {
        if (!TOKEN.matcher(token).matches()) {
            throw new TlsException("the authority's token is not one that RFC 8555 §8.3 allows");
        }
        Path file = folder.resolve(token);
        Pem.write(file, answer);
        return () -> {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new TlsException(file + ": cannot be removed: " + e.getMessage());
            }
        };
    }

    /** Answers handshakes for a name until it is closed. */
    Open openHandshake(String name, TlsCertificate certificate) {
        handshakes.put(name, certificate);
        return () -> handshakes.remove(name, certificate);
    }

    /** A challenge that is answered. */
    interface Open extends AutoCloseable {
        @Override
        void close();
    }

    /** The folder of answers over HTTP of a storage. */
    static Path folder(Path storage) {
        return storage.resolve("challenges");
    }

    /** The kinds of challenges in the order in which a try begins with them. */
    static List<AcmeDefinition.Challenge> order(List<AcmeDefinition.Challenge> all, int failures) {
        List<AcmeDefinition.Challenge> turned = new ArrayList<>(all);
        Collections.rotate(turned, -(failures % all.size()));
        return turned;
    }
}
