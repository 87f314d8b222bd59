package io.selvage.gateway;

import io.selvage.node.RequestHead;
import io.selvage.node.RequestPath;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an include asks for (RFC 3986 §5.2).
 *
 * @param authority host and, where there is one, port
 * @param host the host in small letters, without the port
 * @param path the path as {@link RequestPath} normalises it
 * @param query what stands behind the {@code ?}; empty if nothing does
 * @param sameHost whether the authority is the page's own
 */
record IncludeTarget(String authority, String host, String path, String query, boolean sameHost) {
    /** The longest URL, characters. */
    private static final int LONGEST = 8 << 10;

    private static final Pattern ABSOLUTE = Pattern.compile("(?:([A-Za-z][A-Za-z0-9+.-]*):)?//([^/?]*)(.*)");
    private static final Pattern OTHER_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");

    /**
     * Reads a URL as a page has it.
     *
     * @param page the request of the page, which relative URLs are relative to
     * @throws IllegalArgumentException with a message for people, if nothing can be asked for
     */
    static IncludeTarget of(RequestHead page, String url) {
        String text = url.strip();
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("the URL is longer than " + LONGEST + " characters");
        }
        int fragment = text.indexOf('#');
        text = fragment < 0 ? text : text.substring(0, fragment);
        String authority = page.authority();
        Matcher absolute = ABSOLUTE.matcher(text);
        if (absolute.matches()) {
            String scheme = absolute.group(1);
            if (scheme != null && !scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
                throw new IllegalArgumentException("\"" + scheme + "\" is not HTTP");
            }
            authority = absolute.group(2);
            text = absolute.group(3).startsWith("/") ? absolute.group(3) : "/" + absolute.group(3);
        } else if (OTHER_SCHEME.matcher(text).matches()) {
            throw new IllegalArgumentException("it is no URL of HTTP");
        }
        int question = text.indexOf('?');
        String path = question < 0 ? text : text.substring(0, question);
        String query = question < 0 ? "" : text.substring(question + 1);
        if (query.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new IllegalArgumentException("the query holds a character that must be percent-encoded");
        }
        try {
            return new IncludeTarget(
                    authority,
                    RequestTarget.host(authority),
                    RequestPath.normalize(absolute(page.path(), path)).text(),
                    query,
                    authority.equalsIgnoreCase(page.authority()));
        } catch (Refused refused) {
            throw new IllegalArgumentException(refused.problem().detail(), refused);
        }
    }

    private static String absolute(String base, String path) {
        if (path.startsWith("/")) {
            return path;
        }
        return path.isEmpty() ? base : base.substring(0, base.lastIndexOf('/') + 1) + path;
    }
}
