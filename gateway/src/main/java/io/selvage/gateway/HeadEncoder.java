package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import java.nio.charset.StandardCharsets;

/** Writes the lines of HTTP/1.1 messages (RFC 9112 §2.1). */
final class HeadEncoder {
    private static final int HEAD_BYTES = 256;
    private static final int MOST = 1000;
    private static final byte[][] STATUS_LINES = new byte[MOST][];
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CRLF = '\r' << 8 | '\n';
    /** What a field's line has beside its name and its value. */
    private static final int LINE_BYTES = 4;

    static {
        for (int status = 100; status < MOST; status++) {
            String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
            STATUS_LINES[status] = ("HTTP/1.1 " + status + " " + reason + "\r\n").getBytes(StandardCharsets.US_ASCII);
        }
    }

    private HeadEncoder() {}

    /**
     * The request line (RFC 9112 §3).
     *
     * @throws IllegalArgumentException if it cannot be sent
     */
    static void request(ByteBuf out, String method, String target) {
        FieldSyntax.checkRequestLine(method, target);
        text(out, method);
        out.writeByte(' ');
        text(out, target);
        out.writeBytes(VERSION);
    }

    /**
     * The status line (RFC 9112 §4).
     *
     * @throws IllegalArgumentException if the status has not three digits
     */
    static void status(ByteBuf out, int status) {
        if (status < 100 || status >= MOST) {
            throw new IllegalArgumentException("there is no status " + status);
        }
        out.writeBytes(STATUS_LINES[status]);
    }

    /**
     * A line for each field.
     *
     * @throws IllegalArgumentException if one cannot be sent
     */
    static void fields(ByteBuf out, Headers fields) {
        lines(out, fields, true);
    }

    /** As {@link #fields}, without {@code Content-Length}, which no response with 204 has (RFC 9110 §8.6). */
    static void fieldsWithoutLength(ByteBuf out, Headers fields) {
        lines(out, fields, false);
    }

    /** Into an array first: a buffer looks with each byte whether it is there. */
    private static void lines(ByteBuf out, Headers fields, boolean withLength) {
        int size = 0;
        for (int i = 0; i < fields.size(); i++) {
            size += length(fields.name(i), fields.value(i));
        }
        byte[] lines = new byte[size];
        int at = 0;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if (withLength || !name.equalsIgnoreCase("content-length")) {
                at = put(name, fields.value(i), lines, at);
            }
        }
        out.writeBytes(lines, 0, at);
    }

    /** How many bytes the line of a field has. */
    static int length(String name, String value) {
        return name.length() + value.length() + LINE_BYTES;
    }

    /**
     * Writes the line of a field.
     *
     * @return where the next byte goes
     * @throws IllegalArgumentException if it cannot be sent
     */
    static int put(String name, String value, byte[] to, int from) {
        int at = FieldSyntax.putToken(name, to, from);
        to[at++] = ':';
        to[at++] = ' ';
        at = FieldSyntax.putValue(value, to, at);
        to[at++] = '\r';
        to[at++] = '\n';
        return at;
    }

    /** A text of which it is known that it can be sent. */
    static void text(ByteBuf out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A whole response that tells of a problem and ends its connection, where no request can be answered. */
    static ByteBuf last(Problem problem) {
        byte[] body = problem.json(RequestIds.next());
        ByteBuf out = Unpooled.buffer(HEAD_BYTES + body.length);
        status(out, problem.status());
        fields(
                out,
                new Headers()
                        .add("Server", "Selvage")
                        .add("Connection", "close")
                        .add("Cache-Control", "no-store")
                        .add("Content-Type", Problem.MEDIA_TYPE)
                        .add("Content-Length", Integer.toString(body.length)));
        endLine(out);
        return out.writeBytes(body);
    }

    /** The end of a line. */
    static void endLine(ByteBuf out) {
        out.writeShort(CRLF);
    }
}
