package io.selvage.gateway;

import io.selvage.cache.Compressible;
import io.selvage.cache.ContentCoding;
import io.selvage.node.Delivery;
import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Decides which coding a client gets a response in. */
final class Codings {
    private static final Map<List<String>, List<ContentCoding>> AVAILABLE = new ConcurrentHashMap<>();

    private Codings() {}

    /**
     * Chooses the coding, and changes the response's fields to match; nothing if it goes as it is.
     *
     * @param fields the response's
     */
    static Optional<ContentCoding> apply(Delivery delivery, RequestHead head, int status, Headers fields) {
        if (status == 206) {
            varyPart(fields);
        }
        if (!Compressible.test(status, fields)) {
            return Optional.empty();
        }
        Optional<ContentCoding> coding = choose(delivery, head);
        coding.ifPresent(c -> Compressible.code(fields, c));
        Compressible.vary(fields);
        return coding;
    }

    /** A part goes as it is, and says {@code Vary} as the whole would (RFC 9110 §15.3.7). */
    private static void varyPart(Headers fields) {
        Headers whole = new Headers();
        fields.forEach(whole::add);
        if (Compressible.test(200, whole.remove("content-range").remove("content-length"))) {
            Compressible.vary(fields);
        }
    }

    /** The coding for a response that may be coded. */
    static Optional<ContentCoding> choose(Delivery delivery, RequestHead head) {
        return ContentCoding.best(
                AVAILABLE.computeIfAbsent(delivery.codings(), Codings::available),
                head.headers().all("accept-encoding"));
    }

    private static List<ContentCoding> available(List<String> names) {
        return names.stream()
                .flatMap(name -> ContentCoding.named(name).stream())
                .filter(ContentCoding::isAvailable)
                .toList();
    }
}
