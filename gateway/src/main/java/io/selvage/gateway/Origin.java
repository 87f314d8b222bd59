package io.selvage.gateway;

import io.selvage.node.EventLog;
import io.selvage.node.Node;
import io.selvage.node.OriginBalance;
import io.selvage.node.OriginDefinition;
import io.selvage.node.RequestHead;
import io.selvage.origins.CircuitBreaker;
import io.selvage.origins.Hash;
import io.selvage.origins.Member;
import io.selvage.origins.Pool;
import io.selvage.origins.RetryBudget;
import io.vertx.core.http.HttpClientAgent;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** An origin in a running gateway: its addresses, what is known of them, and the connections to them. Thread-safe. */
final class Origin {
    private final OriginDefinition definition;
    private final OriginConnections connections;
    private final LoopClients clients;
    private final EventLog log;
    private final OriginMetrics metrics;
    private final Pool pool;
    private final RetryBudget budget;
    private final Optional<CircuitBreaker> breaker;
    private final AtomicInteger active = new AtomicInteger();

    /**
     * One that is asked from now on.
     *
     * @param connections for its requests; closed with it
     * @param clients for what is no request as it came; closed with it
     */
    Origin(Node node, OriginDefinition definition, OriginConnections connections, LoopClients clients) {
        this.definition = definition;
        this.connections = connections;
        this.clients = clients;
        log = node.log();
        pool = new Pool(definition.balance().method(), definition.ejection());
        budget = new RetryBudget(definition.retry().budget(), definition.retry().least());
        breaker = definition.breaker().map(CircuitBreaker::new);
        metrics = new OriginMetrics(node.metrics().registry(), definition.name());
        metrics.show(this);
    }

    OriginDefinition definition() {
        return definition;
    }

    /** The connections for requests. */
    OriginConnections connections() {
        return connections;
    }

    /** The client for what is no request as it came, on this event loop. */
    HttpClientAgent client(LoopState loop) {
        return clients.of(loop);
    }

    OriginMetrics metrics() {
        return metrics;
    }

    Pool pool() {
        return pool;
    }

    RetryBudget budget() {
        return budget;
    }

    Optional<CircuitBreaker> breaker() {
        return breaker;
    }

    /** How many requests run. */
    int active() {
        return active.get();
    }

    /** The address that a request goes to; nothing if all are drained. */
    Optional<Member> choose(RequestHead head, Collection<Member> tried) {
        OriginBalance balance = definition.balance();
        if (balance.sticky().isPresent() && tried.isEmpty()) {
            Optional<Member> kept =
                    ProxyFields.cookie(head.headers(), balance.sticky().get()).flatMap(pool::tagged);
            if (kept.isPresent()) {
                return kept;
            }
        }
        return pool.choose(balance.method() == OriginBalance.Method.HASH ? key(head, balance) : 0, tried);
    }

    private static long key(RequestHead head, OriginBalance balance) {
        return Hash.of(
                switch (balance.key()) {
                    case ADDRESS -> ProxyFields.client(head);
                    case PATH -> head.path();
                    case HEADER -> head.headers().first(balance.field()).orElse("");
                    case COOKIE ->
                        ProxyFields.cookie(head.headers(), balance.field()).orElse("");
                });
    }

    /** What keeps the client of a request that {@code member} has answered there: the value of a {@code Set-Cookie}. */
    Optional<String> stickyCookie(RequestHead head, Member member) {
        return definition
                .balance()
                .sticky()
                .filter(name -> !ProxyFields.cookie(head.headers(), name).equals(Optional.of(member.tag())))
                .map(name -> name + "=" + member.tag() + "; Path=/; HttpOnly; SameSite=Lax"
                        + (head.scheme().equals("https") ? "; Secure" : ""));
    }

    /** A request to an address has failed in a way that speaks against the address. */
    void failed(Member member) {
        long now = System.nanoTime();
        boolean begins = member.fails(now);
        if (pool.failed(member, now)) {
            metrics.ejected();
            tell(EventLog.Level.WARN, "passing over an address: requests to it fail", member);
        } else if (begins) {
            tell(EventLog.Level.WARN, "requests to an address fail, and it goes on getting them", member);
        }
    }

    /** A request to an address has worked. */
    void succeeded(Member member) {
        if (member.succeeded()) {
            tell(EventLog.Level.INFO, "requests to an address work again", member);
        }
    }

    private void tell(EventLog.Level level, String what, Member member) {
        log.log(level, "origin", what, "origin", definition.name(), "address", member.toString());
    }

    /** Lets addresses that were passed over for long enough be tried again. */
    void readmit() {
        for (Member member : pool.readmit(System.nanoTime())) {
            tell(EventLog.Level.INFO, "trying an address again", member);
        }
    }

    /** A request that passed the breaker is over. */
    void passed(CircuitBreaker.Permit permit, boolean failed) {
        breaker.filter(b -> b.over(permit, failed, System.nanoTime())).ifPresent(b -> {
            CircuitBreaker.State state = b.state();
            metrics.breakerChanged(state);
            log.log(
                    state == CircuitBreaker.State.OPEN ? EventLog.Level.WARN : EventLog.Level.INFO,
                    "origin",
                    state == CircuitBreaker.State.OPEN
                            ? "leaving the origin alone for a while: most requests to it fail"
                            : "the origin works again",
                    "origin",
                    definition.name());
        });
    }

    /** A request begins. */
    void begin() {
        active.incrementAndGet();
    }

    /** A request is over. */
    void end() {
        active.decrementAndGet();
    }

    /** It gets no new requests from now on. */
    void retire() {
        metrics.hide();
    }

    /** Closes the connections of one that is retired, if its last request is over; whether it was. */
    boolean closeIfIdle() {
        if (active.get() > 0) {
            return false;
        }
        connections.close();
        clients.close();
        return true;
    }
}
