package io.selvage.tls;

import io.selvage.node.AcmeDefinition;
import java.io.IOException;
import java.net.URL;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Account;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.PollableResource;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.RenewalInfo;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.connector.Resource;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** Talks with one authority over ACME (RFC 8555). Blocks; belongs to one thread. */
final class AcmeClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Set<Status> ENDS = Set.of(Status.VALID, Status.INVALID);

    /**
     * When an authority would like to have a certificate renewed (RFC 9773 §4.2).
     *
     * @param askAgain when it wants to be asked for it again
     */
    record Window(Instant start, Instant end, Instant askAgain) {}

    private final AcmeDefinition definition;
    private final AcmeStore store;
    private final AcmeChallenges challenges;
    private final Provider provider;
    private final Session session;
    private @Nullable KeyPair challengeKey;

    AcmeClient(AcmeDefinition definition, AcmeStore store, AcmeChallenges challenges) {
        this.definition = definition;
        this.store = store;
        this.challenges = challenges;
        this.provider = new Provider(definition.authorities());
        this.session = new Session(definition.directory(), provider);
        session.networkSettings().setTimeout(Duration.ofSeconds(30));
    }

    /**
     * Orders a certificate with a fresh key.
     *
     * @param before the one that it is to replace
     * @param kinds the challenges, the one to prefer first
     * @throws AcmeException if the authority cannot be asked, or refuses
     */
    TlsCertificate order(Optional<TlsCertificate> before, List<AcmeDefinition.Challenge> kinds)
            throws AcmeException, InterruptedException {
        Order order = begin(before);
        prove(order, kinds);
        KeyPair key = AcmeStore.newKey();
        if (settled(order, Set.of(Status.READY, Status.VALID, Status.INVALID)) == Status.READY) {
            order.execute(key);
        }
        if (settled(order, ENDS) != Status.VALID) {
            throw new AcmeException("the order has come to nothing: " + why(order.getError()));
        }
        TlsCertificate issued = new TlsCertificate(order.getCertificate().getCertificateChain(), key.getPrivate());
        if (!issued.fits() || !issued.names().containsAll(definition.names())) {
            throw new AcmeException("the authority has issued a certificate for another key or other names");
        }
        return issued;
    }

    private Order begin(Optional<TlsCertificate> before) throws AcmeException {
        try {
            return begin(login(), before);
        } catch (AcmeServerException e) {
            if (!e.getType().toString().endsWith(":accountDoesNotExist")
                    || store.accountUrl().isEmpty()) {
                throw e;
            }
            store.forgetAccount();
            return begin(login(), before);
        }
    }

    private Order begin(Login login, Optional<TlsCertificate> before) throws AcmeException {
        OrderBuilder builder = login.newOrder().domains(definition.names());
        if (before.isPresent() && suggestsRenewals()) {
            builder.replaces(before.get().chain().getFirst());
        }
        return builder.create();
    }

    /** The account at the authority, registered when it is first needed. */
    private Login login() throws AcmeException {
        KeyPair key = store.accountKey();
        Optional<URL> known = store.accountUrl();
        if (known.isPresent()) {
            return session.login(known.get(), key);
        }
        AccountBuilder builder = new AccountBuilder().useKeyPair(key).agreeToTermsOfService();
        definition.email().ifPresent(builder::addEmail);
        if (definition.external().isPresent()) {
            AcmeDefinition.ExternalAccount external = definition.external().get();
            builder.withKeyIdentifier(external.keyId(), macKey(external.keyFile()));
        }
        Account account = builder.create(session);
        store.accountUrl(account.getLocation());
        return session.login(account.getLocation(), key);
    }

    private static String macKey(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new TlsException(file + ": the key of the external account cannot be read: " + e.getMessage());
        }
    }

    /** Lets the authority see that all of an order's names are this node's, at the same time. */
    private void prove(Order order, List<AcmeDefinition.Challenge> kinds) throws AcmeException, InterruptedException {
        Map<Authorization, Challenge> asked = new LinkedHashMap<>();
        List<AcmeChallenges.Open> open = new ArrayList<>();
        try {
            for (Authorization authorization : order.getAuthorizations()) {
                if (authorization.getStatus() != Status.VALID) {
                    Challenge challenge = choose(authorization, kinds);
                    open.add(answer(authorization, challenge));
                    challenge.trigger();
                    asked.put(authorization, challenge);
                }
            }
            for (Map.Entry<Authorization, Challenge> one : asked.entrySet()) {
                if (settled(one.getKey(), ENDS) != Status.VALID) {
                    Challenge challenge = one.getValue();
                    challenge.fetch();
                    throw new AcmeException(one.getKey().getIdentifier().getDomain() + " could not be proved by "
                            + challenge.getType() + ": " + why(challenge.getError()));
                }
            }
        } finally {
            open.forEach(AcmeChallenges.Open::close);
        }
    }

    private static Challenge choose(Authorization authorization, List<AcmeDefinition.Challenge> kinds)
            throws AcmeException {
        for (AcmeDefinition.Challenge kind : kinds) {
            Optional<Challenge> offered = authorization.findChallenge(kind.text());
            if (offered.isPresent()) {
                return offered.get();
            }
        }
        throw new AcmeException("the authority takes none of the challenges for "
                + authorization.getIdentifier().getDomain() + " that are allowed here");
    }

    /** Waits until something at the authority has come to one of these, asking seldom or as the authority says. */
    private static Status settled(PollableResource resource, Set<Status> ends)
            throws AcmeException, InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        Duration pause = FIRST_PAUSE;
        while (true) {
            Optional<Instant> after = resource.fetch();
            Status status = resource.getStatus();
            if (ends.contains(status)) {
                return status;
            }
            if (Instant.now().isAfter(end)) {
                throw new AcmeException("the authority has not come to an end within " + PATIENCE.toMinutes() + " min");
            }
            Duration told = after.map(a -> Duration.between(Instant.now(), a)).orElse(pause);
            Thread.sleep(told.compareTo(FIRST_PAUSE) < 0 ? FIRST_PAUSE : told);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private AcmeChallenges.Open answer(Authorization authorization, Challenge challenge) throws AcmeException {
        return switch (challenge) {
            case Http01Challenge http ->
                challenges.openHttp(store.challenges(), http.getToken(), http.getAuthorization());
            case TlsAlpn01Challenge handshake -> {
                KeyPair key = challengeKey();
                X509Certificate shown = handshake.createCertificate(key, authorization.getIdentifier());
                yield challenges.openHandshake(
                        authorization.getIdentifier().getDomain(),
                        new TlsCertificate(List.of(shown), key.getPrivate()));
            }
            default -> throw new AcmeException("the challenge " + challenge.getType() + " is not known here");
        };
    }

    /**
     * A key of the one kind that the library signs a challenge's certificate with. One serves all names, and 2048 bits are
     * enough: what proves is the certificate's extension (RFC 8737 §3), and a longer key takes seconds to make on a busy
     * machine.
     */
    private KeyPair challengeKey() {
        if (challengeKey == null) {
            challengeKey = newChallengeKey();
        }
        return challengeKey;
    }

    private static KeyPair newChallengeKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    /** When the authority would like to have a certificate renewed, if it says so. */
    Optional<Window> renewal(TlsCertificate certificate) throws AcmeException {
        if (!suggestsRenewals()) {
            return Optional.empty();
        }
        RenewalInfo info = login().bindRenewalInfo(certificate.chain().getFirst());
        Instant askAgain = info.fetch().orElseGet(() -> Instant.now().plus(Duration.ofHours(6)));
        return Optional.of(new Window(info.getSuggestedWindowStart(), info.getSuggestedWindowEnd(), askAgain));
    }

    private boolean suggestsRenewals() throws AcmeException {
        return session.resourceUrlOptional(Resource.RENEWAL_INFO).isPresent();
    }

    private static String why(Optional<Problem> problem) {
        return problem.map(Problem::toString).orElse("the authority does not say why");
    }

    @Override
    public void close() {
        provider.close();
    }

    /** Reaches a directory by HTTPS, with the authorities that the manifest names in place of the JDK's. */
    private static final class Provider extends GenericAcmeProvider {
        private final Optional<Path> authorities;
        private final List<HttpClient> clients = new ArrayList<>();

        Provider(Optional<Path> authorities) {
            this.authorities = authorities;
        }

        @Override
        public HttpClient createHttpClient(NetworkSettings settings) {
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .connectTimeout(settings.getTimeout());
            authorities.ifPresent(file -> builder.sslContext(trusting(file)));
            HttpClient client = builder.build();
            clients.add(client);
            return client;
        }

        void close() {
            clients.forEach(HttpClient::shutdownNow);
        }

        private static SSLContext trusting(Path file) {
            try {
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                for (X509Certificate certificate : Pem.certificates(file)) {
                    store.setCertificateEntry(Integer.toString(store.size()), certificate);
                }
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, factory.getTrustManagers(), null);
                return context;
            } catch (GeneralSecurityException | IOException e) {
                throw new TlsException(file + ": it cannot be used: " + e.getMessage());
            }
        }
    }
}
