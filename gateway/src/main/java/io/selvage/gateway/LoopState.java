package io.selvage.gateway;

import io.netty.channel.EventLoop;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop keeps: its connections and what runs, looked through on every tick so that no
 * request needs a timer of its own. Belongs to its event loop.
 */
final class LoopState {
    private static final Map<EventLoop, LoopState> ALL = new ConcurrentHashMap<>();
    private static final long TICK_MILLIS = 25;
    private static final int TICKS_PER_CHECK = 4;

    private final EventLoop eventLoop;
    private final Set<ConnectionGuard> guards = new HashSet<>();
    private final SentLines requests = new SentLines();
    private final SentLines responses = new SentLines();
    private @Nullable LoopMember first;
    private @Nullable ScheduledFuture<?> ticking;
    private int ticks;

    private LoopState(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    static LoopState of(EventLoop eventLoop) {
        return ALL.computeIfAbsent(eventLoop, LoopState::new);
    }

    /** Forgets an event loop that ends. */
    static void forget(EventLoop eventLoop) {
        ALL.remove(eventLoop);
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    /** Writes the fields of requests to origins. */
    SentLines requests() {
        return requests;
    }

    /** Writes the fields of responses to clients. */
    SentLines responses() {
        return responses;
    }

    void add(ConnectionGuard guard) {
        guards.add(guard);
        if (ticking == null) {
            ticking = eventLoop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    void remove(ConnectionGuard guard) {
        guards.remove(guard);
    }

    void add(LoopMember member) {
        LoopMember next = first;
        member.next = next;
        if (next != null) {
            next.previous = member;
        }
        first = member;
    }

    void remove(LoopMember member) {
        LoopMember next = member.next;
        LoopMember previous = member.previous;
        if (next != null) {
            next.previous = previous;
        }
        if (previous != null) {
            previous.next = next;
        } else if (first == member) {
            first = next;
        }
        member.next = null;
        member.previous = null;
    }

    /** Does something later, on its event loop. */
    void later(long nanos, Runnable task) {
        var _ = eventLoop.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** Does {@code action} to everything that runs. */
    void forEachMember(java.util.function.Consumer<LoopMember> action) {
        LoopMember member = first;
        while (member != null) {
            LoopMember next = member.next;
            action.accept(member);
            member = next;
        }
    }

    private void tick() {
        long now = System.nanoTime();
        forEachMember(member -> member.check(now));
        if (++ticks % TICKS_PER_CHECK == 0) {
            for (ConnectionGuard guard : guards.toArray(new ConnectionGuard[0])) {
                guard.check(now);
            }
            ScheduledFuture<?> future = ticking;
            if (guards.isEmpty() && first == null && future != null) {
                future.cancel(false);
                ticking = null;
            }
        }
    }
}
