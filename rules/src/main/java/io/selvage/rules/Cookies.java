package io.selvage.rules;

import io.selvage.node.Headers;
import java.util.Optional;

/** The cookies of a request (RFC 6265 §4.2.1). */
final class Cookies {
    private Cookies() {}

    /** The value of the first cookie of this name, without the quotes that may be around it. */
    static Optional<String> value(Headers headers, String name) {
        for (String line : headers.all("cookie")) {
            int at = 0;
            while (at < line.length()) {
                int end = line.indexOf(';', at);
                end = end < 0 ? line.length() : end;
                int equals = line.indexOf('=', at);
                if (equals > 0
                        && equals < end
                        && line.substring(at, equals).strip().equals(name)) {
                    String value = line.substring(equals + 1, end).strip();
                    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
                    return Optional.of(quoted ? value.substring(1, value.length() - 1) : value);
                }
                at = end + 1;
            }
        }
        return Optional.empty();
    }
}
