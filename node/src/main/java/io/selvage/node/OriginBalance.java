package io.selvage.node;

import java.util.Optional;

/**
 * Which of an origin's addresses gets a request.
 *
 * @param method how one is chosen
 * @param key what of a request decides, if the method is {@link Method#HASH}
 * @param field the header field's or cookie's name, if the key is one; empty otherwise
 * @param sticky the name of a cookie that keeps a client at the address that it got first
 */
public record OriginBalance(Method method, Key key, String field, Optional<String> sticky) {
    /** How an address is chosen. */
    public enum Method {
        /** In turn, by weight. */
        ROUND_ROBIN,
        /** The one with the fewest running requests for its weight. */
        LEAST_REQUESTS,
        /** Always the same for the same key, as long as it is there. */
        HASH
    }

    /** What of a request decides where it goes. */
    public enum Key {
        ADDRESS,
        PATH,
        HEADER,
        COOKIE
    }

    /** In turn. */
    public static final OriginBalance DEFAULT =
            new OriginBalance(Method.ROUND_ROBIN, Key.ADDRESS, "", Optional.empty());
}
