package io.selvage.gateway;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** The first lines of HTTP/1.1 responses (RFC 9112 §4), encoded once. */
final class StatusLine {
    private static final int MOST = 1000;
    private static final byte[][] LINES = new byte[MOST][];

    static {
        for (int status = 100; status < MOST; status++) {
            String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
            LINES[status] = ("HTTP/1.1 " + status + " " + reason + "\r\n").getBytes(StandardCharsets.US_ASCII);
        }
    }

    private StatusLine() {}

    /** The line of a status of three digits, with its end; nobody changes it. */
    static byte[] of(int status) {
        if (status < 100 || status >= MOST) {
            throw new IllegalArgumentException("there is no status " + status);
        }
        return LINES[status];
    }
}
