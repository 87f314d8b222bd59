package io.selvage.gateway;

import io.selvage.node.OriginDefinition;
import io.selvage.node.OriginProtocol;
import io.selvage.node.OriginTls;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.List;

/** Makes the clients that keep connections to origins. Thread-safe. */
final class OriginClients {
    private static final int KEPT_SECONDS = 60;
    private static final int MOST_HTTP2 = 4;

    /** How many connections an event loop should have for itself. */
    private static final int LEAST_SHARE = 8;

    private final Vertx vertx;
    private final int headerSize;
    private final int eventLoops;

    /**
     * Clients of one node.
     *
     * @param headerSize the most bytes that the head of a response may have
     * @param eventLoops how many share an origin's connections
     */
    OriginClients(Vertx vertx, int headerSize, int eventLoops) {
        this.vertx = vertx;
        this.headerSize = headerSize;
        this.eventLoops = eventLoops;
    }

    /** The clients for an origin's requests. */
    LoopClients forRequests(OriginDefinition origin) {
        boolean shared = origin.connections() < eventLoops * LEAST_SHARE;
        int parts = shared ? 1 : eventLoops;
        return new LoopClients(
                () -> client(origin, origin.connections() / parts, Math.ceilDiv(origin.waiting(), parts)), shared);
    }

    /** A client for an origin's health checks, which do not wait for requests. */
    HttpClientAgent forChecks(OriginDefinition origin) {
        return client(origin, 1, -1);
    }

    private HttpClientAgent client(OriginDefinition origin, int connections, int waiting) {
        HttpClientOptions options = new HttpClientOptions()
                .setKeepAliveTimeout(KEPT_SECONDS)
                .setHttp2KeepAliveTimeout(KEPT_SECONDS)
                .setConnectTimeout(Math.toIntExact(origin.timeouts().connect().toMillis()))
                .setTcpNoDelay(true)
                .setMaxHeaderSize(headerSize)
                .setMaxInitialLineLength(headerSize)
                .setMaxChunkSize(64 << 10);
        if (origin.protocol() == OriginProtocol.HTTP2) {
            options.setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)
                    .setUseAlpn(true)
                    .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1));
        }
        secure(options, origin.tls());
        return vertx.createHttpClient(
                options,
                new PoolOptions()
                        .setHttp1MaxSize(connections)
                        .setHttp2MaxSize(Math.min(MOST_HTTP2, connections))
                        .setMaxWaitQueueSize(waiting));
    }

    private static void secure(HttpClientOptions options, OriginTls tls) {
        options.setTrustAll(!tls.verify()).setVerifyHost(tls.verify());
        tls.authorities()
                .ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        tls.certificate()
                .ifPresent(certificate -> tls.key()
                        .ifPresent(key -> options.setKeyCertOptions(new PemKeyCertOptions()
                                .setCertPath(certificate.toString())
                                .setKeyPath(key.toString()))));
    }
}
