package io.selvage.node;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A function in a running node: its guest, made when it is first needed, and the requests that run in it or wait for
 * their turn. Thread-safe.
 */
public final class DeployedFunction implements Destination {
    /** What became of a request at the door. */
    enum Admission {
        RUN,
        WAIT,
        REFUSED,
        RETIRED
    }

    private final FunctionDefinition definition;
    private final String digest;
    private final Supplier<World.Guest> maker;
    private final Consumer<String> closeFailure;
    private final AtomicInteger running = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Call> queue = new ArrayDeque<>(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ReentrantLock making = new ReentrantLock();
    private final Map<Object, Object> meters = new ConcurrentHashMap<>(2);
    private volatile int waiting;
    private volatile boolean retired;
    private volatile World.@Nullable Guest guest;

    /**
     * A function whose guest {@code maker} makes.
     *
     * @param digest what its module was made of, for telling whether it has changed
     * @param closeFailure is told when closing the guest fails
     */
    DeployedFunction(
            FunctionDefinition definition, String digest, Supplier<World.Guest> maker, Consumer<String> closeFailure) {
        this.definition = definition;
        this.digest = digest;
        this.maker = maker;
        this.closeFailure = closeFailure;
    }

    /** What the manifest says of it. */
    public FunctionDefinition definition() {
        return definition;
    }

    /** What its module was made of. */
    public String digest() {
        return digest;
    }

    /** How many requests run in it. */
    public int running() {
        return running.get();
    }

    /** How many requests wait for their turn. */
    public int waiting() {
        return waiting;
    }

    /**
     * The guest, made now if it has not been before.
     *
     * @throws ConfigurationException if it cannot be made; the next call tries again
     */
    World.Guest guest() {
        World.Guest made = guest;
        if (made != null) {
            return made;
        }
        making.lock();
        try {
            made = guest;
            if (made == null) {
                made = maker.get();
                guest = made;
            }
            return made;
        } finally {
            making.unlock();
        }
    }

    /** Where the metrics keep this function's meters, so that they need not be looked up by their tags. */
    Map<Object, Object> meters() {
        return meters;
    }

    /** Lets a call run, wait or go away. */
    Admission enter(Call call) {
        if (running.incrementAndGet() <= definition.limits().concurrency()) {
            if (!retired) {
                return Admission.RUN;
            }
            leave();
            return Admission.RETIRED;
        }
        running.decrementAndGet();
        lock.lock();
        try {
            if (retired) {
                return Admission.RETIRED;
            }
            if (queue.size() >= definition.limits().queue()) {
                return Admission.REFUSED;
            }
            queue.add(call);
            waiting = queue.size();
        } finally {
            lock.unlock();
        }
        return Admission.WAIT;
    }

    /** A call has run, or was let in and did not. */
    void leave() {
        running.decrementAndGet();
        closeIfUnused();
    }

    /** The next call whose turn it is, if one waits and there is room; it counts as running. */
    @Nullable
    Call next() {
        if (waiting == 0) {
            return null;
        }
        lock.lock();
        try {
            if (queue.isEmpty()) {
                return null;
            }
            if (running.incrementAndGet() > definition.limits().concurrency()) {
                running.decrementAndGet();
                return null;
            }
            Call call = queue.poll();
            waiting = queue.size();
            return call;
        } finally {
            lock.unlock();
        }
    }

    /** Gives up a call that waits; whether it did wait. */
    boolean remove(Call call) {
        lock.lock();
        try {
            boolean removed = queue.remove(call);
            waiting = queue.size();
            return removed;
        } finally {
            lock.unlock();
            closeIfUnused();
        }
    }

    /** Takes no further calls; the guest is closed after the last one. */
    void retire() {
        lock.lock();
        try {
            retired = true;
        } finally {
            lock.unlock();
        }
        closeIfUnused();
    }

    /** Whether it takes no further calls because another release has come. */
    public boolean isRetired() {
        return retired;
    }

    private void closeIfUnused() {
        if (retired && running.get() == 0 && waiting == 0 && closed.compareAndSet(false, true)) {
            World.Guest made = guest;
            if (made != null) {
                try {
                    made.close();
                } catch (RuntimeException e) {
                    closeFailure.accept(definition.name() + " did not close: " + e.getMessage());
                }
            }
        }
    }
}
