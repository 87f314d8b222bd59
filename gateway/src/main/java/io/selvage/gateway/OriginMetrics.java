package io.selvage.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.selvage.node.NodeMetrics;
import io.selvage.origins.CircuitBreaker;
import io.selvage.origins.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What is counted of one origin, under OpenTelemetry's names where it has some. Thread-safe; made for the hot path. */
final class OriginMetrics {
    private static final String ORIGIN = "selvage.origin";

    private record Answered(String address, int status, String error) {}

    private record Counted(String name, String key, String value) {}

    private final MeterRegistry registry;
    private final String origin;
    private final Map<Answered, Timer> timers = new ConcurrentHashMap<>();
    private final Map<Counted, Counter> counters = new ConcurrentHashMap<>();
    private final List<Meter> gauges = new ArrayList<>();

    OriginMetrics(MeterRegistry registry, String origin) {
        this.registry = registry;
        this.origin = origin;
    }

    /** Begins to show how it is with an origin. */
    void show(Origin shown) {
        gauges.add(Gauge.builder("selvage.origin.active", shown, Origin::active)
                .description("Requests to an origin that have begun and not ended")
                .tag(ORIGIN, origin)
                .register(registry));
        addresses(shown, "available", Member::isAvailable);
        addresses(shown, "draining", Member::isDraining);
        addresses(shown, "unhealthy", member -> !member.isHealthy());
        addresses(shown, "ejected", Member::isEjected);
        shown.breaker().ifPresent(this::show);
    }

    private void addresses(Origin shown, String state, Predicate<Member> is) {
        gauges.add(Gauge.builder(
                        "selvage.origin.addresses",
                        shown,
                        o -> o.pool().members().stream().filter(is).count())
                .description("Addresses of an origin by how they are")
                .tag(ORIGIN, origin)
                .tag("selvage.state", state)
                .register(registry));
    }

    private void show(CircuitBreaker breaker) {
        gauges.add(Gauge.builder("selvage.origin.breaker", breaker, b -> switch (b.state()) {
                    case CLOSED -> 0;
                    case HALF_OPEN -> 1;
                    case OPEN -> 2;
                })
                .description("An origin's circuit breaker: 0 closed, 1 half-open, 2 open")
                .tag(ORIGIN, origin)
                .register(registry));
    }

    /** The origin is no more. */
    void hide() {
        gauges.forEach(registry::remove);
    }

    /**
     * One attempt is over.
     *
     * @param status the status of its response; 0 without one
     * @param error why there is none, or why it broke off; empty if it is whole
     */
    void attempt(Member member, int status, String error, long nanos) {
        Answered key = new Answered(member.toString(), status, error);
        Timer timer = timers.get(key);
        if (timer == null) {
            timer = NodeMetrics.requestTimer(
                            "http.client.request.duration",
                            "How long origins took, from the beginning of an attempt to the end of its response")
                    .tag(ORIGIN, origin)
                    .tag("server.address", key.address)
                    .tag("http.response.status_code", status == 0 ? "" : Integer.toString(status))
                    .tag("error.type", error)
                    .register(registry);
            timers.put(key, timer);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    void retried(String reason) {
        count("selvage.origin.retries", "Requests that were sent to an origin once more", "selvage.reason", reason);
    }

    void retryRefused() {
        count("selvage.origin.retries.refused", "Repetitions that the retry budget did not allow", "", "");
    }

    void breakerRefused() {
        count("selvage.origin.breaker.refused", "Requests that an open circuit breaker did not let pass", "", "");
    }

    void breakerChanged(CircuitBreaker.State state) {
        count(
                "selvage.origin.breaker.changes",
                "Changes of an origin's circuit breaker",
                "selvage.state",
                state == CircuitBreaker.State.OPEN ? "open" : "closed");
    }

    void ejected() {
        count("selvage.origin.ejections", "Addresses that were passed over because requests to them failed", "", "");
    }

    void hedged() {
        count(
                "selvage.origin.hedges",
                "Requests that another address was asked too because the first was slow",
                "",
                "");
    }

    void hedgeWon() {
        count("selvage.origin.hedges.won", "Hedged requests that the second address answered first", "", "");
    }

    void fellBack(String to) {
        count("selvage.origin.fallbacks", "Requests that a fallback answered", "selvage.fallback", to);
    }

    void checked(boolean good) {
        count("selvage.origin.health.checks", "Health checks", "selvage.result", good ? "good" : "bad");
    }

    private void count(String name, String description, String key, String value) {
        counters.computeIfAbsent(new Counted(name, key, value), counted -> {
                    Counter.Builder counter =
                            Counter.builder(name).description(description).tag(ORIGIN, origin);
                    Optional.of(key).filter(k -> !k.isEmpty()).ifPresent(k -> counter.tag(k, value));
                    return counter.register(registry);
                })
                .increment();
    }
}
