package io.selvage.gateway;

import io.selvage.origins.Member;

/** The connections to the addresses of an origin. Thread-safe. */
interface OriginConnections {
    /** Looks for a connection to an address, and tells, on this event loop, when there is one or why there is none. */
    void open(LoopState loop, Member member, OriginStream.Told told);

    /** Closes those that are idle now, and each other one after its request. */
    void close();
}
