package io.selvage.gateway;

import io.selvage.node.ConfigurationException;
import io.selvage.node.OriginDefinition;
import io.selvage.node.OriginProtocol;
import io.selvage.node.OriginTls;
import io.selvage.origins.Member;
import io.selvage.tls.Pem;
import io.selvage.tls.TlsCertificate;
import io.selvage.tls.TlsException;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Makes the clients that keep connections to origins. Thread-safe. */
final class OriginClients {
    private static final int KEPT_SECONDS = 60;
    private static final int MOST_HTTP2 = 4;

    /** How many connections an event loop should have for itself. */
    private static final int LEAST_SHARE = 8;

    private final VertxInternal vertx;
    private final int headerSize;
    private final int eventLoops;

    /**
     * Clients of one node.
     *
     * @param headerSize the most bytes that the head of a response may have
     * @param eventLoops how many share an origin's connections
     */
    OriginClients(VertxInternal vertx, int headerSize, int eventLoops) {
        this.vertx = vertx;
        this.headerSize = headerSize;
        this.eventLoops = eventLoops;
    }

    /**
     * Looks whether the certificates and keys that origins name can be used.
     *
     * @throws ConfigurationException with every mistake, one a line
     */
    static void check(Collection<OriginDefinition> origins) {
        List<String> mistakes = new ArrayList<>();
        for (OriginDefinition origin : origins) {
            OriginTls tls = origin.tls();
            try {
                tls.authorities().ifPresent(Pem::certificates);
                tls.certificate()
                        .ifPresent(certificate -> tls.key().ifPresent(key -> TlsCertificate.read(certificate, key)));
            } catch (TlsException e) {
                mistakes.add("origin \"" + origin.name() + "\": tls: " + e.getMessage());
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(String.join("\n", mistakes));
        }
    }

    /** The connections for an origin's requests. */
    OriginConnections connections(OriginDefinition origin, LoopClients others) {
        return origin.protocol() == OriginProtocol.HTTP1
                ? new Http1Connections(vertx, origin, eventLoops, headerSize)
                : new VertxConnections(origin, others);
    }

    /** The clients for what an origin is asked for beside requests as they come, and for those in HTTP/2. */
    LoopClients clients(OriginDefinition origin) {
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

    /** A request to an address of an origin, without a method and a target. */
    static RequestOptions to(OriginDefinition origin, Member member) {
        URI url = member.url();
        boolean secure = "https".equals(url.getScheme());
        int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
        String host = url.getHost().replaceAll("[\\[\\]]", "");
        return new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(port, member.address()))
                .setHost(secure ? origin.tls().name().orElse(host) : host)
                .setPort(port)
                .setSsl(secure)
                .setFollowRedirects(false)
                .setConnectTimeout(origin.timeouts().connect().toMillis());
    }

    /** Says which host is asked; in HTTP/2 that is not a field (RFC 9113 §8.3.1). */
    static void host(HttpClientRequest request, String host) {
        request.headers().remove("host");
        HostAndPort authority = request.version() == HttpVersion.HTTP_2 ? HostAndPort.parseAuthority(host, -1) : null;
        if (authority == null) {
            request.headers().set("Host", host);
        } else {
            request.authority(authority);
        }
    }
}
