package io.selvage.gateway;

import io.netty.handler.codec.quic.Quic;
import io.selvage.node.ConfigurationException;
import io.selvage.node.ListenAddress;
import io.selvage.node.ListenerDefinition;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import io.vertx.core.Handler;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.Http3ServerConfig;
import io.vertx.core.http.Http3Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerBuilder;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;

/**
 * Makes HTTP servers that do not listen yet. Each must begin to listen before the next is made, since the transport learns
 * from it for which listener it accepts.
 */
final class Sockets {
    private final VertxInternal vertx;
    private final Settings settings;
    private final GuardedTransport transport;
    private final GatewayLimits limits;
    private final Listener listener;
    private final List<ContextInternal> loops;
    private volatile boolean shares;

    Sockets(
            VertxInternal vertx,
            Settings settings,
            GuardedTransport transport,
            GatewayLimits limits,
            Listener listener,
            List<ContextInternal> loops) {
        this.vertx = vertx;
        this.settings = settings;
        this.transport = transport;
        this.limits = limits;
        this.listener = listener;
        this.loops = List.copyOf(loops);
    }

    /** Who takes the requests of the app. */
    Listener listener() {
        return listener;
    }

    /** The event loops on which they listen. */
    List<ContextInternal> loops() {
        return loops;
    }

    /** Whether what is opened from now on may listen where another process listens, to take over from it. */
    void share(boolean shares) {
        this.shares = shares;
    }

    boolean shares() {
        return shares;
    }

    /**
     * Looks whether nobody listens at an address, unless it may be shared: the kernel would let any two processes of one user
     * do that.
     *
     * @throws ConfigurationException if somebody does
     */
    void checkFree(ListenAddress address) {
        if (shares || address.port() == 0) {
            return;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address.host(), address.port()));
        } catch (IOException e) {
            throw new ConfigurationException(ListenerSocket.why(e, address));
        }
    }

    /** One for HTTP/1.1 and HTTP/2, with TLS or in clear text. */
    HttpServer server(ListenerDefinition definition, Optional<ListenerTls> tls, Entrance entrance) {
        transport.accept(entrance);
        HttpServerOptions options = new HttpServerOptions()
                .setHttp2ClearTextEnabled(true)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(settings.get(Setting.STREAMS))
                        .setMaxHeaderListSize(settings.get(Setting.HEADER_SIZE)))
                .setAcceptBacklog(4096)
                .setTcpNoDelay(definition.binding() instanceof ListenAddress);
        HttpServerBuilder builder = vertx.httpServerBuilder().with(new HttpServerConfig(options));
        tls.ifPresent(secure -> builder.with(secure.options()));
        boolean secure = tls.isPresent();
        return builder.build()
                .requestHandler(listener::handle)
                .connectionHandler(connection -> listener.opened(connection, secure));
    }

    /**
     * One for HTTP/3.
     *
     * @throws ConfigurationException if this machine has no QUIC
     */
    HttpServer quicServer(ListenerTls tls, Entrance entrance) {
        if (!Quic.isAvailable()) {
            throw new ConfigurationException("listener.http3: there is no QUIC library for this machine ("
                    + System.getProperty("os.name") + ", " + System.getProperty("os.arch") + "); leave http3 out");
        }
        HttpServerConfig config = new HttpServerConfig()
                .setVersions(HttpVersion.HTTP_3)
                .setHttp3Config(new Http3ServerConfig()
                        .setInitialSettings(
                                new Http3Settings().setMaxFieldSectionSize(settings.get(Setting.HEADER_SIZE))));
        config.getQuicConfig().setLoadBalanced(loops.size() > 1);
        config.getQuicConfig()
                .getTransportConfig()
                .setInitialMaxStreamsBidi(settings.get(Setting.STREAMS))
                .setMaxIdleTimeout(settings.get(Setting.IDLE_TIMEOUT));
        return vertx.httpServerBuilder()
                .with(config)
                .with(tls.quicOptions())
                .build()
                .requestHandler(listener::handle)
                .connectionHandler(connection -> Listener.opened(connection, limits, entrance));
    }

    /** One for those who run the node. */
    HttpServer adminServer(Handler<HttpServerRequest> handler) {
        transport.accept(Entrance.PLAIN);
        return vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .requestHandler(handler);
    }
}
