package io.selvage.cgi;

import io.selvage.node.GuestException;
import io.selvage.node.Headers;
import io.selvage.node.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** Reads the head that a CGI program writes before its body (RFC 3875 §6.3). */
final class HeadParser {
    /** Fields about the connection, which is the gateway's; and {@code Status}, which becomes the status line. */
    private static final Set<String> LEFT_OUT = Set.of(
            "status", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade");

    private static final int SHOWN = 80;

    private HeadParser() {}

    /**
     * Reads a head.
     *
     * @param bytes holds the lines of the head, without the empty one, up to {@code length}; each ends with LF or CRLF
     * @throws GuestException if a line is not a field, or there is none of Content-Type, Location and Status
     */
    static ResponseHead parse(byte[] bytes, int length) {
        Headers headers = new Headers();
        int status = 0;
        boolean sufficient = false;
        boolean located = false;
        int start = 0;
        while (start < length) {
            int end = start;
            while (end < length && bytes[end] != '\n') {
                end++;
            }
            int next = end + 1;
            if (end > start && bytes[end - 1] == '\r') {
                end--;
            }
            // A character a byte: what the guest writes goes out as it is.
            String line = new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
            start = next;
            String name = name(line);
            String value = value(line, name);
            String lower = name.toLowerCase(Locale.ROOT);
            switch (lower) {
                case "status" -> status = status(line, value);
                case "location" -> located = true;
                case "content-type" -> sufficient = true;
                default -> {}
            }
            if (!LEFT_OUT.contains(lower)) {
                headers.add(name, value);
            }
        }
        if (!sufficient && !located && status == 0) {
            throw new GuestException("the head that the function wrote has none of Content-Type, Location and Status;"
                    + " write at least \"Content-Type: text/plain\" before the empty line");
        }
        return new ResponseHead(status != 0 ? status : located ? 302 : 200, headers);
    }

    private static String name(String line) {
        int colon = line.indexOf(':');
        for (int i = 0; i < colon; i++) {
            if (!isTokenCharacter(line.charAt(i))) {
                colon = -1;
            }
        }
        if (colon < 1) {
            throw new GuestException("the function wrote " + show(line) + " where a line of the response's head is"
                    + " expected; a head is lines such as \"Content-Type: text/plain\" and then an empty line");
        }
        return line.substring(0, colon);
    }

    private static String value(String line, String name) {
        String value = line.substring(name.length() + 1).strip();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                throw new GuestException("the value of the field " + name
                        + " that the function wrote holds a control character, which no field may");
            }
        }
        return value;
    }

    private static int status(String line, String value) {
        int status = value.length() >= 3 && (value.length() == 3 || value.charAt(3) == ' ') ? number(value) : -1;
        if (status < 200 || status > 599) {
            throw new GuestException("the function wrote " + show(line)
                    + "; a status is a number from 200 to 599, for example \"Status: 404 Not Found\"");
        }
        return status;
    }

    private static int number(String value) {
        int number = 0;
        for (int i = 0; i < 3; i++) {
            char c = value.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }

    /** A line for a message: in quotes, short, without control characters. */
    static String show(String line) {
        String cut = line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
        return "\"" + cut.replaceAll("\\p{Cntrl}", "?") + "\"";
    }

    /** A character of a field's name (RFC 9110 §5.6.2). */
    private static boolean isTokenCharacter(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
}
