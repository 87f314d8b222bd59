package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.PendingWriteQueue;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Holds back what follows the 101 of a connection that changes to HTTP/2, until its client speaks that. A server need not wait (RFC
 * 7540 §3.2), but Java's client loses what comes while it changes over. What is held is bounded by the window that HTTP/2 begins with,
 * 64 KiB. Belongs to the connection's event loop.
 */
final class UpgradePause extends ChannelDuplexHandler {
    private static final String SWITCHING = "HTTP/1.1 101 ";

    private @Nullable PendingWriteQueue held;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        PendingWriteQueue waiting = held;
        if (waiting != null) {
            waiting.add(message, promise);
            return;
        }
        if (isSwitching(message)) {
            held = new PendingWriteQueue(ctx);
        } else {
            ctx.pipeline().remove(this);
        }
        ctx.write(message, promise);
    }

    /** Whether the client is told to go on in the protocol that it has asked for; anything else refuses that. */
    private static boolean isSwitching(Object message) {
        return message instanceof ByteBuf bytes
                && bytes.readableBytes() >= SWITCHING.length()
                && bytes.toString(bytes.readerIndex(), SWITCHING.length(), StandardCharsets.US_ASCII)
                        .equals(SWITCHING);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (held != null) {
            ctx.pipeline().remove(this);
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        PendingWriteQueue waiting = held;
        if (waiting != null) {
            waiting.removeAndFailAll(new ClosedChannelException());
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        PendingWriteQueue waiting = held;
        if (waiting != null && !waiting.isEmpty()) {
            var _ = waiting.removeAndWriteAll();
            ctx.flush();
        }
    }
}
