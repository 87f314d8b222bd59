package io.selvage.cache;

import io.selvage.node.Headers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * How a response of which parts are stored serves a request for more than that: with what is missing, asked for on the
 * condition that it is still the same (RFC 9111 §3.4, RFC 9110 §15.3.7.3). Immutable.
 *
 * @param partial what is stored
 * @param wanted what the request selects: the whole, or a part
 * @param missing what of that is asked for
 */
public record Completion(CachedResponse partial, Selection wanted, ContentRange missing) {
    /** What the answer to the request for what is missing means. */
    public enum Answer {
        /** It is what is missing. */
        FITS,
        /** It answers the request as if nothing were stored: as the whole of what has changed, or as an error. */
        REPLACES,
        /** It is of no use, and the request is to be sent as it came. */
        USELESS
    }

    /** The completion of a response for a request; nothing if all must be fetched, or nothing can be known to fit. */
    public static Optional<Completion> of(CacheRequest request, CachedResponse stored) {
        boolean isOwn =
                request.fields().contains("if-match") || request.fields().contains("if-unmodified-since");
        if (!(stored.content() instanceof Partial partial)
                || stored.strongValidator().isEmpty()
                || !request.method().equals("GET")
                || isOwn) {
            return Optional.empty();
        }
        Selection wanted = Selection.of(request, stored);
        if (wanted.status() != (request.isRange() ? 206 : 200)) {
            return Optional.empty();
        }
        ContentRange missing = partial.missing(wanted.from(), wanted.to());
        boolean saves = missing.from() < missing.to() && missing.length() < wanted.to() - wanted.from();
        return saves ? Optional.of(new Completion(stored, wanted, missing)) : Optional.empty();
    }

    /** The fields of the request for what is missing; the origin sends the whole if it has changed. */
    public Headers asking(Headers request) {
        boolean toTheEnd = missing.to() == missing.complete();
        return Reuse.unconditional(request)
                .set("Range", "bytes=" + missing.from() + "-" + (toTheEnd ? "" : missing.to() - 1))
                .set("If-Range", partial.strongValidator().orElseThrow());
    }

    /** What the origin has answered. */
    public Answer judge(int status, Headers fields) {
        if (status == 206) {
            boolean fits = ContentRange.of(status, fields)
                    .filter(missing::equals)
                    .flatMap(_ -> CachedResponse.strongValidator(fields))
                    .equals(partial.strongValidator());
            return fits ? Answer.FITS : Answer.USELESS;
        }
        return status == 416 || status == 412 || status == 304 ? Answer.USELESS : Answer.REPLACES;
    }

    /** The fields of the complete answer, by those that came with what was missing. */
    public Headers fields(Headers came) {
        Headers fields = partial.updatedBy(came);
        wanted.contentRange().ifPresent(range -> fields.set("Content-Range", range));
        return fields.set("Content-Length", Long.toString(wanted.to() - wanted.from()));
    }

    /** What is stored of the answer before what is missing. */
    public List<ByteBuffer> before() {
        return content().startingAt(wanted.from(), missing.from());
    }

    /** What is stored of the answer behind what is missing. */
    public List<ByteBuffer> after() {
        return missing.to() == wanted.to() ? List.of() : content().startingAt(missing.to(), wanted.to());
    }

    private Partial content() {
        if (partial.content() instanceof Partial content) {
            return content;
        }
        throw new IllegalStateException("the response is whole");
    }
}
