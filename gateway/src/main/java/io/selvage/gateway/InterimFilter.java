package io.selvage.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;

/**
 * Leaves out the interim responses of an origin that the HTTP client would take for final ones, so that the response
 * after them is not taken for the next request's. 100 and 103 pass (RFC 9110 §15.2).
 */
final class InterimFilter extends ChannelInboundHandlerAdapter {
    private static final AttributeKey<Boolean> SEEN = AttributeKey.valueOf("selvage.origin");
    private static final String CODEC = "codec";

    private boolean drops;

    private InterimFilter() {}

    /** Sees to a connection to an origin; whether it has been used before. */
    static boolean install(Channel channel) {
        if (channel.attr(SEEN).getAndSet(Boolean.TRUE) != null) {
            return true;
        }
        ChannelHandler codec = channel.pipeline().get(CODEC);
        if (codec != null) {
            channel.pipeline().addAfter(CODEC, "selvage.interim", new InterimFilter());
        }
        return false;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            int status = response.status().code();
            drops = status > 101 && status < 200 && status != 103;
        }
        if (drops) {
            drops = !(message instanceof LastHttpContent);
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }
}
