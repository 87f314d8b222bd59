package io.selvage.gateway;

import io.selvage.node.AddressRange;
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
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One open listener, on every event loop. Its definition and its certificates can be changed while it is open. */
final class ListenerSocket implements Entrance {
    private static final long START_SECONDS = 30;
    private static final long RETRY_NANOS = 100_000_000L;

    /** For how long clients may remember that HTTP/3 is spoken: a day. */
    private static final int ALTERNATIVE_SECONDS = 86_400;

    private final Sockets sockets;
    private final List<HttpServer> servers = new ArrayList<>();
    private volatile ListenerDefinition definition;
    private volatile String alternative = "";
    private Binding binding;
    private volatile Optional<ListenerTls> tls;
    private volatile @Nullable QuicSockets quic;
    private volatile boolean closed;
    /** The file of a Unix socket that is not in its place yet. */
    private Optional<Path> made = Optional.empty();

    private Optional<Object> file = Optional.empty();

    private ListenerSocket(ListenerDefinition definition, Optional<ListenerTls> tls, Sockets sockets) {
        this.sockets = sockets;
        this.definition = definition;
        this.binding = definition.binding();
        this.tls = tls;
    }

    /**
     * Opens a listener.
     *
     * @param sockets makes the servers
     * @throws ConfigurationException if that is not possible; then nothing is open
     */
    static ListenerSocket open(ListenerDefinition definition, Optional<ListenerTls> tls, Sockets sockets) {
        ListenerSocket socket = new ListenerSocket(definition, tls, sockets);
        try {
            Binding at = forAllLoops(definition.binding(), sockets.loops().size());
            if (at instanceof UnixSocket unix) {
                if (!sockets.shares()) {
                    removeLeftover(unix.path());
                }
                UnixSocket beside = beside(unix.path());
                socket.made = Optional.of(beside.path());
                at = beside;
            } else if (at instanceof ListenAddress address) {
                sockets.checkFree(address);
            }
            for (ContextInternal loop : sockets.loops()) {
                HttpServer server = sockets.server(definition, tls, socket);
                int port = bind(server, at, loop);
                socket.servers.add(server);
                at = at instanceof ListenAddress address ? new ListenAddress(address.host(), port) : at;
            }
            socket.binding = socket.made.isPresent() ? definition.binding() : at;
            if (!sockets.shares()) {
                socket.takePlace();
            }
            if (definition.http3()) {
                socket.openQuic(sockets.shares());
            }
            return socket;
        } catch (IOException e) {
            var _ = socket.shutdown(Duration.ZERO);
            throw new ConfigurationException("cannot listen on " + definition.binding() + ": " + e.getMessage());
        } catch (ConfigurationException e) {
            var _ = socket.shutdown(Duration.ZERO);
            throw e;
        }
    }

    /**
     * Where a socket is made before it is moved to its place: who connects there comes to the process before until then, and
     * that one's library, which removes the file that it has made, does not find this one.
     */
    private static UnixSocket beside(Path path) throws IOException {
        Path made = path.resolveSibling(
                path.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(made);
        return new UnixSocket(made);
    }

    /**
     * Moves a Unix socket to its place, if it is not there yet: who connects comes here from now on.
     *
     * @throws ConfigurationException if that is not possible
     */
    void takePlace() {
        if (made.isEmpty() || !(binding instanceof UnixSocket unix)) {
            return;
        }
        try {
            Files.move(made.get(), unix.path(), StandardCopyOption.ATOMIC_MOVE);
            made = Optional.empty();
            file = fileKey(unix);
        } catch (IOException e) {
            throw new ConfigurationException("cannot listen on " + unix + ": " + e.getMessage());
        }
    }

    private static Optional<Object> fileKey(UnixSocket socket) throws IOException {
        return Optional.ofNullable(
                Files.readAttributes(socket.path(), BasicFileAttributes.class).fileKey());
    }

    /** Removes the file of a socket, unless another process has put its own there. */
    private void removeFile(UnixSocket socket) {
        try {
            if (made.isPresent()) {
                Files.deleteIfExists(made.get());
            } else if (fileKey(socket).equals(file)) {
                Files.deleteIfExists(socket.path());
            }
        } catch (IOException _) {
            // it is gone
        }
    }

    /** Begins to speak HTTP/3 too, when the process that does so now has ended if {@code waits}. */
    private void openQuic(boolean waits) {
        if (!waits) {
            openQuic();
            return;
        }
        Thread.ofVirtual().name("take-over").start(() -> {
            while (!closed && quic == null) {
                try {
                    openQuic();
                } catch (ConfigurationException _) {
                    LockSupport.parkNanos(RETRY_NANOS);
                }
            }
        });
    }

    private void openQuic() {
        QuicSockets opened = QuicSockets.open(sockets, tls.orElseThrow(), this, binding);
        quic = opened;
        alternative = "h3=\":" + opened.port() + "\"; ma=" + ALTERNATIVE_SECONDS;
    }

    private Future<?> closeQuic(Duration allowed) {
        QuicSockets open = quic;
        quic = null;
        alternative = "";
        return open == null ? Future.succeededFuture() : open.shutdown(allowed);
    }

    @Override
    public List<AddressRange> proxies() {
        return definition.proxies();
    }

    @Override
    public String alternative() {
        return alternative;
    }

    @Override
    public boolean isSecure() {
        return tls.isPresent();
    }

    @Override
    public Optional<Listener> listener() {
        return Optional.of(sockets.listener());
    }

    @Override
    public boolean isClosed() {
        return closed;
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
        if (!next.http3()) {
            var _ = closeQuic(Duration.ZERO);
        }
        if (others) {
            nextTls.ifPresent(changed -> {
                servers.getFirst().updateSSLOptions(changed.options(), true);
                QuicSockets open = quic;
                if (open != null) {
                    open.update(changed);
                }
            });
        }
        return others;
    }

    /**
     * Begins to speak HTTP/3 if another definition asks for it.
     *
     * @return what undoes it
     * @throws ConfigurationException if it cannot
     */
    Runnable prepare(ListenerDefinition next) {
        if (!next.http3() || quic != null) {
            return () -> {};
        }
        openQuic();
        return () -> {
            var _ = closeQuic(Duration.ZERO);
        };
    }

    /** Accepts no more; what runs may go on for a time. */
    Future<?> shutdown(Duration allowed) {
        closed = true;
        List<Future<?>> stopping = new ArrayList<>();
        stopping.add(closeQuic(allowed));
        servers.forEach(server -> stopping.add(server.shutdown(allowed.toMillis(), TimeUnit.MILLISECONDS)));
        return Future.join(stopping).andThen((_, _) -> {
            if (binding instanceof UnixSocket unix) {
                removeFile(unix);
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

    /** Removes the file of a socket that no one listens on any more. */
    private static void removeLeftover(Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            throw new ConfigurationException(
                    "cannot listen on unix:" + file + ": another process uses that file; stop it, or choose another");
        } catch (ConnectException _) {
            file.toFile().delete();
        } catch (IOException _) {
            throw new ConfigurationException(
                    "cannot listen on unix:" + file + ": there is such a file, and it is no socket");
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

    /** Why nothing can listen somewhere, and what to do. */
    static String why(@Nullable Throwable failure, Binding at) {
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
