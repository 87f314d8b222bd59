package io.selvage.gateway;

import io.vertx.core.buffer.Buffer;

/** A request's content, as its destination gets it. */
sealed interface RequestContent {
    /** Whether there is some. */
    default boolean isThere() {
        return !(this instanceof None);
    }

    /** Whether it can be sent once more. */
    default boolean canRepeat() {
        return !(this instanceof Streamed);
    }

    /** There is none. */
    record None() implements RequestContent {
        /** The only one that is needed. */
        static final None NONE = new None();
    }

    /**
     * It comes from the client as it passes, once.
     *
     * @param begun what has come of it before
     */
    record Streamed(ClientStream request, Buffer begun) implements RequestContent {}

    /** It has come as a whole, and nobody changes it any more. */
    record Held(Buffer bytes) implements RequestContent {}
}
