package io.selvage.gateway;

import io.selvage.node.Binding;
import io.selvage.node.ConfigurationException;
import io.selvage.node.ListenAddress;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/3 at one port: a UDP socket on every event loop. The kernel chooses the socket for a new connection by the addresses and
 * ports of both sides; its later packets find their event loop by the connection's id (RFC 9000 §5.1), wherever they come in, so
 * that a client may move to another address. Thread-safe.
 */
final class QuicSockets {
    private final List<HttpServer> servers;
    private final int port;

    private QuicSockets(List<HttpServer> servers, int port) {
        this.servers = List.copyOf(servers);
        this.port = port;
    }

    /**
     * Opens them all.
     *
     * @throws ConfigurationException if that is not possible; then none is open
     */
    static QuicSockets open(Sockets sockets, ListenerTls tls, Entrance entrance, Binding at) {
        checkFree(at);
        List<HttpServer> opened = new ArrayList<>();
        try {
            int port = 0;
            for (ContextInternal loop : sockets.loops()) {
                HttpServer server = sockets.quicServer(tls, entrance);
                port = ListenerSocket.bind(server, at, loop);
                opened.add(server);
            }
            return new QuicSockets(opened, port);
        } catch (ConfigurationException e) {
            opened.forEach(server -> {
                var _ = server.close();
            });
            throw e;
        }
    }

    /** Sockets that share a port would let any two processes of one user share it. */
    private static void checkFree(Binding at) {
        if (at instanceof ListenAddress address && address.port() != 0) {
            try (DatagramSocket probe = new DatagramSocket(null)) {
                probe.setReuseAddress(false);
                probe.bind(new InetSocketAddress(address.host(), address.port()));
            } catch (IOException e) {
                throw new ConfigurationException(ListenerSocket.why(e, at));
            }
        }
    }

    /** The UDP port. */
    int port() {
        return port;
    }

    /** Shows other certificates to new connections. */
    void update(ListenerTls tls) {
        servers.forEach(server -> server.updateSSLOptions(tls.quicOptions(), true));
    }

    /** Accepts no more; what runs may go on for a time. */
    Future<?> shutdown(Duration allowed) {
        return Future.join(servers.stream()
                .map(server -> server.shutdown(allowed.toMillis(), TimeUnit.MILLISECONDS))
                .toList());
    }
}
