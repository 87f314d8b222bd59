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
    private static final int COLON = ':' << 8 | ' ';

    static {
        for (int status = 100; status < MOST; status++) {
            String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
            STATUS_LINES[status] = ("HTTP/1.1 " + status + " " + reason + "\r\n").getBytes(StandardCharsets.US_ASCII);
        }
    }

    private HeadEncoder() {}

    /** The request line (RFC 9112 §3); who calls has looked whether it can be sent. */
    static void request(ByteBuf out, String method, String target) {
        out.writeCharSequence(method, StandardCharsets.ISO_8859_1);
        out.writeByte(' ');
        out.writeCharSequence(target, StandardCharsets.ISO_8859_1);
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
        fields.forEach((name, value) -> field(out, name, value));
    }

    /** As {@link #fields}, without {@code Content-Length}, which no response with 204 has (RFC 9110 §8.6). */
    static void fieldsWithoutLength(ByteBuf out, Headers fields) {
        fields.forEach((name, value) -> {
            if (!name.equalsIgnoreCase("content-length")) {
                field(out, name, value);
            }
        });
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

    private static void field(ByteBuf out, String name, String value) {
        if (!FieldSyntax.isToken(name) || !FieldSyntax.isValue(value)) {
            throw new IllegalArgumentException("there is a character that cannot be sent");
        }
        out.writeCharSequence(name, StandardCharsets.ISO_8859_1);
        out.writeShort(COLON);
        out.writeCharSequence(value, StandardCharsets.ISO_8859_1);
        out.writeShort(CRLF);
    }

    /** The end of a line. */
    static void endLine(ByteBuf out) {
        out.writeShort(CRLF);
    }
}
