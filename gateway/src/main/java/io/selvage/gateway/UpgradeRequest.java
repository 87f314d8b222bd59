package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.selvage.node.Headers;
import io.selvage.node.RequestPath;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a connection begins with a request that asks for HTTP/2 (RFC 7540 §3.2) and can be granted that: the request goes to
 * another reader then, so it must be whole, as strict as every other one of HTTP/1.1, and without content. A server may always ignore the
 * wish (RFC 9110 §7.8). For one request.
 */
final class UpgradeRequest implements RequestReader.Found {
    private static final String UPGRADE = "upgrade";
    private static final String SETTINGS = "http2-settings";
    private static final Set<String> ABOUT_THE_WAY = Set.of("CONNECT", "TRACE");

    private boolean granted;

    private UpgradeRequest() {}

    /** Looks at what has come, without taking it. */
    static boolean isGranted(Listener listener, ByteBuf come) {
        UpgradeRequest request = new UpgradeRequest();
        ByteBuf in = come.duplicate();
        try {
            new RequestReader(listener.largestLine(), listener.largestFields(), request).read(in);
        } catch (Refused | Malformed | IllegalArgumentException _) {
            return false;
        }
        return request.granted && !in.isReadable();
    }

    @Override
    public void head(RequestReader.Line line, Headers fields, long length) {
        granted = length == 0
                && line.protocol().equals("HTTP/1.1")
                && !ABOUT_THE_WAY.contains(line.method())
                && isPlain(line.target())
                && fields.all("host").size() == 1
                && !RequestTarget.host(fields.all("host").getFirst()).isEmpty()
                && fields.all(SETTINGS).size() == 1
                && !fields.contains("expect")
                && asks(fields);
    }

    /** Whether a target is a path, and perhaps a query. */
    private static boolean isPlain(String target) {
        int question = target.indexOf('?');
        return target.startsWith("/")
                && target.indexOf('#') < 0
                && RequestPath.normalize(question < 0 ? target : target.substring(0, question))
                        .text()
                        .startsWith("/");
    }

    /** Whether HTTP/2 is asked for, nothing else, and by no field of the connection that would be passed on. */
    private static boolean asks(Headers fields) {
        Set<String> options = new TreeSet<>();
        fields.members("connection").forEach(option -> options.add(option.toLowerCase(Locale.ROOT)));
        return options.equals(Set.of(UPGRADE, SETTINGS)) && fields.all(UPGRADE).equals(List.of("h2c"));
    }

    @Override
    public void content(Buffer part) {
        // there is none in what is granted
    }

    @Override
    public void end(Headers trailers) {
        // what follows is looked at by who reads the connection
    }
}
