package io.selvage.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.transport.Transport;

/** Puts a {@link ConnectionGuard} before everything else on each accepted connection, before its first byte is read. */
final class GuardedTransport extends NioTransport {
    @ChannelHandler.Sharable
    private static final class Acceptor extends ChannelInboundHandlerAdapter {
        private final GatewayLimits limits;

        Acceptor(GatewayLimits limits) {
            this.limits = limits;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((Channel) message).pipeline().addFirst(new ConnectionGuard(limits));
            ctx.fireChannelRead(message);
        }
    }

    private final Acceptor acceptor;

    private GuardedTransport(GatewayLimits limits) {
        acceptor = new Acceptor(limits);
    }

    /** A transport whose connections keep to {@code limits}. */
    static Transport of(GatewayLimits limits) {
        return new TransportInternal("nio", true, null, new GuardedTransport(limits));
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
        super.configure(config, domainSocket, bootstrap);
        bootstrap.handler(acceptor);
    }
}
