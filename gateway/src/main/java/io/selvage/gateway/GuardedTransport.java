package io.selvage.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import io.selvage.node.AddressRange;
import io.selvage.node.ConfigurationException;
import io.selvage.node.Setting;
import io.selvage.node.SocketTransport;
import io.selvage.tls.AcmeChallenges;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sockets of Vert.x that have a {@link ConnectionGuard} before everything else on each accepted connection, before its first byte is
 * read, and event loops that may yield before they wait.
 */
final class GuardedTransport {
    @ChannelHandler.Sharable
    private static final class Acceptor extends ChannelInboundHandlerAdapter {
        private final GatewayLimits limits;
        private final Entrance entrance;
        private final AcmeChallenges challenges;

        Acceptor(GatewayLimits limits, Entrance entrance, AcmeChallenges challenges) {
            this.challenges = challenges;
            this.limits = limits;
            this.entrance = entrance;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Channel channel = (Channel) message;
            if (entrance.isClosed()) {
                // No event loop takes it any more
                channel.unsafe().closeForcibly();
                return;
            }
            ConnectionGuard guard = new ConnectionGuard(limits, entrance);
            channel.pipeline().addFirst(GUARD, guard);
            if (entrance.isSecure()) {
                channel.pipeline().addAfter(GUARD, null, new PlainRequest(guard));
            }
            if (challenges.isHandshakeAsked() && entrance.isSecure()) {
                channel.pipeline().addAfter(GUARD, null, new ChallengeHandshake(challenges));
            }
            if (!entrance.isSecure()) {
                entrance.listener()
                        .ifPresent(listener -> channel.pipeline().addAfter(GUARD, null, new ClearText(listener)));
            }
            if (isTrusted(channel.remoteAddress(), entrance.proxies())) {
                ProxyHeader.expect(channel.pipeline(), GUARD, guard);
            }
            ctx.fireChannelRead(message);
        }

        /** Who comes through a Unix socket is on this machine, and may do so by the rights of its file. */
        private static boolean isTrusted(@Nullable SocketAddress remote, List<AddressRange> proxies) {
            return !proxies.isEmpty()
                    && (!(remote instanceof InetSocketAddress internet)
                            || proxies.stream().anyMatch(p -> p.contains(internet.getAddress())));
        }
    }

    private final class GuardedEpoll extends EpollTransport {
        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return yielding(super.ioHandlerFactory());
        }

        @Override
        public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
            super.configure(config, domainSocket, bootstrap);
            guard(bootstrap, domainSocket, UnixChannelOption.SO_REUSEPORT);
        }
    }

    private final class GuardedNio extends NioTransport {
        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return yielding(super.ioHandlerFactory());
        }

        @Override
        public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
            super.configure(config, domainSocket, bootstrap);
            guard(bootstrap, domainSocket, NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT));
        }
    }

    /** Whether two processes can listen on one port, so that one can take over from the other. */
    private static final boolean SHARES = canShare();

    private static final String GUARD = "selvage.guard";

    private final GatewayLimits limits;
    private final AcmeChallenges challenges;
    private final BooleanSupplier mayYield;
    private final SocketTransport kind;
    private volatile Entrance next = Entrance.PLAIN;

    /**
     * Sockets.
     *
     * @param kind how they are read and written, as {@link #available} says
     * @param mayYield as of {@link YieldingHandler}
     */
    GuardedTransport(SocketTransport kind, GatewayLimits limits, AcmeChallenges challenges, BooleanSupplier mayYield) {
        this.challenges = challenges;
        this.limits = limits;
        this.mayYield = mayYield;
        this.kind = kind;
    }

    /**
     * What there is of what is wanted.
     *
     * @param obstacle says why there is no epoll, or nothing if there is; asked only if that matters, as it loads the library
     * @throws ConfigurationException if what is wanted is not there
     */
    static SocketTransport available(SocketTransport wanted, Supplier<Optional<Throwable>> obstacle) {
        if (wanted == SocketTransport.NIO) {
            return wanted;
        }
        Optional<Throwable> missing = obstacle.get();
        if (wanted == SocketTransport.EPOLL && missing.isPresent()) {
            throw new ConfigurationException(Setting.TRANSPORT.key() + ": this machine has no " + wanted.text() + " ("
                    + reason(missing.get()) + "); leave the setting out to take what there is");
        }
        return missing.isEmpty() ? SocketTransport.EPOLL : SocketTransport.NIO;
    }

    /** Why this machine has no epoll; empty if it has. */
    static Optional<Throwable> obstacle() {
        return Optional.ofNullable(Epoll.unavailabilityCause());
    }

    private static String reason(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return Optional.ofNullable(root.getMessage()).orElse(root.getClass().getSimpleName());
    }

    private static boolean canShare() {
        try (ServerSocketChannel probe = ServerSocketChannel.open()) {
            return probe.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
        } catch (IOException _) {
            return false;
        }
    }

    /** As Vert.x takes it. */
    Transport transport() {
        return new TransportInternal(
                kind.text(),
                true,
                null,
                switch (kind) {
                    case EPOLL -> new GuardedEpoll();
                    case AUTO, NIO -> new GuardedNio();
                });
    }

    /** What is listened on next, which happens one after the other, accepts for {@code entrance}. */
    void accept(Entrance entrance) {
        next = entrance;
    }

    private IoHandlerFactory yielding(IoHandlerFactory factory) {
        return executor -> new YieldingHandler(factory.newHandler(executor), mayYield);
    }

    private void guard(ServerBootstrap bootstrap, boolean domainSocket, ChannelOption<Boolean> sharing) {
        if (!domainSocket && SHARES) {
            bootstrap.option(sharing, true);
        }
        bootstrap.handler(new Acceptor(limits, next, challenges));
    }
}
