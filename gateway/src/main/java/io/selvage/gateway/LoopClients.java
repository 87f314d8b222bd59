package io.selvage.gateway;

import io.vertx.core.http.HttpClientAgent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The clients of one origin: one for each event loop, so that no request has to cross from its client's event loop to that
 * of a connection and back. Thread-safe.
 */
final class LoopClients {
    private final Supplier<HttpClientAgent> maker;
    private final boolean shared;
    private final Map<Object, HttpClientAgent> clients = new ConcurrentHashMap<>();

    /**
     * Clients that are made when they are first needed.
     *
     * @param shared whether there is one for all event loops, because too few connections are allowed to divide them
     */
    LoopClients(Supplier<HttpClientAgent> maker, boolean shared) {
        this.maker = maker;
        this.shared = shared;
    }

    /** The client for requests of this event loop. */
    HttpClientAgent of(LoopState loop) {
        return clients.computeIfAbsent(shared ? this : loop, _ -> maker.get());
    }

    /** Closes all connections. */
    void close() {
        clients.values().forEach(HttpClientAgent::close);
    }
}
