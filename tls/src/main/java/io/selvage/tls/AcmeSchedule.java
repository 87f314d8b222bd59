package io.selvage.tls;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a certificate is renewed, and when a failure is tried again. */
final class AcmeSchedule {
    private static final Duration LONGEST_RETRY = Duration.ofHours(1);

    private AcmeSchedule() {}

    /**
     * When to renew a certificate: never in the first half of its life, unless the authority suggests it.
     *
     * @param renewBefore what the manifest says, if it does
     * @param window what the authority suggests, if it does
     * @param fraction 0 to 1: where in the window, so that not all nodes come at once
     */
    static Instant renewal(
            Instant issued,
            Instant expires,
            Optional<Duration> renewBefore,
            Optional<AcmeClient.Window> window,
            double fraction) {
        Duration lifetime = Duration.between(issued, expires);
        Instant half = issued.plus(lifetime.dividedBy(2));
        Optional<Instant> told = renewBefore.map(expires::minus).map(t -> t.isBefore(half) ? half : t);
        Optional<Instant> suggested = window.map(w -> w.start()
                .plusMillis((long) (Duration.between(w.start(), w.end()).toMillis() * fraction)));
        if (told.isPresent() && suggested.isPresent()) {
            return told.get().isBefore(suggested.get()) ? told.get() : suggested.get();
        }
        return told.or(() -> suggested).orElseGet(() -> expires.minus(lifetime.dividedBy(3)));
    }

    /**
     * How long to wait after a failure: {@code first}, doubled by each further one up to an hour, and up to a tenth more.
     *
     * @param failures how many in a row, at least one
     * @param jitter 0 to 1
     */
    static Duration retry(Duration first, int failures, double jitter) {
        long most = Math.max(first.toMillis(), LONGEST_RETRY.toMillis());
        long doubled = failures > 30 ? most : Math.min(most, first.toMillis() << (failures - 1));
        return Duration.ofMillis((long) (doubled * (1 + jitter / 10)));
    }
}
