package io.selvage.node;

/** What answers in the place of an origin that fails. */
public sealed interface OriginFallback {
    /**
     * Another origin.
     *
     * @param name its name
     */
    record Other(String name) implements OriginFallback {}

    /** A stored response, however stale. */
    record Stale() implements OriginFallback {}

    /**
     * An answer of the gateway's own.
     *
     * @param status its status, 200 to 599
     * @param type its media type
     * @param content its content
     */
    record Fixed(int status, String type, String content) implements OriginFallback {}
}
