package io.selvage.gateway;

import io.netty.channel.Channel;
import io.selvage.gateway.OriginStream.Unreachable;
import io.selvage.node.Headers;
import io.selvage.node.OriginRetry;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.origins.CircuitBreaker;
import io.selvage.origins.CircuitBreaker.Permit;
import io.selvage.origins.Member;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that asks to go on in another protocol (RFC 9110 §7.8), WebSocket for one: if the origin agrees, bytes pass both ways
 * until either side ends, each as fast as the other takes them; if not, the client gets the origin's answer. It is one of the
 * requests that run at its address until it ends, and its connection one of those that its address may have. Belongs to an
 * event loop.
 */
final class Tunnel {
    private final ProxyExchange exchange;
    private final Origin origin;
    private final List<Member> tried = new ArrayList<>();
    private Optional<Member> asked = Optional.empty();
    private Optional<Runnable> place = Optional.empty();
    private Permit permit = Permit.REFUSED;
    private @Nullable Stall stalled;
    private boolean over;

    private Tunnel(ProxyExchange exchange, Origin origin) {
        this.exchange = exchange;
        this.origin = origin;
    }

    /** Whether a request asks for another protocol in a way that can be passed on: without content, in HTTP/1.1. */
    static boolean isAskedFor(ClientStream request, Headers fields, boolean hasBody) {
        return request.protocol().equals("HTTP/1.1")
                && !hasBody
                && request.method().equals("GET")
                && fields.contains("upgrade")
                && fields.members("connection").stream().anyMatch("upgrade"::equalsIgnoreCase)
                && !fields.first("upgrade").orElse("").toLowerCase(Locale.ROOT).startsWith("h2c");
    }

    /** Asks the origin; on the event loop of the client's connection. */
    static void open(ProxyExchange exchange, Origin origin) {
        new Tunnel(exchange, origin).begin();
    }

    private void begin() {
        origin.begin();
        long now = System.nanoTime();
        Optional<CircuitBreaker> breaker = origin.breaker();
        permit = breaker.isEmpty() ? Permit.USUAL : breaker.get().tryPass(now);
        if (permit == Permit.REFUSED) {
            origin.metrics().breakerRefused();
            long seconds = breaker.map(b -> b.openNanos(now) / 1_000_000_000L).orElse(0L);
            fail(503, "origin-open", "Most requests to it have failed; it is tried again soon", (int)
                    Math.min(3_600, seconds + 1));
            return;
        }
        ask();
    }

    private void ask() {
        RequestHead head = exchange.head();
        Optional<Member> member = origin.choose(head, tried);
        if (member.isEmpty()) {
            fail(503, "origin-drained", "All its addresses get no new requests", 1);
            return;
        }
        member.get().begin();
        asked = member;
        LoopState loop = exchange.guard().loop();
        origin.connections().reserve(loop, member.get(), place -> reserved(member.get(), place));
    }

    /** The connection has a place among those to an address, or there is none. */
    private void reserved(Member member, Optional<Runnable> taken) {
        place = taken;
        if (exchange.isOver()) {
            finish();
            return;
        }
        if (taken.isEmpty()) {
            busy(member);
            return;
        }
        RequestHead head = exchange.head();
        origin.client(exchange.guard().loop())
                .request(OriginClients.to(origin.definition(), member)
                        .setMethod(HttpMethod.GET)
                        .setURI(head.query().isEmpty() ? head.path() : head.path() + "?" + head.query()))
                .onComplete(this::send, cause -> unreachable(member, VertxConnections.reason(cause)));
    }

    private void busy(Member member) {
        leave();
        next(member, 503, "origin-busy", "All connections that it may have are in use", 1);
    }

    private void unreachable(Member member, Unreachable why) {
        if (exchange.isOver()) {
            finish();
            return;
        }
        if (why == Unreachable.BUSY) {
            busy(member);
            return;
        }
        leave();
        origin.failed(member);
        next(member, 502, "origin-unreachable", "No connection could be made", 0);
    }

    /** Goes on with another address, which is safe as nothing has been sent; without one, says why this one was none. */
    private void next(Member member, int status, String kind, String detail, int retryAfter) {
        tried.add(member);
        OriginRetry retry = origin.definition().retry();
        boolean may = tried.size() <= retry.attempts() && retry.on().contains(OriginRetry.Failure.CONNECT);
        if (may
                && origin.choose(exchange.head(), tried)
                        .filter(other -> !tried.contains(other))
                        .isPresent()) {
            origin.metrics().retried("connect");
            ask();
        } else {
            settle(status == 502);
            fail(status, kind, detail, retryAfter);
        }
    }

    private void leave() {
        asked.ifPresent(Member::end);
        asked = Optional.empty();
        place.ifPresent(Runnable::run);
        place = Optional.empty();
    }

    /** It runs no longer. */
    private void finish() {
        if (!over) {
            over = true;
            endStall();
            leave();
            if (permit != Permit.REFUSED) {
                origin.breaker().ifPresent(b -> b.abandoned(permit));
            }
            origin.end();
        }
    }

    private void send(HttpClientRequest asked) {
        if (exchange.isOver()) {
            abandon(asked);
            return;
        }
        if (asked.version() == HttpVersion.HTTP_2) {
            var _ = asked.reset();
            fail(502, "origin-upgrade", "It speaks HTTP/2, which has no Upgrade", 0);
            return;
        }
        RequestHead head = exchange.head();
        Headers fields = ProxyFields.toOrigin(head.headers(), head, origin.definition(), false);
        fields.forEach(asked.headers()::add);
        OriginClients.host(asked, fields.first("host").orElse(""));
        asked.headers()
                .set("Connection", "Upgrade")
                .set("Upgrade", head.headers().first("upgrade").orElse(""));
        exchange.whenGone(() -> abandon(asked));
        // That the connection ends is told by other means, and would be logged as an error without this
        asked.exceptionHandler(_ -> {});
        asked.connect().onComplete(this::answered, _ -> closed());
    }

    /** Nobody wants what was asked for: its connection goes too. */
    private void abandon(HttpClientRequest asked) {
        var _ = asked.reset();
        if (asked.version() != HttpVersion.HTTP_2) {
            var _ = asked.connection().close();
        }
        finish();
    }

    private void closed() {
        if (!exchange.isOver()) {
            asked.ifPresent(origin::failed);
            settle(true);
        }
        fail(502, "origin-closed", "It closed the connection", 0);
    }

    private void settle(boolean failed) {
        origin.passed(permit, failed);
        permit = Permit.REFUSED;
    }

    private void answered(HttpClientResponse came) {
        if (exchange.isOver()) {
            finish();
            return;
        }
        boolean failed = came.statusCode() >= 502 && came.statusCode() <= 504;
        asked.ifPresent(failed ? origin::failed : origin::succeeded);
        settle(failed);
        if (came.statusCode() != 101) {
            refused(came);
            return;
        }
        NetSocket there = came.netSocket();
        there.pause();
        Headers fields = ProxyFields.fromOrigin(VertxClientStream.headers(came.headers()));
        fields.set("Connection", "Upgrade")
                .set("Upgrade", String.valueOf(came.headers().get("upgrade")));
        fields.remove("content-length");
        join(
                exchange.switchProtocols(fields),
                there,
                ((ConnectionBase) came.request().connection()).channel());
    }

    /** The origin goes on in HTTP: its answer is the client's. */
    private void refused(HttpClientResponse came) {
        exchange.respond(came.statusCode(), ProxyFields.fromOrigin(VertxClientStream.headers(came.headers())), "");
        came.handler(part -> {
            came.pause();
            exchange.write(part, came::resume);
        });
        came.exceptionHandler(_ -> fail(502, "origin-broken", "Its answer is not complete", 0));
        came.endHandler(_ -> {
            exchange.end();
            var _ = came.request().connection().close();
            finish();
        });
    }

    /**
     * Passes bytes both ways.
     *
     * @param channel the origin's, which is not read while the client is slow: what a paused {@link NetSocket} holds would be lost
     *     when the origin closes
     */
    private void join(Pipe here, NetSocket there, Channel channel) {
        here.read(
                part -> {
                    exchange.passed(part.length());
                    var _ = there.write(part);
                    if (there.writeQueueFull()) {
                        here.pause();
                        there.drainHandler(_ -> here.resume());
                    }
                },
                () -> {
                    exchange.closed();
                    closeWhenTaken(there, channel);
                });
        there.handler(part -> {
            exchange.passed(part.length());
            here.write(part);
            if (here.isFull()) {
                channel.config().setAutoRead(false);
                here.whenDrained(() -> channel.config().setAutoRead(true));
            }
        });
        there.endHandler(_ -> {
            stalled = exchange.stall(here::abandon);
            here.close();
        });
        there.exceptionHandler(_ -> there.close());
        here.resume();
        there.resume();
    }

    /** The client has ended: what it has sent is still the origin's. */
    private void closeWhenTaken(NetSocket there, Channel channel) {
        endStall();
        stalled = exchange.stall(channel::close);
        there.write(Buffer.buffer()).onComplete(_ -> {
            there.close();
            finish();
        });
    }

    private void endStall() {
        Stall ended = stalled;
        if (ended != null) {
            stalled = null;
            exchange.guard().loop().remove(ended);
        }
    }

    private void fail(int status, String kind, String detail, int retryAfter) {
        finish();
        exchange.fail(
                new Problem(
                        status,
                        kind,
                        "The origin cannot be reached",
                        detail + ".",
                        "",
                        retryAfter,
                        List.of("origin", origin.definition().name())),
                "");
    }
}
