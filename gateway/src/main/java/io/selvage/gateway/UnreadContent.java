package io.selvage.gateway;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpServerRequest;

/** What a client still sends of a request's content when its response is complete. Belongs to the connection's event loop. */
final class UnreadContent {
    private UnreadContent() {}

    /**
     * Whether there is some.
     *
     * @param hasBody whether the request has content: the end of one without may not have been told yet
     */
    static boolean isLeft(HttpServerRequest request, boolean hasBody) {
        return hasBody && !request.isEnded();
    }

    /** Before the response ends: takes in what has come, so that a stream that the client has ended is not reset. */
    static void beforeEnd(HttpServerRequest request, boolean hasBody, boolean http2) {
        if (http2 && isLeft(request, hasBody)) {
            request.handler(null);
            request.resume();
        }
    }

    /** After the response: what the client still sends is thrown away, or refused. */
    static void settle(HttpServerRequest request, boolean hasBody, boolean http2, Channel channel) {
        boolean unread = isLeft(request, hasBody);
        if (http2) {
            if (unread) {
                StreamError.NONE.reset(request);
            }
            return;
        }
        boolean closes = "close".equalsIgnoreCase(request.response().headers().get("Connection"));
        if (unread) {
            request.handler(null);
            request.exceptionHandler(null);
            request.endHandler(closes ? _ -> channel.close() : null);
            request.resume();
        }
        if (closes) {
            channel.eventLoop().execute(() -> Listener.closeSoon(channel, ConnectionGuard.of(channel), unread));
        }
    }
}
