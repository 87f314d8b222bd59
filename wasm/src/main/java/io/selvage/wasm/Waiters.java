package io.selvage.wasm;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The threads that wait in one shared memory, by address, in the order in which they came (threads proposal, "Wait and
 * notify operators"). A virtual thread that waits leaves its carrier free.
 */
final class Waiters {
    /** Says what ends a wait early. */
    interface Check {
        /** Looks at the limits of the guest and throws what ends it; answers the nanoseconds until it has to look again. */
        long remainingNanos();
    }

    /** A thread that waits. */
    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile boolean notified;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Queue<Waiter>> byAddress = new HashMap<>();

    /** See {@link Memory#await}. */
    int await(int address, BooleanSupplier unchanged, long nanos, Check check) {
        Waiter waiter = new Waiter();
        lock.lock();
        try {
            if (!unchanged.getAsBoolean()) {
                return 1;
            }
            byAddress.computeIfAbsent(address, _ -> new ArrayDeque<>()).add(waiter);
        } finally {
            lock.unlock();
        }
        try {
            long start = System.nanoTime();
            while (!waiter.notified) {
                long left = nanos < 0 ? Long.MAX_VALUE : nanos - (System.nanoTime() - start);
                if (left <= 0) {
                    break;
                }
                LockSupport.parkNanos(this, Math.min(left, check.remainingNanos()));
            }
        } finally {
            leave(address, waiter);
        }
        return waiter.notified ? 0 : 2;
    }

    private void leave(int address, Waiter waiter) {
        lock.lock();
        try {
            Queue<Waiter> queue = byAddress.get(address);
            if (queue != null) {
                queue.remove(waiter);
                if (queue.isEmpty()) {
                    byAddress.remove(address);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** See {@link Memory#notifyWaiters}. */
    int wake(int address, int count) {
        int woken = 0;
        lock.lock();
        try {
            Queue<Waiter> queue = byAddress.get(address);
            while (queue != null && !queue.isEmpty() && Integer.compareUnsigned(woken, count) < 0) {
                Waiter waiter = queue.remove();
                waiter.notified = true;
                LockSupport.unpark(waiter.thread);
                woken++;
            }
        } finally {
            lock.unlock();
        }
        return woken;
    }
}
