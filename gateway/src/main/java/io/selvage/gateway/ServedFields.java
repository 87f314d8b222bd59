package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ClientFields;
import io.selvage.cache.Selection;
import io.selvage.node.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The fields of a stored response as each client gets them that gets the whole of it: encoded once, since that is most of
 * the work of a hit. Immutable; thread-safe.
 */
final class ServedFields {
    private static final byte[] AGE = bytes("Age: ");
    private static final byte[] CACHE_STATUS = bytes("\r\nCache-Status: ");

    private final Headers fields;
    private final long length;
    private final byte[] lines;

    private ServedFields(Headers fields, long length) {
        this.fields = fields.set("Content-Length", Long.toString(length));
        this.length = length;
        StringBuilder text = new StringBuilder();
        fields.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        this.lines = bytes(text.toString());
    }

    /** How many bytes the content has. */
    long length() {
        return length;
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
        Headers fields = ClientFields.of(
                        response.fields(), whole, response.policy().rule(), 0)
                .remove("age");
        return new ServedFields(fields, response.length());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * All of them for one client.
     *
     * @param age seconds
     * @param cached what {@code Cache-Status} says; empty for nothing
     */
    Headers with(long age, String cached) {
        Headers all = new Headers();
        fields.forEach(all::add);
        all.add("Age", Long.toString(age));
        return cached.isEmpty() ? all : all.add("Cache-Status", cached);
    }

    /** Writes all of them for one client as lines of HTTP/1.1; see {@link #with}. */
    void encode(ByteBuf out, long age, String cached) {
        out.writeBytes(lines);
        out.writeBytes(AGE);
        HeadEncoder.text(out, Long.toString(age));
        if (!cached.isEmpty()) {
            out.writeBytes(CACHE_STATUS);
            HeadEncoder.text(out, cached);
        }
        HeadEncoder.endLine(out);
    }
}
