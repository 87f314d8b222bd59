package io.selvage.gateway;

import io.selvage.origins.Member;
import java.util.Optional;
import java.util.function.Consumer;

/** The connections to the addresses of an origin. Thread-safe. */
interface OriginConnections {
    /** Looks for a connection to an address, and tells, on this event loop, when there is one or why there is none. */
    void open(LoopState loop, Member member, OriginStream.Told told);

    /**
     * Takes the place of one connection to an address for one that is made elsewhere. It does not wait: what takes it may keep
     * it for hours, and so may those that have the others.
     *
     * @param told gets, on this event loop, what gives the place back; nothing if all are taken
     */
    void reserve(LoopState loop, Member member, Consumer<Optional<Runnable>> told);

    /** Closes those that are idle now, and each other one after its request. */
    void close();
}
