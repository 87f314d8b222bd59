package io.selvage.node;

import java.net.InetSocketAddress;
import java.util.Map;

/**
 * A request without its body.
 *
 * @param id the id that the node gave it, unique, printable ASCII
 * @param method the method as it came, for example {@code GET}
 * @param scheme {@code http} or {@code https}
 * @param authority host and, where it came with one, port, as in the {@code Host} field
 * @param path the path, still percent-encoded, beginning with {@code /}
 * @param query what stands behind the {@code ?}, still percent-encoded; empty if nothing does
 * @param protocol {@code HTTP/1.0}, {@code HTTP/1.1}, {@code HTTP/2} or {@code HTTP/3}
 * @param headers the fields, without HTTP/2 pseudo-fields
 * @param remote where the connection comes from
 * @param local where it was accepted
 * @param route the pattern of the route that matched, without the method, for example {@code /cart/:id}
 * @param parameters the values of the route's {@code :param} segments, percent-decoded
 * @param trace the trace context to pass on
 * @param asked the path that the client has asked for, which is {@code path} until a rule rewrites that
 */
public record RequestHead(
        String id,
        String method,
        String scheme,
        String authority,
        String path,
        String query,
        String protocol,
        Headers headers,
        InetSocketAddress remote,
        InetSocketAddress local,
        String route,
        Map<String, String> parameters,
        TraceContext trace,
        String asked) {

    /** A request as it comes. */
    public RequestHead(
            String id,
            String method,
            String scheme,
            String authority,
            String path,
            String query,
            String protocol,
            Headers headers,
            InetSocketAddress remote,
            InetSocketAddress local,
            String route,
            Map<String, String> parameters,
            TraceContext trace) {
        this(
                id,
                method,
                scheme,
                authority,
                path,
                query,
                protocol,
                headers,
                remote,
                local,
                route,
                parameters,
                trace,
                path);
    }

    /** The whole URL as the client wrote it, as far as that can be known. */
    public String url() {
        return scheme + "://" + authority + path + (query.isEmpty() ? "" : "?" + query);
    }

    /** The same request with other fields. */
    public RequestHead withHeaders(Headers fields) {
        return with(id, method, scheme, path, query, fields, remote);
    }

    /** The same request under another id. */
    public RequestHead withId(String other) {
        return with(other, method, scheme, path, query, headers, remote);
    }

    /** The same request of a client behind a proxy. */
    public RequestHead withClient(InetSocketAddress client, String clientScheme) {
        return with(id, method, clientScheme, path, query, headers, client);
    }

    /** The same request, of which its destination gets another path. */
    public RequestHead withPath(String other) {
        return with(id, method, scheme, other, query, headers, remote);
    }

    /** The same request with another method. */
    public RequestHead withMethod(String other) {
        return other.equals(method) ? this : with(id, other, scheme, path, query, headers, remote);
    }

    /** The same request with another query. */
    public RequestHead withQuery(String other) {
        return with(id, method, scheme, path, other, headers, remote);
    }

    private RequestHead with(
            String id,
            String method,
            String scheme,
            String path,
            String query,
            Headers headers,
            InetSocketAddress remote) {
        return new RequestHead(
                id,
                method,
                scheme,
                authority,
                path,
                query,
                protocol,
                headers,
                remote,
                local,
                route,
                parameters,
                trace,
                asked);
    }
}
