package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * One request that the cache has no part in, and its answer, which passes as fast as its client takes it. Belongs to the event
 * loop of the client's connection.
 */
final class PassThrough implements OriginRequest.Answer {
    private final Recipient exchange;
    private final Upstream upstream;
    private boolean waits;

    private PassThrough(Proxy proxy, Recipient exchange) {
        this.exchange = exchange;
        upstream = proxy.upstream(
                exchange, exchange.head().method(), exchange.head().headers(), exchange.content(), this);
    }

    /** Asks where the request's route leads. */
    static void start(Proxy proxy, Recipient exchange) {
        Optional<Problem> busy = exchange.admit();
        if (busy.isPresent()) {
            exchange.fail(busy.get(), "");
            return;
        }
        PassThrough own = new PassThrough(proxy, exchange);
        exchange.whenGone(own.upstream::cancel);
        own.upstream.start();
    }

    @Override
    public void interim(int status, Headers fields) {
        exchange.interim(status, fields);
    }

    @Override
    public void head(int status, Headers fields) {
        upstream.stickyCookie().ifPresent(value -> fields.add("Set-Cookie", value));
        exchange.respond(status, fields, "");
    }

    @Override
    public void content(Buffer part) {
        waits = true;
        exchange.write(part, this::taken);
        if (waits) {
            upstream.pause();
        }
    }

    private void taken() {
        if (waits) {
            waits = false;
            upstream.resume();
        }
    }

    @Override
    public void end(Headers trailers) {
        exchange.end(trailers);
    }

    @Override
    public boolean stale() {
        return false;
    }

    @Override
    public void failed(Problem problem) {
        exchange.fail(problem, "");
    }
}
