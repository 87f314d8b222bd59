package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.node.RequestPath;
import java.util.List;
import java.util.Locale;

/**
 * What a request asks for, as its target and {@code Host} say (RFC 9112 §3.2, RFC 9113 §8.3.1).
 *
 * @param authority host and, where it came with one, port
 * @param host the host in small letters, without the port and a last dot
 * @param path the path as {@link RequestPath} normalises it
 * @param query what stands behind the {@code ?}; empty if nothing does
 */
record RequestTarget(String authority, String host, String path, String query) {
    /**
     * Reads it.
     *
     * @throws Refused if there is none
     */
    static RequestTarget of(ClientStream request, Headers headers) {
        String uri = request.target();
        String authority = request.isMultiplexed() ? request.authority() : http1Authority(request, headers);
        if (!uri.startsWith("/") && uri.regionMatches(true, 0, "http", 0, 4) && uri.contains("://")) {
            int begin = uri.indexOf("://") + 3;
            int end = begin;
            while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
                end++;
            }
            authority = uri.substring(begin, end);
            uri = end < uri.length() && uri.charAt(end) == '/' ? uri.substring(end) : "/" + uri.substring(end);
        }
        int fragment = uri.indexOf('#');
        int question = uri.indexOf('?');
        if (fragment >= 0) {
            throw Refused.malformed("The target holds a fragment (\"#\")");
        }
        String raw = question < 0 ? uri : uri.substring(0, question);
        String query = question < 0 ? "" : uri.substring(question + 1);
        checkQuery(query);
        try {
            return new RequestTarget(
                    authority, host(authority), RequestPath.normalize(raw).text(), query);
        } catch (IllegalArgumentException e) {
            throw Refused.malformed("In the target, " + e.getMessage());
        }
    }

    /**
     * The target {@code *}, which stands for the server and no path of it (RFC 9112 §3.2.4).
     *
     * @throws Refused if there is no host
     */
    static RequestTarget ofServer(ClientStream request, Headers headers) {
        String authority = request.isMultiplexed() ? request.authority() : http1Authority(request, headers);
        return new RequestTarget(authority, host(authority), "*", "");
    }

    private static void checkQuery(String query) {
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                throw Refused.malformed("The query holds a character that must be percent-encoded");
            }
        }
    }

    private static String http1Authority(ClientStream request, Headers headers) {
        List<String> hosts = headers.all("host");
        if (hosts.size() > 1) {
            throw Refused.malformed("There is more than one Host field");
        }
        if (hosts.isEmpty() && request.protocol().equals("HTTP/1.1")) {
            throw Refused.malformed("There is no Host field; HTTP/1.1 asks for one (RFC 9112 \u00a73.2)");
        }
        return hosts.isEmpty() ? "" : hosts.getFirst();
    }

    /**
     * The host in an authority, in small letters, without the port and a last dot.
     *
     * @throws Refused if there is none
     */
    static String host(String authority) {
        int end = authority.length();
        int colon = authority.lastIndexOf(':');
        if (colon >= 0 && authority.indexOf(']', colon) < 0) {
            for (int i = colon + 1; i < end; i++) {
                if (!Character.isDigit(authority.charAt(i))) {
                    throw Refused.malformed("The Host field is not a host and a port");
                }
            }
            end = colon;
        }
        for (int i = 0; i < end; i++) {
            char c = authority.charAt(i);
            boolean fits = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-._~[]:!$&'()*+,;=%".indexOf(c) >= 0;
            if (!fits) {
                throw Refused.malformed("The Host field holds a character that no host has");
            }
        }
        if (end > 1 && authority.charAt(end - 1) == '.') {
            end--;
        }
        return authority.substring(0, end).toLowerCase(Locale.ROOT);
    }
}
