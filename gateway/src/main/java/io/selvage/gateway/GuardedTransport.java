package io.selvage.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SelectStrategy;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.selvage.node.AddressRange;
import io.selvage.tls.AcmeChallenges;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sockets of Vert.x that have a {@link ConnectionGuard} before everything else on each accepted connection, before its first byte is
 * read, and event loops that wait in a way of their own.
 */
final class GuardedTransport extends NioTransport {
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

    /** Whether two processes can listen on one port, so that one can take over from the other. */
    private static final boolean SHARES = canShare();

    private static final String GUARD = "selvage.guard";

    private final GatewayLimits limits;
    private final AcmeChallenges challenges;
    private final SelectStrategy select;
    private volatile Entrance next = Entrance.PLAIN;

    GuardedTransport(GatewayLimits limits, AcmeChallenges challenges, SelectStrategy select) {
        this.challenges = challenges;
        this.limits = limits;
        this.select = select;
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return NioIoHandler.newFactory(SelectorProvider.provider(), () -> select);
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
        return new TransportInternal("nio", true, null, this);
    }

    /** What is listened on next, which happens one after the other, accepts for {@code entrance}. */
    void accept(Entrance entrance) {
        next = entrance;
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
        super.configure(config, domainSocket, bootstrap);
        if (!domainSocket && SHARES) {
            bootstrap.option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }
        bootstrap.handler(new Acceptor(limits, next, challenges));
    }
}
