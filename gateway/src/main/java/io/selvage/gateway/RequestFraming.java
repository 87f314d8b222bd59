package io.selvage.gateway;

import io.selvage.node.Headers;
import java.util.List;

/** How a request says that it has a body, and how long that is (RFC 9112 §6). */
final class RequestFraming {
    private RequestFraming() {}

    /** How long the body is: 0 for none, -1 if that is not known. */
    static long length(Headers headers, boolean http2) {
        List<String> encodings = headers.all("transfer-encoding");
        List<String> lengths = headers.all("content-length");
        if (!encodings.isEmpty()) {
            if (encodings.size() > 1 || !encodings.getFirst().strip().equalsIgnoreCase("chunked")) {
                throw new Refused(
                        501,
                        "transfer-encoding",
                        "The transfer coding is not implemented",
                        "The node takes Transfer-Encoding: chunked and no other.");
            }
            if (!lengths.isEmpty()) {
                throw Refused.malformed("There are both Content-Length and Transfer-Encoding");
            }
            return -1;
        }
        if (lengths.isEmpty()) {
            return http2 ? -1 : 0;
        }
        String text = lengths.getFirst().strip();
        if (lengths.size() > 1 || !FieldSyntax.isLength(text)) {
            throw Refused.malformed("The Content-Length is not one number");
        }
        return Long.parseLong(text);
    }

    /** Whether the client waits for a 100 before it sends the body (RFC 9110 §10.1.1). */
    static boolean expectsContinue(String protocol, Headers headers) {
        if (!headers.contains("expect") || protocol.equals("HTTP/1.0")) {
            return false;
        }
        String expect = headers.first("expect").orElse("");
        if (!expect.equalsIgnoreCase("100-continue")) {
            throw new Refused(
                    417,
                    "expectation",
                    "The expectation cannot be met",
                    "The node knows the expectation 100-continue and no other.");
        }
        return true;
    }
}
