package io.selvage.gateway;

import io.selvage.node.OriginDefinition;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** An origin in a running gateway: its addresses in turn, and the connections that are kept to them. Thread-safe. */
final class Origin {
    private static final int KEPT_SECONDS = 60;
    private static final int MOST_WAITING = 1024;

    private final OriginDefinition definition;
    private final HttpClientAgent client;
    private final AtomicInteger turn = new AtomicInteger();

    Origin(Vertx vertx, OriginDefinition definition, int headerSize) {
        this.definition = definition;
        client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setKeepAliveTimeout(KEPT_SECONDS)
                        .setConnectTimeout(
                                Math.toIntExact(definition.connectTimeout().toMillis()))
                        .setTcpNoDelay(true)
                        .setMaxHeaderSize(headerSize)
                        .setMaxInitialLineLength(headerSize),
                new PoolOptions().setHttp1MaxSize(definition.connections()).setMaxWaitQueueSize(MOST_WAITING));
    }

    OriginDefinition definition() {
        return definition;
    }

    HttpClientAgent client() {
        return client;
    }

    /** The number of the address whose turn it is. */
    int turn() {
        return turn.getAndIncrement() & Integer.MAX_VALUE;
    }

    /** The address that is tried as the {@code attempt}th, from 0, by a request that began with {@code turn}. */
    URI address(int turn, int attempt) {
        return definition.urls().get((int)
                (((long) turn + attempt) % definition.urls().size()));
    }
}
