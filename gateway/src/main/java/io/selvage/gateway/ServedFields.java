package io.selvage.gateway;

import io.netty.util.AsciiString;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ClientFields;
import io.selvage.cache.Selection;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The fields of a stored response as each client gets them that gets the whole of it: encoded once, since that is most of
 * the work of a hit. Immutable; thread-safe.
 */
final class ServedFields {
    private static final AsciiString AGE = AsciiString.cached("Age");
    private static final AsciiString LENGTH = AsciiString.cached("Content-Length");

    private record Line(AsciiString name, AsciiString value) {}

    private final List<Line> lines;
    private final long bytes;
    private final AsciiString length;

    private ServedFields(List<Line> lines, long bytes) {
        this.lines = lines;
        this.bytes = bytes;
        this.length = bytes(Long.toString(bytes));
    }

    /** How many bytes the content has. */
    long length() {
        return bytes;
    }

    /** The fields of a response that has a content, if only an empty one. */
    static ServedFields of(CachedResponse response) {
        return response.prepared(ServedFields.class, ServedFields::encode);
    }

    /** Whether the fields of this selection are these: the whole of a response, with a lifetime that its age does not change. */
    static boolean serve(CachedResponse response, Selection selection) {
        return selection.isWhole()
                && response.status() != 204
                && response.policy().rule().browser().isEmpty();
    }

    private static ServedFields encode(CachedResponse response) {
        Selection whole = new Selection(response.status(), 0, response.length(), Optional.empty());
        List<Line> lines = new ArrayList<>();
        ClientFields.of(response.fields(), whole, response.policy().rule(), 0)
                .remove("age")
                .remove("content-length")
                .forEach((name, value) -> lines.add(new Line(bytes(name), bytes(value))));
        return new ServedFields(List.copyOf(lines), response.length());
    }

    private static AsciiString bytes(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
    }

    /**
     * Adds them.
     *
     * @param age seconds
     * @throws IllegalArgumentException if one cannot be sent
     */
    void addTo(MultiMap to, long age, boolean http2) {
        for (Line line : lines) {
            to.add(http2 ? line.name.toLowerCase() : line.name, line.value);
        }
        to.add(http2 ? AGE.toLowerCase() : AGE, Long.toString(age));
        to.add(http2 ? LENGTH.toLowerCase() : LENGTH, length);
    }
}
