package io.selvage.node;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client is told when a request could not be answered by a function (RFC 9457). Immutable.
 *
 * @param status the HTTP status
 * @param kind which kind of problem, the last part of its type, for example {@code body-limit}
 * @param title the kind in words
 * @param detail what happened this time and what to do
 * @param function the function's name; empty if the request reached none
 * @param retryAfter seconds after which it is worth trying again; 0 if that is not known
 * @param extensions further names and values in turn, for example {@code trap} and its name
 */
public record Problem(
        int status,
        String kind,
        String title,
        String detail,
        String function,
        int retryAfter,
        List<Object> extensions) {
    /** The media type of {@link #json}. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** A problem without extensions that has nothing to do with a function. */
    public static Problem of(int status, String kind, String title, String detail) {
        return new Problem(status, kind, title, detail, "", 0, List.of());
    }

    /** The problem document in UTF-8, for the request with this id. */
    public byte[] json(String requestId) {
        List<Object> fields = new ArrayList<>(List.of(
                "type", "urn:selvage:problem:" + kind,
                "title", title,
                "status", status,
                "detail", detail,
                "instance", "urn:selvage:request:" + requestId,
                "request", requestId));
        if (!function.isEmpty()) {
            fields.add("function");
            fields.add(function);
        }
        fields.addAll(extensions);
        return (Json.object(fields.toArray()) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
