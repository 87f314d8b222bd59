package io.selvage.cache;

import io.selvage.node.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which responses may be sent in another coding than they came in, and what that does to their fields. */
public final class Compressible {
    /** Below this a coding costs more than it saves, bytes. */
    private static final int LEAST = 860;

    private static final Set<String> TYPES = Set.of(
            "application/javascript",
            "application/json",
            "application/wasm",
            "application/xml",
            "application/x-javascript",
            "application/x-ndjson",
            "application/vnd.ms-fontobject",
            "font/otf",
            "font/ttf",
            "image/bmp",
            "image/x-icon",
            "image/vnd.microsoft.icon");

    /** Digests of contents as they came (RFC 9530, RFC 3230), and what says that ranges of them can be had. */
    private static final List<String> OF_IDENTITY =
            List.of("content-length", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges");

    private Compressible() {}

    /** Whether a response with these fields may be coded; its length may still be unknown. */
    public static boolean test(int status, Headers fields) {
        if (status < 200 || status == 204 || status == 205 || status == 206 || status == 304) {
            return false;
        }
        if (fields.contains("content-encoding") || fields.contains("content-range")) {
            return false;
        }
        String type = fields.first("content-type")
                .map(t -> t.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .orElse("");
        return isText(type)
                && !CacheControl.parse(fields.all("cache-control")).has("no-transform")
                && fields.first("content-length").map(Compressible::isLong).orElse(true);
    }

    private static boolean isText(String type) {
        return (type.startsWith("text/") && !type.equals("text/event-stream"))
                || type.endsWith("+json")
                || type.endsWith("+xml")
                || TYPES.contains(type);
    }

    private static boolean isLong(String length) {
        return CacheControl.deltaSeconds(length.strip()) >= LEAST;
    }

    /** Changes the fields of a response to those of its coded form; a strong {@code ETag} becomes weak. */
    public static void code(Headers fields, ContentCoding coding) {
        OF_IDENTITY.forEach(fields::remove);
        fields.set("Content-Encoding", coding.token());
        weaken(fields);
    }

    /** Makes a strong {@code ETag} weak (RFC 9110 §8.8.3.3). */
    public static void weaken(Headers fields) {
        fields.first("etag")
                .map(String::strip)
                .filter(tag -> tag.startsWith("\""))
                .ifPresent(tag -> fields.set("ETag", "W/" + tag));
    }

    /** Tells caches on the way that the response depends on what its client can decode. */
    public static void vary(Headers fields) {
        boolean told = fields.all("vary").stream()
                .flatMap(line -> CacheControl.split(line, ',').stream())
                .anyMatch(name -> name.equals("*") || name.equalsIgnoreCase("accept-encoding"));
        if (!told) {
            fields.add("Vary", "Accept-Encoding");
        }
    }
}
