package io.selvage.origins;

import io.selvage.node.OriginBreaker;

/**
 * Leaves an origin alone for a while when most of what it is asked fails. Closed, all pass; open, none do; half-open, some
 * try, and what becomes of them decides. Thread-safe.
 */
public final class CircuitBreaker {
    /** Whether requests pass. */
    public enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    /** What a request that was let pass has to give back, exactly once. */
    public enum Permit {
        /** It passed a closed breaker. */
        USUAL,
        /** It is one of those that try whether the origin works again. */
        TRIAL,
        /** It did not pass. */
        REFUSED
    }

    private final OriginBreaker policy;
    private final Window window;
    private State state = State.CLOSED;
    private long openedAt;
    private int trying;
    private int succeeded;

    /** A closed one. */
    public CircuitBreaker(OriginBreaker policy) {
        this.policy = policy;
        window = new Window(policy.window());
    }

    /** Whether a request may pass now. */
    public synchronized Permit tryPass(long now) {
        if (state == State.OPEN && now - openedAt >= policy.open().toNanos()) {
            state = State.HALF_OPEN;
            trying = 0;
            succeeded = 0;
        }
        return switch (state) {
            case CLOSED -> Permit.USUAL;
            case OPEN -> Permit.REFUSED;
            case HALF_OPEN -> {
                if (trying + succeeded >= policy.trials()) {
                    yield Permit.REFUSED;
                }
                trying++;
                yield Permit.TRIAL;
            }
        };
    }

    /**
     * A request that passed is over.
     *
     * @return whether that has changed the state
     */
    public synchronized boolean over(Permit permit, boolean failed, long now) {
        if (permit == Permit.TRIAL && state == State.HALF_OPEN) {
            trying--;
            if (failed) {
                open(now);
                return true;
            }
            if (++succeeded >= policy.trials()) {
                state = State.CLOSED;
                window.clear();
                return true;
            }
        } else if (permit == Permit.USUAL && state == State.CLOSED) {
            window.add(failed, now);
            long all = window.all(now);
            if (failed && all >= policy.requests() && window.marked(now) * 100 >= all * policy.failures()) {
                open(now);
                return true;
            }
        }
        return false;
    }

    /** A request that passed has come to nothing for reasons of its own; it says nothing of the origin. */
    public synchronized void abandoned(Permit permit) {
        if (permit == Permit.TRIAL && state == State.HALF_OPEN) {
            trying--;
        }
    }

    private void open(long now) {
        state = State.OPEN;
        openedAt = now;
    }

    /** Whether requests pass. */
    public synchronized State state() {
        return state;
    }

    /** How long it stays open, nanoseconds; 0 if it is not, or may be tried. */
    public synchronized long openNanos(long now) {
        return state == State.OPEN ? Math.max(0, policy.open().toNanos() - (now - openedAt)) : 0;
    }
}
