package io.selvage.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.selvage.node.Problem;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Watches one connection from its first moment for clients that keep it without using it: those that send nothing, and
 * those that send a request's head a byte at a time. Belongs to the connection's event loop.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
    private enum Phase {
        /** No request runs and none has begun to arrive. */
        IDLE,
        /** Bytes of a head have arrived. */
        HEAD,
        /** At least one request runs. */
        BUSY,
        /** A request is answered before all of its content has come, and what is left of that is awaited. */
        DRAIN,
        /** The last response is sent; what the client still sends is thrown away. */
        LINGER
    }

    private static final AttributeKey<ConnectionGuard> KEY = AttributeKey.valueOf("selvage.guard");
    private static final long LINGER_NANOS = 2_000_000_000L;

    /** Where a client on this machine is that has come through a Unix socket. */
    private static final InetSocketAddress NOWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final GatewayLimits limits;
    private final Entrance entrance;
    private @Nullable LoopState loop;
    private @Nullable ChannelHandlerContext context;
    private Phase phase = Phase.IDLE;
    /** Since when the connection is in its phase, as far as {@link #check} has looked. */
    private long since;

    private boolean entered = true;
    private int requests;
    private boolean http2;
    private boolean secure;
    private InetSocketAddress remote = NOWHERE;
    private InetSocketAddress local = NOWHERE;
    private @Nullable ClientIdentity identity;

    ConnectionGuard(GatewayLimits limits, Entrance entrance) {
        this.limits = limits;
        this.entrance = entrance;
    }

    /** The guard of a connection. */
    static ConnectionGuard of(Channel channel) {
        return channel.attr(KEY).get();
    }

    /** The client's IP address. */
    String client() {
        return remote.getAddress().getHostAddress();
    }

    /** Where the client is. */
    InetSocketAddress remote() {
        return remote;
    }

    /** Where it has connected to. */
    InetSocketAddress local() {
        return local;
    }

    /** Who the client is by its certificate, or null without one. */
    @Nullable
    ClientIdentity identity() {
        return identity;
    }

    /** Whether a proxy before the listener has taken off TLS. */
    boolean isSecure() {
        return secure;
    }

    /** The listener that has accepted it. */
    Entrance entrance() {
        return entrance;
    }

    /** What its event loop keeps. */
    LoopState loop() {
        LoopState state = loop;
        if (state == null) {
            throw new IllegalStateException("the connection is not open yet");
        }
        return state;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().attr(KEY).set(this);
        context = ctx;
    }

    private static InetSocketAddress address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress internet ? internet : NOWHERE;
    }

    /** Guards a connection of HTTP/3, which is open when it is first heard of. */
    static void guard(Channel channel, GatewayLimits limits, Entrance entrance) {
        ConnectionGuard guard = new ConnectionGuard(limits, entrance);
        channel.pipeline().addFirst(guard);
        guard.begin(channel.pipeline().context(guard));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (begin(ctx)) {
            ctx.fireChannelActive();
        }
    }

    /** Begins to watch an open connection; whether there is room for it. */
    private boolean begin(ChannelHandlerContext ctx) {
        loop = LoopState.of(ctx.channel().eventLoop());
        remote = address(
                ctx.channel() instanceof QuicChannel quic
                        ? quic.remoteSocketAddress()
                        : ctx.channel().remoteAddress());
        local = address(
                ctx.channel() instanceof QuicChannel quic
                        ? quic.localSocketAddress()
                        : ctx.channel().localAddress());
        if (limits.tryOpen()) {
            loop().add(this);
            ctx.channel().closeFuture().addListener(_ -> {
                limits.closed();
                loop().remove(this);
            });
            return true;
        }
        var _ = ctx.close();
        return false;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (phase == Phase.IDLE) {
            enter(Phase.HEAD);
        }
        ctx.fireChannelRead(message);
    }

    private void enter(Phase next) {
        phase = next;
        entered = true;
    }

    /** A proxy that is trusted has said where the connection comes from. */
    void proxied(InetSocketAddress source, InetSocketAddress destination, boolean isSecure) {
        remote = source;
        local = destination;
        secure = isSecure;
        enter(Phase.IDLE);
    }

    /** The TLS handshake is done. */
    void secured(boolean isHttp2, @Nullable ClientIdentity client) {
        identity = client;
        http2 = isHttp2;
        enter(Phase.IDLE);
    }

    /** A request's head has arrived. */
    void requestBegan(boolean isHttp2) {
        http2 = isHttp2;
        requests++;
        phase = Phase.BUSY;
    }

    /** A response has been sent, or given up. */
    void requestEnded() {
        if (--requests == 0 && phase == Phase.BUSY) {
            enter(Phase.IDLE);
        }
    }

    /** A request is answered whose content is still coming; once that is here the connection can be used again. */
    void drain() {
        enter(Phase.DRAIN);
    }

    /** All of the content is here that was awaited, if any was. */
    void drained() {
        if (phase == Phase.DRAIN) {
            enter(requests == 0 ? Phase.IDLE : Phase.BUSY);
        }
    }

    /** Nothing more will be answered; the client gets a moment to read what was. */
    void linger() {
        enter(Phase.LINGER);
    }

    /** Closes the connection if its client has been given long enough. */
    void check(long now) {
        if (entered) {
            entered = false;
            since = now;
        }
        long allowed = switch (phase) {
            case IDLE -> limits.idleNanos();
            case HEAD -> http2 ? limits.idleNanos() : limits.headerNanos();
            case DRAIN -> limits.headerNanos();
            case BUSY -> Long.MAX_VALUE;
            case LINGER -> LINGER_NANOS;
        };
        ChannelHandlerContext ctx = context;
        if (now - since > allowed && ctx != null) {
            if (phase == Phase.HEAD && !http2 && ctx.pipeline().get(SslHandler.class) == null) {
                refuseSlowHead(ctx);
            } else {
                var _ = ctx.close();
            }
            phase = Phase.BUSY;
        }
    }

    private static void refuseSlowHead(ChannelHandlerContext ctx) {
        Problem problem = Problem.of(
                408, "slow-head", "The request came too slowly", "The head of the request did not arrive in time.");
        var _ = ctx.writeAndFlush(HeadEncoder.last(problem)).addListener(ChannelFutureListener.CLOSE);
    }
}
