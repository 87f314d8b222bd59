package io.selvage.node;

import java.util.List;
import java.util.Optional;

/**
 * What becomes of a route's responses on their way to clients. Immutable.
 *
 * @param codings the content codings that responses may be compressed with, the one that is liked best first: {@code
 *     zstd}, {@code br}, {@code gzip}; empty for none
 * @param esi how pages are put together from includes; nothing if they go as they came
 */
public record Delivery(List<String> codings, Optional<EsiRules> esi) {
    /** Responses go as they came. */
    public static final Delivery PLAIN = new Delivery(List.of(), Optional.empty());

    /** Every coding that there is. */
    public static final List<String> CODINGS = List.of("zstd", "br", "gzip");
}
