package io.selvage.node;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a manifest says of a certificate that an authority issues by itself (ACME, RFC 8555). Immutable.
 *
 * @param names the host names that it is for; at least one
 * @param directory where the authority is asked
 * @param email whom the authority may write to
 * @param storage the folder of accounts, keys and certificates, or nothing for the node's own
 * @param authorities who vouches for the directory itself, a file of certificates; without it, whom the JDK trusts
 * @param renewBefore how long before its end a certificate is renewed; without it a third of its lifetime, or when the
 *     authority suggests
 * @param retry how long after a first failure it is tried again; doubled by each further one, up to an hour
 * @param challenges how the authority may see that the names are this node's; each try begins with the next one
 * @param external the account that is known to the authority already, if it asks for one
 */
public record AcmeDefinition(
        List<String> names,
        URI directory,
        Optional<String> email,
        Optional<Path> storage,
        Optional<Path> authorities,
        Optional<Duration> renewBefore,
        Duration retry,
        List<Challenge> challenges,
        Optional<ExternalAccount> external) {
    /** How an authority sees that a name is this node's. */
    public enum Challenge {
        /** A handshake with the protocol {@code acme-tls/1} at port 443 (RFC 8737). */
        TLS_ALPN_01("tls-alpn-01"),
        /** A request at port 80 (RFC 8555 §8.3). */
        HTTP_01("http-01");

        private final String text;

        Challenge(String text) {
            this.text = text;
        }

        /** As a manifest writes it. */
        public String text() {
            return text;
        }
    }

    /**
     * An account outside of ACME to which the node's is bound (RFC 8555 §7.3.4).
     *
     * @param keyId its name
     * @param keyFile a file with its MAC key, in base64url
     */
    public record ExternalAccount(String keyId, Path keyFile) {}

    /** Every file that it names. */
    Stream<Path> files() {
        return Stream.concat(authorities.stream(), external.stream().map(ExternalAccount::keyFile));
    }
}
