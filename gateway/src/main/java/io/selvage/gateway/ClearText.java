package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells HTTP/2 from HTTP/1.1 on a connection without TLS, by what it begins with: the preface (RFC 9113 §3.3), or a request that
 * asks for HTTP/2 as RFC 7540 §3.2 had it, which Java's client still does. Belongs to the connection's event loop.
 */
final class ClearText extends ChannelInboundHandlerAdapter {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    /** How far it is looked. */
    private static final int LONGEST = 8 << 10;

    private final Listener listener;
    private @Nullable ByteBuf come;

    ClearText(Listener listener) {
        this.listener = listener;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = come;
        if (before != null) {
            in = ctx.alloc().buffer().writeBytes(before).writeBytes(in);
            before.release();
            ((ByteBuf) message).release();
        }
        come = in;
        String text = in.toString(in.readerIndex(), Math.min(in.readableBytes(), LONGEST), StandardCharsets.ISO_8859_1);
        if (text.length() < PREFACE.length() && PREFACE.startsWith(text)) {
            return;
        }
        come = null;
        if (asks(text) && UpgradeRequest.isGranted(listener, in)) {
            ctx.pipeline().addBefore(ctx.name(), null, new UpgradePause());
        } else if (!text.startsWith(PREFACE)) {
            ClientConnection.begin(listener, ctx.channel(), this, false);
        }
        ctx.fireChannelRead(in);
        ctx.pipeline().remove(this);
    }

    /** Whether what has come may be a request that asks for HTTP/2; one whose head comes in pieces is not worth waiting for. */
    private static boolean asks(String text) {
        int end = text.indexOf("\r\n\r\n");
        String head = text.substring(0, end < 0 ? 0 : end + 2).toLowerCase(Locale.ROOT);
        return head.contains("\r\nhttp2-settings:") && head.contains("\r\nupgrade: h2c\r\n");
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf left = come;
        come = null;
        if (left != null) {
            left.release();
        }
    }
}
