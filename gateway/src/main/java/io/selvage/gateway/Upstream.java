package io.selvage.gateway;

import java.util.Optional;

/** Something that answers a request when the cache does not: an origin, or a function. Belongs to an event loop. */
interface Upstream {
    /** Sends the request. */
    void start();

    /** Holds the content back until {@link #resume}. */
    void pause();

    /** Lets content come again. */
    void resume();

    /** What keeps the client at the address that answers: the value of a {@code Set-Cookie}, if it is to be told. */
    default Optional<String> stickyCookie() {
        return Optional.empty();
    }

    /** Nobody wants the answer any more. */
    void cancel();
}
