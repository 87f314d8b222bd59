package io.selvage.gateway;

import io.selvage.node.GuestException;
import io.selvage.node.Headers;
import io.selvage.node.ResponseHead;
import io.selvage.node.RuleRun;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The fields of a guest's response: checks them, and leaves out those that are between a client and the gateway. */
final class ResponseFields {
    /** A date that is formatted once a second. */
    private record Date(long second, String text) {}

    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");
    private static final DateTimeFormatter RFC_1123 = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static volatile Date date = new Date(0, "");

    private ResponseFields() {}

    /**
     * The length that the head declares; -1 if it declares none.
     *
     * @throws GuestException if the head could break the framing of the response, or is none
     */
    static long check(ResponseHead head) {
        if (head.status() < 200 || head.status() > 599) {
            throw new GuestException(
                    "The function answered with the status " + head.status() + "; a status is 200 to 599");
        }
        head.headers().forEach(ResponseFields::check);
        List<String> lengths = head.headers().all("content-length");
        if (lengths.isEmpty()) {
            return -1;
        }
        try {
            String text = lengths.getFirst().strip();
            long length = Long.parseLong(text);
            if (length >= 0 && Character.isDigit(text.charAt(0)) && new HashSet<>(lengths).size() == 1) {
                return length;
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new GuestException("The function answered with the Content-Length \"" + String.join(", ", lengths)
                + "\", which is not one whole number");
    }

    private static void check(String name, String value) {
        if (!FieldSyntax.isToken(name)) {
            throw new GuestException("The function answered with a header field whose name is not a token (RFC 9110 "
                    + "\u00a75.6.2): \"" + printable(name) + "\"");
        }
        if (!FieldSyntax.isValue(value)) {
            throw new GuestException("The function answered with a header field \"" + name
                    + "\" whose value holds a control character or one above U+00FF: \"" + printable(value) + "\"");
        }
    }

    /** The fields that pass to the client; with {@code Server} and {@code Date} where the guest set none. */
    static Headers passed(Headers from) {
        Set<String> dropped = HOP_BY_HOP;
        if (from.contains("connection")) {
            dropped = new HashSet<>(dropped);
            for (String name : from.members("connection")) {
                dropped.add(name.toLowerCase(Locale.ROOT));
            }
        }
        boolean[] has = new boolean[3];
        Set<String> leftOut = dropped;
        Headers to = new Headers();
        from.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (leftOut.contains(lower)) {
                return;
            }
            if (lower.equals("content-length")) {
                if (has[2]) {
                    return;
                }
                has[2] = true;
            }
            has[0] |= lower.equals("server");
            has[1] |= lower.equals("date");
            to.add(name, value.strip());
        });
        own(to, !has[0], !has[1]);
        return to;
    }

    /** The fields of a response as the rules of a route, which have the last word, leave them. */
    static Headers rule(RuleRun run, int status, Headers fields) {
        return run == RuleRun.NONE ? fields : run.response(status, fields);
    }

    /** Adds the gateway's own fields. */
    static void own(Headers to, boolean server, boolean withDate) {
        if (server) {
            to.add("Server", "Selvage");
        }
        if (withDate) {
            to.add("Date", date());
        }
    }

    /** The present time as a {@code Date} field has it (RFC 9110 §5.6.7). */
    static String date() {
        long second = System.currentTimeMillis() / 1000;
        Date known = date;
        if (known.second != second) {
            known = new Date(second, RFC_1123.format(Instant.ofEpochSecond(second)));
            date = known;
        }
        return known.text;
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < Math.min(60, text.length()); i++) {
            char c = text.charAt(i);
            printable.append(c >= ' ' && c < 127 ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return printable.toString();
    }

    /** How many bytes a content has as far as its head says; -1 if it does not, the most there can be if it lies. */
    static long declaredLength(Headers fields) {
        Optional<String> length = fields.first("content-length");
        try {
            return length.isEmpty() ? -1 : Long.parseLong(length.get().strip());
        } catch (NumberFormatException _) {
            return Long.MAX_VALUE;
        }
    }
}
