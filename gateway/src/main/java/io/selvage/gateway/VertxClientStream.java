package io.selvage.gateway;

import io.netty.channel.Channel;
import io.selvage.node.Headers;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import java.util.function.Consumer;

/** A request of HTTP/2 or HTTP/3 and its response, as Vert.x has them. Belongs to the event loop of its connection. */
final class VertxClientStream implements ClientStream {
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Channel channel;
    private final Headers fields;
    private long received;
    private boolean ended;

    VertxClientStream(HttpServerRequest request, Channel channel) {
        this.request = request;
        this.response = request.response();
        this.channel = channel;
        this.fields = headers(request.headers());
    }

    /** Fields as the node has them. */
    static Headers headers(MultiMap from) {
        Headers headers = new Headers();
        from.forEach((name, value) -> headers.add(name, value));
        return headers;
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public String protocol() {
        return request.version() == HttpVersion.HTTP_3 ? "HTTP/3" : "HTTP/2";
    }

    @Override
    public boolean isMultiplexed() {
        return true;
    }

    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public String target() {
        return request.uri();
    }

    @Override
    public String authority() {
        return request.authority() == null ? "" : request.authority().toString();
    }

    @Override
    public Headers fields() {
        return fields;
    }

    @Override
    public boolean isSecure() {
        return request.isSSL();
    }

    @Override
    public long length() {
        return RequestFraming.length(fields, true);
    }

    @Override
    public void read(Consumer<Buffer> part, Runnable end) {
        request.handler(buffer -> {
            received += buffer.length();
            part.accept(buffer);
        });
        request.endHandler(_ -> {
            ended = true;
            end.run();
        });
    }

    @Override
    public void fetch(int parts) {
        if (!ended) {
            request.fetch(parts);
        }
    }

    @Override
    public void resume() {
        if (!ended) {
            request.resume();
        }
    }

    @Override
    public void pause() {
        if (!ended) {
            request.pause();
        }
    }

    @Override
    public boolean isEnded() {
        return ended || request.isEnded();
    }

    /** In HTTP/3 they are lost in Vert.x. */
    @Override
    public Headers trailers() {
        return request.version() == HttpVersion.HTTP_2
                ? RequestTrailers.of(channel, Math.toIntExact(request.streamId()))
                : NO_TRAILERS;
    }

    @Override
    public long received() {
        return received;
    }

    @Override
    public void whenGone(Consumer<String> action) {
        response.exceptionHandler(_ -> action.accept(""));
        response.closeHandler(_ -> action.accept(""));
        request.exceptionHandler(_ -> action.accept(""));
    }

    @Override
    public boolean isClosed() {
        return response.closed() || !channel.isActive();
    }

    @Override
    public void always(String name, String value) {
        response.headers().set(name.toLowerCase(Locale.ROOT), value);
    }

    @Override
    public void interim(int status, Headers hints) {
        if (status == 100) {
            response.writeContinue();
        } else if (status == 103) {
            MultiMap sent = MultiMap.caseInsensitiveMultiMap();
            hints.forEach((name, value) -> sent.add(name.toLowerCase(Locale.ROOT), value));
            var _ = response.writeEarlyHints(sent);
        }
    }

    @Override
    public void endsConnection() {
        // other requests share it
    }

    @Override
    public void head(int status, Headers sent) {
        response.setStatusCode(status);
        MultiMap to = response.headers();
        try {
            sent.forEach((name, value) -> {
                String lower = name.toLowerCase(Locale.ROOT);
                if (status != 204 || !lower.equals("content-length")) {
                    to.add(lower, value);
                }
            });
        } catch (IllegalArgumentException e) {
            to.clear();
            throw e;
        }
    }

    @Override
    public void sendHead() {
        if (!response.headWritten() && !isClosed()) {
            var _ = response.writeHead();
        }
    }

    @Override
    public boolean retract() {
        if (response.headWritten() || isClosed()) {
            return false;
        }
        response.headers().clear();
        return true;
    }

    @Override
    public void write(Buffer part) {
        var _ = response.write(part);
    }

    @Override
    public boolean isFull() {
        return response.writeQueueFull();
    }

    @Override
    public void whenDrained(Runnable action) {
        response.drainHandler(_ -> action.run());
    }

    @Override
    public void end(Buffer last, Headers trailers) {
        if (!isEnded()) {
            // takes in what has come, so that a stream that the client has ended is not reset
            request.handler(null);
            request.resume();
        }
        trailers.forEach((name, value) -> response.trailers().add(name.toLowerCase(Locale.ROOT), value));
        Future<Void> sent = last.length() == 0 ? response.end() : response.end(last);
        if (!isEnded()) {
            // a reset drops what waits for the client's window, and is allowed after the whole response only (RFC 9113
            // §8.1)
            sent.onSuccess(_ -> resetUnended());
        }
    }

    private void resetUnended() {
        if (!isEnded()) {
            StreamError.NONE.reset(request);
        }
    }

    @Override
    public void reset(StreamError why) {
        why.reset(request);
    }
}
