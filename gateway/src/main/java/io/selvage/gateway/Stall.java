package io.selvage.gateway;

/** A response that waits for its client to take what is already written; it does not wait for ever. Belongs to an event loop. */
final class Stall extends LoopMember {
    private final long end;
    private final Runnable giveUp;

    /** One that begins now. */
    Stall(long allowedNanos, Runnable giveUp) {
        this.end = System.nanoTime() + allowedNanos;
        this.giveUp = giveUp;
    }

    @Override
    void check(long now) {
        if (now - end > 0) {
            giveUp.run();
        }
    }

    @Override
    void shutdown() {
        giveUp.run();
    }
}
