package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.node.OriginDefinition;
import io.selvage.node.RequestHead;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The fields that pass between a client and an origin, without those of one connection (RFC 9110 §7.6). */
final class ProxyFields {
    /** This gateway's name in {@code Via}. */
    private static final String NAME = "selvage";

    private static final String USUAL_VIA = "1.1 " + NAME;

    private static final String MAX_FORWARDS = "Max-Forwards";

    /** What concerns one connection, or names other addresses of who sends it (RFC 7838), which are not the gateway's. */
    private static final FieldNames OF_CONNECTION = FieldNames.of(
            "alt-svc",
            "close",
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    /** What the gateway says itself, so that an origin can rely on it, whatever the client has sent. */
    private static final FieldNames OWN = FieldNames.of(
            "host",
            "expect",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-port",
            "x-real-ip",
            "x-request-id",
            "via",
            "traceparent",
            "tracestate");

    private static final Dropped NONE_NAMED = new Dropped(Set.of());

    private ProxyFields() {}

    /**
     * The fields of a request to an origin.
     *
     * @param fields the request's, perhaps with other conditions than it came with
     */
    static Headers toOrigin(Headers fields, RequestHead head, OriginDefinition origin, boolean hasBody) {
        Headers to = new Headers();
        String client = client(head);
        to.add("Host", origin.host().orElse(head.authority()));
        Dropped dropped = dropped(fields);
        fields.forEach((name, value) -> {
            if (!dropped.contains(name)
                    && !OWN.contains(name)
                    && !name.equalsIgnoreCase("cookie")
                    && (hasBody || !name.equalsIgnoreCase("content-length"))) {
                to.add(name, value);
            }
        });
        forwards(head).ifPresent(left -> to.set(MAX_FORWARDS, Long.toString(left - 1)));
        List<String> cookies = fields.all("cookie");
        if (!cookies.isEmpty() && !dropped.contains("cookie")) {
            to.add("Cookie", String.join("; ", cookies));
        }
        to.add("X-Forwarded-For", client);
        to.add("X-Forwarded-Host", head.authority());
        to.add("X-Forwarded-Proto", head.scheme());
        to.add("Forwarded", forwarded(client, head));
        to.add("X-Request-Id", head.id());
        to.add("traceparent", head.trace().traceparent());
        if (takesTrailers(fields)) {
            to.add("TE", "trailers");
        }
        if (!head.trace().state().isEmpty()) {
            to.add("tracestate", head.trace().state());
        }
        return to.add("Via", via(fields, head.protocol()));
    }

    /** How often a request may still be passed on (RFC 9110 §7.6.2); nothing if it does not say, or need not be asked. */
    static OptionalLong forwards(RequestHead head) {
        if (!head.method().equals("OPTIONS")) {
            return OptionalLong.empty();
        }
        List<String> lines = head.headers().all(MAX_FORWARDS);
        return lines.size() == 1 && FieldSyntax.isLength(lines.getFirst())
                ? OptionalLong.of(Long.parseLong(lines.getFirst()))
                : OptionalLong.empty();
    }

    /**
     * Sees to it that a request can be sent as it is, without changing what comes after it.
     *
     * @throws IllegalArgumentException if it cannot
     */
    static void check(String method, String target, Headers fields) {
        FieldSyntax.checkRequestLine(method, target);
        if (!canBeSent(fields)) {
            throw FieldSyntax.cannotBeSent();
        }
    }

    /** Whether each of these fields has a name, and ends where its line ends. */
    static boolean canBeSent(Headers fields) {
        return fields.allMatch((name, value) -> FieldSyntax.isToken(name) && FieldSyntax.isValue(value));
    }

    /** The client's IP address. */
    static String client(RequestHead head) {
        return head.remote().getAddress() == null
                ? "unknown"
                : head.remote().getAddress().getHostAddress();
    }

    /** The value of a cookie of a request, the first if there are more of its name (RFC 6265 §4.2). */
    static Optional<String> cookie(Headers fields, String name) {
        for (String line : fields.all("cookie")) {
            for (String pair : line.split(";")) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    return Optional.of(pair.substring(equals + 1).strip());
                }
            }
        }
        return Optional.empty();
    }

    /** RFC 7239: an address of IPv6 is bracketed, and what is no token is quoted; an authority has nothing to escape. */
    private static String forwarded(String client, RequestHead head) {
        String address = client.contains(":") ? "\"[" + client + "]\"" : client;
        return "for=" + address + ";host=\"" + head.authority() + "\";proto=" + head.scheme();
    }

    private static String via(Headers fields, String protocol) {
        List<String> before = fields.all("via");
        String own =
                protocol.equals("HTTP/1.1") ? USUAL_VIA : protocol.substring(protocol.indexOf('/') + 1) + " " + NAME;
        return before.isEmpty() ? own : String.join(", ", before) + ", " + own;
    }

    /** The fields of an origin's response that concern its client. */
    static Headers fromOrigin(Headers all) {
        Headers passed = passed(all);
        if (!passed.contains("date")) {
            passed.add("Date", ResponseFields.date());
        }
        return passed.set("Via", via(passed, "HTTP/1.1"));
    }

    /** What must not stand behind a content (RFC 9110 §6.5.1): framing, routing, authentication, and how the content is meant. */
    private static final FieldNames NOT_TRAILERS = FieldNames.of(
            "age",
            "authorization",
            "cache-control",
            "content-encoding",
            "content-length",
            "content-range",
            "content-type",
            "date",
            "expires",
            "host",
            "location",
            "retry-after",
            "set-cookie",
            "vary",
            "www-authenticate");

    /** The fields behind a response's content that concern its client; none, if one of them cannot be sent. */
    static Headers trailers(Headers all) {
        if (all.size() == 0) {
            return all;
        }
        Headers passed = new Headers();
        passed(all).forEach((name, value) -> {
            if (!NOT_TRAILERS.contains(name)) {
                passed.add(name, value);
            }
        });
        return canBeSent(passed) ? passed : ClientStream.NO_TRAILERS;
    }

    /** What says behind a request's content what only its head can say (RFC 9110 §6.5.1), or who asks. */
    private static final FieldNames NOT_REQUEST_TRAILERS = FieldNames.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "cookie",
            "from",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "max-forwards",
            "origin",
            "pragma",
            "range",
            "referer",
            "user-agent");

    /**
     * The fields behind a request's content that an origin gets: none that stands in the head, that the gateway says itself, or
     * that would mean something else there. No rule sees them.
     *
     * @param sent the head's, as the origin gets them
     */
    static Headers requestTrailers(Headers all, Headers sent) {
        if (all.size() == 0) {
            return all;
        }
        Headers passed = new Headers();
        passed(all).forEach((name, value) -> {
            String plain = name.toLowerCase(Locale.ROOT).replace('_', '-');
            if (!OWN.contains(plain)
                    && !NOT_TRAILERS.contains(plain)
                    && !NOT_REQUEST_TRAILERS.contains(plain)
                    && !OF_CONNECTION.contains(plain)
                    && !ClientIdentity.isOwn(plain)
                    && !sent.contains(plain)
                    && !sent.contains(name)) {
                passed.add(name, value);
            }
        });
        return passed;
    }

    /** Whether who asks takes fields behind a content (RFC 9110 §10.1.4). */
    static boolean takesTrailers(Headers fields) {
        return fields.contains("te") && fields.members("te").stream().anyMatch("trailers"::equalsIgnoreCase);
    }

    /** The fields of an interim response that concern its client. */
    static Headers interim(Headers all) {
        return passed(all).remove("content-length");
    }

    private static Headers passed(Headers all) {
        Dropped dropped = dropped(all);
        Headers passed = new Headers();
        all.forEach((name, value) -> {
            if (!dropped.contains(name)) {
                passed.add(name, value);
            }
        });
        return passed;
    }

    /**
     * The fields that end here: those that always do, and those that {@code Connection} names (RFC 9110 §7.6.1).
     *
     * @param named in lower case, without those that always do; a client may name thousands
     */
    private record Dropped(Set<String> named) {
        boolean contains(String name) {
            return OF_CONNECTION.contains(name) || (!named.isEmpty() && named.contains(name.toLowerCase(Locale.ROOT)));
        }
    }

    private static Dropped dropped(Headers fields) {
        Dropped dropped = NONE_NAMED;
        for (String name : fields.members("connection")) {
            if (!OF_CONNECTION.contains(name)) {
                dropped = dropped == NONE_NAMED ? new Dropped(new HashSet<>()) : dropped;
                dropped.named.add(name.toLowerCase(Locale.ROOT));
            }
        }
        return dropped;
    }
}
