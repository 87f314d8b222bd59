package io.selvage.gateway;

import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/** A request of Vert.x' HTTP client. Belongs to an event loop. */
final class VertxStream implements OriginStream {
    private final HttpClientRequest request;
    private final Told told;
    private final boolean kept;
    private boolean over;
    private @Nullable HttpClientResponse response;

    VertxStream(HttpClientRequest request, Told told) {
        this.request = request;
        this.told = told;
        kept = request.connection() instanceof ConnectionBase base && OriginConnection.install(base.channel());
        if (!kept) {
            // What breaks it, its requests are told; without this it would be logged as the node's error
            request.connection().exceptionHandler(_ -> {});
        }
    }

    @Override
    public boolean isKept() {
        return kept;
    }

    @Override
    public void send(String method, String target, Headers fields, boolean content) {
        ProxyFields.check(method, target, fields);
        request.setMethod(HttpMethod.valueOf(method)).setURI(target);
        fields.forEach(request.headers()::add);
        OriginClients.host(request, fields.first("host").orElse(""));
        request.earlyHintsHandler(hints -> told.interim(103, VertxClientStream.headers(hints)));
        request.exceptionHandler(_ -> broken(""));
        request.drainHandler(_ -> told.drained());
        request.response().onComplete(this::respond, _ -> broken(""));
        if (!content) {
            var _ = request.end();
        } else if (!fields.contains("content-length")) {
            request.setChunked(true);
        }
    }

    private void respond(HttpClientResponse came) {
        came.exceptionHandler(_ -> broken(""));
        if (over) {
            return;
        }
        if (came.statusCode() < 200 || came.statusCode() > 999) {
            broken("Its status is " + came.statusCode());
            return;
        }
        if (came.headers().getAll("content-length").stream().distinct().count() > 1) {
            broken("It has two lengths");
            return;
        }
        response = came;
        came.handler(told::content);
        came.endHandler(_ -> {
            over = true;
            told.complete(VertxClientStream.headers(came.trailers()));
        });
        told.head(came.statusCode(), VertxClientStream.headers(came.headers()));
    }

    private void broken(String malformed) {
        if (!over) {
            over = true;
            told.broken(malformed);
        }
    }

    @Override
    public void write(Buffer part) {
        var _ = request.write(part);
    }

    @Override
    public boolean isFull() {
        return request.writeQueueFull();
    }

    /** Vert.x sends no fields behind the content of a request. */
    @Override
    public void end(Headers trailers) {
        var _ = request.end();
    }

    @Override
    public void pause() {
        HttpClientResponse coming = response;
        if (coming != null) {
            coming.pause();
        }
    }

    @Override
    public void resume() {
        HttpClientResponse coming = response;
        if (coming != null) {
            coming.resume();
        }
    }

    @Override
    public void reset() {
        over = true;
        var _ = request.reset();
    }
}
