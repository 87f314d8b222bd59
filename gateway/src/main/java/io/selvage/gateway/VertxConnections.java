package io.selvage.gateway;

import io.netty.channel.ConnectTimeoutException;
import io.selvage.gateway.OriginStream.Told;
import io.selvage.gateway.OriginStream.Unreachable;
import io.selvage.node.OriginDefinition;
import io.selvage.origins.Member;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The connections of Vert.x' HTTP client to an origin, which may speak HTTP/2. Thread-safe. */
final class VertxConnections implements OriginConnections {
    private final OriginDefinition origin;
    private final LoopClients clients;

    VertxConnections(OriginDefinition origin, LoopClients clients) {
        this.origin = origin;
        this.clients = clients;
    }

    @Override
    public void open(LoopState loop, Member member, Told told) {
        clients.of(loop)
                .request(OriginClients.to(origin, member))
                .onComplete(
                        request -> told.connected(new VertxStream(request, told)),
                        cause -> told.unreachable(reason(cause)));
    }

    /** Connections for other protocols are the same client's, which counts them itself. */
    @Override
    public void reserve(LoopState loop, Member member, Consumer<Optional<Runnable>> told) {
        told.accept(Optional.of(() -> {}));
    }

    /** Why there is no connection, by what the client says. */
    static Unreachable reason(Throwable cause) {
        return switch (cause) {
            case ConnectionPoolTooBusyException _ -> Unreachable.BUSY;
            case TimeoutException _ -> Unreachable.LATE;
            case ConnectTimeoutException _ -> Unreachable.LATE;
            default -> Unreachable.REFUSED;
        };
    }

    @Override
    public void close() {
        // The clients are also those of tunnels, and are closed with them.
    }
}
