package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.origins.Member;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A request that asks to go on in another protocol (RFC 9110 §7.8), WebSocket for one: if the origin agrees, bytes pass both ways
 * until either side ends, each as fast as the other takes them; if not, the client gets the origin's answer. Belongs to an
 * event loop.
 */
final class Tunnel {
    private final ProxyExchange exchange;
    private final Origin origin;

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
                && fields.all("connection").stream()
                        .anyMatch(line -> List.of(line.toLowerCase(Locale.ROOT)
                                        .replace(" ", "")
                                        .split(","))
                                .contains("upgrade"))
                && !fields.first("upgrade").orElse("").toLowerCase(Locale.ROOT).startsWith("h2c");
    }

    /** Asks the origin; on the event loop of the client's connection. */
    static void open(ProxyExchange exchange, Origin origin) {
        new Tunnel(exchange, origin).ask();
    }

    private void ask() {
        RequestHead head = exchange.head();
        Optional<Member> member = origin.choose(head, List.of());
        if (member.isEmpty()) {
            fail("origin-drained", "All its addresses get no new requests");
            return;
        }
        origin.client(exchange.guard().loop())
                .request(OriginClients.to(origin.definition(), member.get())
                        .setMethod(HttpMethod.GET)
                        .setURI(head.query().isEmpty() ? head.path() : head.path() + "?" + head.query()))
                .onComplete(this::send, _ -> fail("origin-unreachable", "No connection could be made"));
    }

    private void send(HttpClientRequest asked) {
        if (exchange.isOver()) {
            var _ = asked.reset();
            return;
        }
        if (asked.version() == HttpVersion.HTTP_2) {
            var _ = asked.reset();
            fail("origin-upgrade", "It speaks HTTP/2, which has no Upgrade");
            return;
        }
        RequestHead head = exchange.head();
        Headers fields = ProxyFields.toOrigin(head.headers(), head, origin.definition(), false);
        fields.forEach(asked.headers()::add);
        OriginClients.host(asked, fields.first("host").orElse(""));
        asked.headers()
                .set("Connection", "Upgrade")
                .set("Upgrade", head.headers().first("upgrade").orElse(""));
        exchange.whenGone(() -> {
            var _ = asked.reset();
        });
        asked.connect().onComplete(this::answered, _ -> fail("origin-closed", "It closed the connection"));
    }

    private void answered(HttpClientResponse came) {
        if (exchange.isOver()) {
            return;
        }
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
        join(exchange.switchProtocols(fields), there);
    }

    /** The origin goes on in HTTP: its answer is the client's. */
    private void refused(HttpClientResponse came) {
        exchange.respond(came.statusCode(), ProxyFields.fromOrigin(VertxClientStream.headers(came.headers())), "");
        came.handler(part -> {
            came.pause();
            exchange.write(part, came::resume);
        });
        came.exceptionHandler(_ -> fail("origin-broken", "Its answer is not complete"));
        came.endHandler(_ -> exchange.end());
    }

    private void join(Pipe here, NetSocket there) {
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
                    there.close();
                    exchange.closed();
                });
        there.handler(part -> {
            exchange.passed(part.length());
            here.write(part);
            if (here.isFull()) {
                there.pause();
                here.whenDrained(there::resume);
            }
        });
        there.closeHandler(_ -> here.close());
        there.exceptionHandler(_ -> there.close());
        here.resume();
        there.resume();
    }

    private void fail(String kind, String detail) {
        exchange.fail(
                new Problem(
                        502,
                        kind,
                        "The origin cannot be reached",
                        detail + ".",
                        "",
                        0,
                        List.of("origin", origin.definition().name())),
                "");
    }
}
