package io.selvage.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AttributeKey;
import io.selvage.node.Headers;

/**
 * Keeps the fields behind the content of requests of one HTTP/2 connection, which Vert.x receives and does not show. Belongs to
 * the event loop of the connection.
 */
final class RequestTrailers extends Http2FrameListenerDecorator {
    private static final AttributeKey<RequestTrailers> OF_CONNECTION = AttributeKey.valueOf("selvage.trailers");

    private final Http2Connection connection;
    private final Http2Connection.PropertyKey key;

    private RequestTrailers(Http2Connection connection, Http2FrameListener listener) {
        super(listener);
        this.connection = connection;
        this.key = connection.newKey();
    }

    /** Keeps those of a connection from now on. */
    static void keep(Channel channel) {
        Http2ConnectionHandler handler = channel.pipeline().get(Http2ConnectionHandler.class);
        if (handler != null) {
            RequestTrailers own =
                    new RequestTrailers(handler.connection(), handler.decoder().frameListener());
            handler.decoder().frameListener(own);
            channel.attr(OF_CONNECTION).set(own);
        }
    }

    /** Those of one request, whose content has come to its end; none if there are none. */
    static Headers of(Channel channel, int stream) {
        RequestTrailers own = channel.attr(OF_CONNECTION).get();
        Http2Stream found = own == null ? null : own.connection.stream(stream);
        Http2Headers came = found == null ? null : found.getProperty(own.key);
        if (came == null) {
            return ClientStream.NO_TRAILERS;
        }
        Headers trailers = new Headers();
        came.forEach(field ->
                trailers.add(field.getKey().toString(), field.getValue().toString()));
        return trailers;
    }

    private void see(int stream, Http2Headers fields) {
        Http2Stream found = connection.stream(stream);
        if (found != null && found.isTrailersReceived()) {
            found.setProperty(key, fields);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int stream, Http2Headers fields, int padding, boolean endOfStream)
            throws Http2Exception {
        see(stream, fields);
        super.onHeadersRead(ctx, stream, fields, padding, endOfStream);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int stream,
            Http2Headers fields,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endOfStream)
            throws Http2Exception {
        see(stream, fields);
        super.onHeadersRead(ctx, stream, fields, dependency, weight, exclusive, padding, endOfStream);
    }
}
