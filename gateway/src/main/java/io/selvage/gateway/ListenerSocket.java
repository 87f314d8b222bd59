package io.selvage.gateway;

import io.selvage.node.Binding;
import io.selvage.node.ConfigurationException;
import io.selvage.node.ListenAddress;
import io.selvage.node.ListenerDefinition;
import io.selvage.node.UnixSocket;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One open listener, on every event loop. Its definition and its certificates can be changed while it is open. */
final class ListenerSocket {
    private static final long START_SECONDS = 30;

    private final List<HttpServer> servers = new ArrayList<>();
    private Binding binding;
    private ListenerDefinition definition;
    private Optional<ListenerTls> tls;

    private ListenerSocket(ListenerDefinition definition, Optional<ListenerTls> tls) {
        this.definition = definition;
        this.binding = definition.binding();
        this.tls = tls;
    }

    /**
     * Opens a listener.
     *
     * @param servers makes a server that is not listening yet
     * @param loops the event loops on which it listens
     * @throws ConfigurationException if that is not possible; then nothing is open
     */
    static ListenerSocket open(
            ListenerDefinition definition,
            Optional<ListenerTls> tls,
            Supplier<HttpServer> servers,
            List<ContextInternal> loops) {
        ListenerSocket socket = new ListenerSocket(definition, tls);
        try {
            Binding at = forAllLoops(definition.binding(), loops.size());
            for (ContextInternal loop : loops) {
                HttpServer server = servers.get();
                int port = bind(server, at, loop);
                socket.servers.add(server);
                at = at instanceof ListenAddress address ? new ListenAddress(address.host(), port) : at;
            }
            socket.binding = at;
            return socket;
        } catch (ConfigurationException e) {
            var _ = socket.shutdown(Duration.ZERO);
            throw e;
        }
    }

    /** Where it listens, with the port that was picked if 0 was asked for. */
    Binding binding() {
        return binding;
    }

    /** As a URL's beginning. */
    String url() {
        return binding.url(tls.isPresent());
    }

    ListenerDefinition definition() {
        return definition;
    }

    Optional<ListenerTls> tls() {
        return tls;
    }

    /**
     * Goes on with another definition for the same binding; connections that are open are not disturbed.
     *
     * @return whether its certificates are others now
     */
    boolean change(ListenerDefinition next, Optional<ListenerTls> nextTls) {
        boolean others = !nextTls.equals(tls);
        definition = next;
        tls = nextTls;
        if (others) {
            nextTls.ifPresent(changed -> servers.getFirst().updateSSLOptions(changed.options(), true));
        }
        return others;
    }

    /** Accepts no more; what runs may go on for a time. */
    Future<?> shutdown(Duration allowed) {
        List<Future<Void>> stopping = new ArrayList<>();
        servers.forEach(server -> stopping.add(server.shutdown(allowed.toMillis(), TimeUnit.MILLISECONDS)));
        return Future.join(stopping).andThen((_, _) -> {
            if (binding instanceof UnixSocket unix) {
                unix.path().toFile().delete();
            }
        });
    }

    /** With several event loops a free port is picked beforehand: they share only a port that is known by its number. */
    private static Binding forAllLoops(Binding wanted, int loops) {
        if (!(wanted instanceof ListenAddress address) || address.port() != 0 || loops == 1) {
            return wanted;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address.host(), 0));
            return new ListenAddress(address.host(), probe.getLocalPort());
        } catch (IOException _) {
            return wanted;
        }
    }

    /**
     * Lets a server listen on an event loop.
     *
     * @return its port; of no meaning for a Unix socket
     * @throws ConfigurationException if it cannot
     */
    static int bind(HttpServer server, Binding at, ContextInternal loop) {
        SocketAddress address = switch (at) {
            case ListenAddress internet -> SocketAddress.inetSocketAddress(internet.port(), internet.host());
            case UnixSocket unix ->
                SocketAddress.domainSocketAddress(unix.path().toString());
        };
        CompletableFuture<HttpServer> bound = new CompletableFuture<>();
        loop.runOnContext(_ -> server.listen(address).onComplete(bound::complete, bound::completeExceptionally));
        try {
            return bound.get(START_SECONDS, TimeUnit.SECONDS).actualPort();
        } catch (ExecutionException e) {
            throw new ConfigurationException(why(e.getCause(), at));
        } catch (TimeoutException _) {
            throw new ConfigurationException("cannot listen on " + at + " in time");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new ConfigurationException("interrupted while opening " + at);
        }
    }

    private static String why(@Nullable Throwable failure, Binding at) {
        Throwable cause = failure == null ? new IllegalStateException("unknown") : failure;
        String message = String.valueOf(cause.getMessage());
        String advice = cause instanceof BindException && message.contains("in use")
                ? "another process uses that "
                        + (at instanceof UnixSocket
                                ? "file, or has left it behind; stop it, and remove the file"
                                : "port; stop it, or choose another port (0 picks a free one)")
                : message.contains("ermission")
                        ? "this user may not use that "
                                + (at instanceof UnixSocket ? "file; choose another" : "port; choose one above 1023")
                        : message;
        return "cannot listen on " + at + ": " + advice;
    }
}
