package io.selvage.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what an origin sends beside its answers on an HTTP/1.1 connection from being taken for the next one. Interim responses
 * that the HTTP client would take for final ones are left out; 100 and 103 pass (RFC 9110 §15.2). A connection on which
 * anything comes after the end of a response, or while nothing was asked, is not used again (RFC 9112 §9.2). Belongs to the
 * connection's event loop.
 */
final class OriginConnection extends ChannelDuplexHandler {
    private static final AttributeKey<Boolean> SEEN = AttributeKey.valueOf("selvage.origin");
    private static final String CODEC = "codec";
    private static final MethodHandle DECODER = method(
            CombinedChannelDuplexHandler.class, "inboundHandler", MethodType.methodType(ChannelInboundHandler.class));
    private static final MethodHandle READABLE =
            method(ByteToMessageDecoder.class, "actualReadableBytes", MethodType.methodType(int.class));

    private final ByteToMessageDecoder decoder;
    private int asked;
    private boolean drops;
    private boolean interim;
    private @Nullable HttpHeaders coming;

    private OriginConnection(ByteToMessageDecoder decoder) {
        this.decoder = decoder;
    }

    /** Sees to a connection to an origin; whether it has been used before. */
    static boolean install(Channel channel) {
        if (channel.attr(SEEN).getAndSet(Boolean.TRUE) != null) {
            return true;
        }
        if (channel.pipeline().get(CODEC) instanceof HttpClientCodec codec) {
            ChannelHandler own = new OriginConnection(decoder(codec));
            channel.pipeline().addAfter(CODEC, "selvage.origin", own);
        }
        return false;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpRequest) {
            asked++;
        }
        var _ = ctx.write(message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            int status = response.status().code();
            interim = status >= 100 && status < 200 && status != 101;
            drops = asked == 0 || (interim && status != 100 && status != 103);
            coming = response.headers();
            if (asked == 0) {
                var _ = ctx.close();
            }
        }
        if (drops) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof LastHttpContent && !interim) {
            asked--;
            HttpHeaders fields = coming;
            if (fields != null && asked == 0 && hasMore()) {
                fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (asked == 0 && hasMore()) {
            var _ = ctx.close();
        }
        ctx.fireChannelReadComplete();
    }

    /** Whether bytes have come that belong to nothing. */
    private boolean hasMore() {
        try {
            return (int) READABLE.invokeExact(decoder) > 0;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static ByteToMessageDecoder decoder(HttpClientCodec codec) {
        try {
            return (ByteToMessageDecoder)
                    (ChannelInboundHandler) DECODER.invokeExact((CombinedChannelDuplexHandler<?, ?>) codec);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle method(Class<?> owner, String name, MethodType type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVirtual(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
