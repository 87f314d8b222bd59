package io.selvage.gateway;

import org.jspecify.annotations.Nullable;

/** What an event loop looks after: it is told the time on every tick. Belongs to its event loop. */
abstract class LoopMember {
    /** The neighbours in {@link LoopState}'s list. */
    @Nullable
    LoopMember next;

    @Nullable
    LoopMember previous;

    /** Looks whether something has taken too long. */
    abstract void check(long now);

    /** Ends it because the node stops. */
    abstract void shutdown();
}
