package io.selvage.node;

import java.util.List;

/**
 * What becomes of a route's responses on their way to clients. Immutable.
 *
 * @param codings the content codings that responses may be compressed with, the one that is liked best first: {@code
 *     zstd}, {@code br}, {@code gzip}; empty for none
 */
public record Delivery(List<String> codings) {
    /** Responses go as they came. */
    public static final Delivery PLAIN = new Delivery(List.of());

    /** Every coding that there is. */
    public static final List<String> CODINGS = List.of("zstd", "br", "gzip");
}
