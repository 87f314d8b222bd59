package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.selvage.node.OriginDefinition;
import io.selvage.node.OriginTls;
import io.selvage.origins.Member;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * HTTP/1.1 connections to an origin, in a pool for each event loop, so that no request has to cross from its client's event
 * loop to that of a connection and back; in one for all of them if too few connections are allowed to divide. Thread-safe.
 */
final class Http1Connections implements OriginConnections {
    /** How many connections an event loop should have for itself. */
    private static final int LEAST_SHARE = 8;

    private final Http1Pool.Policy policy;
    private final boolean shared;
    private final Map<Object, Http1Pool> pools = new ConcurrentHashMap<>();

    /**
     * Connections that are made when they are needed.
     *
     * @param eventLoops how many share them
     * @param largestHead the most bytes that the head of a response may have
     */
    Http1Connections(VertxInternal vertx, OriginDefinition origin, int eventLoops, int largestHead) {
        shared = origin.connections() < eventLoops * LEAST_SHARE;
        int parts = shared ? 1 : eventLoops;
        boolean secure = origin.addresses().stream()
                .anyMatch(address -> "https".equals(address.url().getScheme()));
        policy = new Http1Pool.Policy(
                vertx,
                origin,
                secure ? Optional.of(context(vertx, origin.tls())) : Optional.empty(),
                origin.connections() / parts,
                Math.ceilDiv(origin.waiting(), parts),
                largestHead);
    }

    private static SslContext context(VertxInternal vertx, OriginTls tls) {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient();
            if (!tls.verify()) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (tls.authorities().isPresent()) {
                builder.trustManager(new PemTrustOptions()
                        .addCertPath(tls.authorities().get().toString())
                        .getTrustManagerFactory(vertx));
            }
            if (tls.certificate().isPresent() && tls.key().isPresent()) {
                builder.keyManager(new PemKeyCertOptions()
                        .setCertPath(tls.certificate().get().toString())
                        .setKeyPath(tls.key().get().toString())
                        .getKeyManagerFactory(vertx));
            }
            return builder.build();
        } catch (Exception e) {
            throw new IllegalStateException("The certificates for an origin cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void open(LoopState loop, Member member, OriginStream.Told told) {
        EventLoop own = loop.eventLoop();
        Http1Pool pool = pool(own);
        if (pool.eventLoop() == own) {
            pool.open(member, told);
        } else {
            OriginStream.Told across = new CrossingStream(own, pool.eventLoop(), told);
            pool.eventLoop().execute(() -> pool.open(member, across));
        }
    }

    private Http1Pool pool(EventLoop own) {
        return pools.computeIfAbsent(shared ? this : own, _ -> new Http1Pool(own, policy));
    }

    @Override
    public void reserve(LoopState loop, Member member, Consumer<Optional<Runnable>> told) {
        EventLoop own = loop.eventLoop();
        Http1Pool pool = pool(own);
        if (pool.eventLoop() == own) {
            told.accept(pool.reserve(member));
            return;
        }
        pool.eventLoop().execute(() -> {
            Optional<Runnable> place =
                    pool.reserve(member).map(back -> () -> pool.eventLoop().execute(back));
            own.execute(() -> told.accept(place));
        });
    }

    @Override
    public void close() {
        pools.values().forEach(pool -> pool.eventLoop().execute(pool::close));
    }
}
