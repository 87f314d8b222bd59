package io.selvage.tls;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.selvage.node.AcmeDefinition;
import io.selvage.node.EventLog;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the certificates that manifests order by ACME: orders them, renews them in time, and says when one has changed. What
 * fails is tried again, and the last certificate goes on meanwhile. Thread-safe; one thread of its own talks with authorities.
 */
public final class AcmeKeeper implements AutoCloseable {
    /** How often the files are read again: another node may have renewed what they share. */
    private static final Duration LOOK = Duration.ofMinutes(10);

    /** How long to wait while another node orders. */
    private static final Duration TURN = Duration.ofSeconds(2);

    private final Path state;
    private final EventLog log;
    private final MeterRegistry registry;
    private final Runnable changed;
    private final AcmeChallenges challenges = new AcmeChallenges();
    private final Map<AcmeDefinition, Kept> kept = new HashMap<>();
    private Set<AcmeDefinition> wanted = Set.of();
    private @Nullable Thread thread;
    private boolean closed;

    /**
     * A keeper of nothing yet.
     *
     * @param state the node's folder, for definitions that name none
     * @param changed called on the keeper's thread when {@link #certificate} has another answer
     */
    public AcmeKeeper(Path state, EventLog log, MeterRegistry registry, Runnable changed) {
        this.state = state;
        this.log = log;
        this.registry = registry;
        this.changed = changed;
    }

    /** What authorities may ask. */
    public AcmeChallenges challenges() {
        return challenges;
    }

    /**
     * The certificate to show: the one that is stored, though it may have expired, else a self-signed one until the first is
     * issued.
     *
     */
    public synchronized TlsCertificate certificate(AcmeDefinition definition) {
        return kept.computeIfAbsent(definition, this::begin).shown();
    }

    private Kept begin(AcmeDefinition definition) {
        Kept one = new Kept(definition, new AcmeStore(definition, state));
        try {
            one.issued = one.store.certificate();
        } catch (TlsException e) {
            log.error("acme", e.getMessage() + "; another one is ordered in its place");
        }
        forget(one);
        Gauge.builder("selvage.acme.certificate.expires", one, Kept::expires)
                .description("When the certificate expires, in seconds since 1970; 0 if none has been issued")
                .baseUnit("seconds")
                .tag("selvage.names", one.names())
                .register(registry);
        return one;
    }

    private void forget(Kept one) {
        registry.find("selvage.acme.certificate.expires")
                .tag("selvage.names", one.names())
                .gauges()
                .forEach(registry::remove);
    }

    /**
     * Looks whether what is stored for a definition can be used.
     *
     * @return the certificate that is stored, else a self-signed one
     * @throws TlsException if it cannot
     */
    public static TlsCertificate stored(AcmeDefinition definition, Path state) {
        AcmeStore store = new AcmeStore(definition, state);
        return store.certificate().orElseGet(() -> new Kept(definition, store).shown());
    }

    /** Keeps the certificates of these definitions from now on, and no others. */
    public synchronized void follow(Collection<AcmeDefinition> definitions) {
        wanted = new LinkedHashSet<>(definitions);
        kept.values().stream().filter(one -> !wanted.contains(one.definition)).forEach(this::forget);
        kept.keySet().retainAll(wanted);
        wanted.forEach(d -> kept.computeIfAbsent(d, this::begin));
        challenges.look(kept.values().stream().map(k -> k.store.challenges()).collect(Collectors.toSet()));
        if (!wanted.isEmpty() && thread == null && !closed) {
            thread = Thread.ofPlatform().daemon().name("selvage-acme").start(this::keep);
        }
        notifyAll();
    }

    private void keep() {
        try {
            while (true) {
                Instant next = Instant.now().plus(LOOK);
                for (Kept one : all()) {
                    Instant due = step(one);
                    next = due.isBefore(next) ? due : next;
                }
                rest(next);
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private synchronized List<Kept> all() throws InterruptedException {
        if (closed) {
            throw new InterruptedException();
        }
        return wanted.stream().map(kept::get).toList();
    }

    /** Waits until a moment, or until other definitions are to be followed. */
    private synchronized void rest(Instant until) throws InterruptedException {
        long millis = Duration.between(Instant.now(), until).toMillis();
        if (!closed && millis > 0) {
            wait(millis);
        }
    }

    /** Does what is due for one certificate; when to come again. */
    private Instant step(Kept one) throws InterruptedException {
        if (Instant.now().isBefore(one.retryAt)) {
            return one.retryAt;
        }
        try (AcmeClient client = new AcmeClient(one.definition, one.store, challenges)) {
            look(one);
            Instant due = one.due(client, log);
            if (Instant.now().isBefore(due)) {
                return due;
            }
            Optional<AcmeStore.Lock> lock = one.store.lock();
            if (lock.isEmpty()) {
                return Instant.now().plus(TURN);
            }
            try (AcmeStore.Lock _ = lock.get()) {
                if (!look(one)) {
                    order(one, client);
                }
            }
            return Instant.now();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            all();
            return failed(one, e);
        }
    }

    /** Reads the stored certificate; whether it is another one now. */
    private boolean look(Kept one) {
        Optional<TlsCertificate> stored = one.stored();
        if (stored.isEmpty() || stored.equals(one.issued)) {
            return false;
        }
        take(one, stored.get());
        return true;
    }

    private void order(Kept one, AcmeClient client) throws Exception {
        log.info(
                "acme",
                one.issued.isPresent() ? "renewing a certificate" : "ordering a certificate",
                "names",
                one.names(),
                "directory",
                one.definition.directory());
        TlsCertificate issued =
                client.order(one.issued, AcmeChallenges.order(one.definition.challenges(), one.failures));
        one.store.write(issued);
        one.failures = 0;
        count("issued");
        take(one, issued);
        log.info("acme", "a certificate has been issued", "names", one.names(), "expires", issued.expires());
    }

    private void take(Kept one, TlsCertificate certificate) {
        synchronized (this) {
            one.take(certificate);
        }
        changed.run();
    }

    private Instant failed(Kept one, Exception failure) {
        one.failures++;
        Duration wait = AcmeSchedule.retry(
                one.definition.retry(),
                one.failures,
                ThreadLocalRandom.current().nextDouble());
        one.retryAt = later(Instant.now().plus(wait), failure);
        count("failed");
        log.error(
                "acme",
                "a certificate could not be " + (one.issued.isPresent() ? "renewed" : "issued") + ": "
                        + AcmeFailures.text(failure, one.definition)
                        + (one.issued.isPresent() ? "; the last one goes on" : ""),
                "names",
                one.names(),
                "failures",
                one.failures,
                "retry",
                one.retryAt);
        return one.retryAt;
    }

    private static Instant later(Instant own, Exception failure) {
        return AcmeFailures.retryAfter(failure).filter(own::isBefore).orElse(own);
    }

    private void count(String result) {
        Counter.builder("selvage.acme.orders")
                .description("Certificates that were ordered by ACME, by what became of it")
                .tag("selvage.result", result)
                .register(registry)
                .increment();
    }

    /** Orders no more; what is being ordered is given up. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
        notifyAll();
    }

    /** One certificate and how it stands; changed by the keeper's thread. */
    private static final class Kept {
        final AcmeDefinition definition;
        final AcmeStore store;
        final double fraction = ThreadLocalRandom.current().nextDouble();
        volatile Optional<TlsCertificate> issued = Optional.empty();
        Instant retryAt = Instant.MIN;
        int failures;
        private Optional<AcmeClient.Window> window = Optional.empty();
        private Instant askAt = Instant.MIN;
        private @Nullable TlsCertificate stopgap;

        Kept(AcmeDefinition definition, AcmeStore store) {
            this.definition = definition;
            this.store = store;
        }

        /** What is stored and can be used. */
        Optional<TlsCertificate> stored() {
            try {
                return store.certificate();
            } catch (TlsException _) {
                return Optional.empty(); // told when it was first read; an order replaces it
            }
        }

        String names() {
            return String.join(", ", definition.names());
        }

        double expires() {
            return issued.map(c -> (double) c.expires().getEpochSecond()).orElse(0.0);
        }

        TlsCertificate shown() {
            if (issued.isPresent()) {
                return issued.get();
            }
            TlsCertificate made =
                    stopgap == null ? DevelopmentCertificate.make(new LinkedHashSet<>(definition.names())) : stopgap;
            stopgap = made;
            return made;
        }

        void take(TlsCertificate certificate) {
            issued = Optional.of(certificate);
            window = Optional.empty();
            askAt = Instant.MIN;
        }

        /** When it is to be ordered or renewed; asks the authority now and then. */
        Instant due(AcmeClient client, EventLog log) {
            if (issued.isEmpty()) {
                return Instant.MIN;
            }
            TlsCertificate certificate = issued.get();
            if (!Instant.now().isBefore(askAt)) {
                askAt = Instant.now().plus(Duration.ofHours(6));
                try {
                    window = client.renewal(certificate);
                    window.ifPresent(w -> askAt = w.askAgain());
                } catch (Exception e) {
                    log.debug("acme", "the authority does not say when to renew: " + e.getMessage());
                }
            }
            Instant begins = certificate.chain().getFirst().getNotBefore().toInstant();
            Instant due =
                    AcmeSchedule.renewal(begins, certificate.expires(), definition.renewBefore(), window, fraction);
            return due.isBefore(askAt) || window.isEmpty() ? due : askAt;
        }
    }
}
