package io.selvage.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** Why a stream ends early, in the numbers of HTTP/2 (RFC 9113 §7) and of HTTP/3 (RFC 9114 §8.1). */
enum StreamError {
    /** What the client still sends is not needed. */
    NONE(0, 0x100),
    /** The response is not complete. */
    INTERNAL(2, 0x102);

    private final long http2;
    private final long http3;

    StreamError(long http2, long http3) {
        this.http2 = http2;
        this.http3 = http3;
    }

    /** Ends a request's stream; on its event loop. */
    void reset(HttpServerRequest request) {
        var _ = request.response().reset(request.version() == HttpVersion.HTTP_3 ? http3 : http2);
    }
}
