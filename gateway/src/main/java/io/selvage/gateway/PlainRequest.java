package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.selvage.node.Problem;

/**
 * Answers a client that speaks HTTP without TLS where TLS is spoken: the first byte tells, since a handshake begins with 22
 * (RFC 8446 §5.1) and a request with a capital letter. Everything else passes. Belongs to one connection.
 */
final class PlainRequest extends ChannelInboundHandlerAdapter {
    private final ConnectionGuard guard;
    private boolean answered;

    PlainRequest(ConnectionGuard guard) {
        this.guard = guard;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!answered && message instanceof ByteBuf bytes && bytes.isReadable()) {
            byte first = bytes.getByte(bytes.readerIndex());
            if (first < 'A' || first > 'Z') {
                ctx.pipeline().remove(this);
                ctx.fireChannelRead(message);
                return;
            }
            answered = true;
            answer(ctx);
        }
        ReferenceCountUtil.release(message);
    }

    /** Answers, and lets the client read that before the connection is closed: what it still sends is thrown away. */
    private void answer(ChannelHandlerContext ctx) {
        Problem problem = Problem.of(
                400,
                "tls",
                "This port speaks TLS",
                "The request came as plain HTTP. Ask for the same URL with https:// in place of http://.");
        guard.linger();
        var _ = ctx.writeAndFlush(HeadEncoder.last(problem)).addListener((ChannelFutureListener) sent -> {
            if (sent.isSuccess() && sent.channel() instanceof DuplexChannel socket) {
                var _ = socket.shutdownOutput();
            } else {
                var _ = sent.channel().close();
            }
        });
    }
}
