package io.selvage.wasm;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Estimates what the objects of a guest that are alive take of the heap: its structs, arrays and exceptions. Only the
 * garbage collector knows which are, so about every 64 KiB the object that is just made is remembered by a weak reference,
 * and stands for all that was made since the one before. Which one it is, is random, so that no guest can step around it.
 * What is past the limit is alive for sure only after a collection; until then nobody is blamed. Where the objects of all guests
 * together take more than half of the heap, whoever has more than an equal share of that is past a limit too. Belongs to one
 * thread at a time; others may ask it what is alive.
 */
final class ObjectMeter {
    private static final int INTERVAL = 1 << 16;

    /** How many times its limit a guest may seem to have where there cannot be a collection to make sure. */
    private static final int BENEFIT_OF_DOUBT = 4;

    /** An object that stands for others. */
    private static final class Sample extends WeakReference<Object> {
        private final long bytes;
        /** How many collections had been seen when it was made. */
        private final int collections;

        Sample(Object object, long bytes, int collections) {
            super(object);
            this.bytes = bytes;
            this.collections = collections;
        }
    }

    /** How much of the heap the objects of all guests may take: the rest is for what everybody makes, and for the JVM to work. */
    static final long SHARED = Runtime.getRuntime().maxMemory() / 2;

    /** Those that have taken a sample; one whose instance is gone goes with it. */
    private static final Set<ObjectMeter> ALL = Collections.newSetFromMap(new WeakHashMap<>());

    private final long limit;
    private final long shared;
    private final List<Sample> samples = new ArrayList<>();
    private boolean known;
    private int checkedAt = -1;
    private long interval;

    /**
     * A meter.
     *
     * @param limit what a guest may have, bytes
     * @param shared what all guests may have together, bytes
     */
    ObjectMeter(long limit, long shared) {
        this.limit = limit;
        this.shared = shared;
    }

    /** How many bytes may be made before the next sample. */
    long nextInterval() {
        interval = ThreadLocalRandom.current().nextLong(1, 2 * INTERVAL);
        return interval;
    }

    /**
     * Takes a sample. {@link #check} and {@link #nextInterval} follow.
     *
     * @param object what has just been made
     * @param past how many bytes have been made past the interval
     */
    void sample(Object object, long past) {
        if (!known) {
            known = true;
            synchronized (ALL) {
                ALL.add(this);
            }
        }
        long bytes = interval + past;
        Sample sample = new Sample(object, bytes, HeapWatch.collections());
        synchronized (samples) {
            samples.add(sample);
        }
    }

    /**
     * Checks what there is, once after each collection.
     *
     * @param memory what the guest's linear memories take of the limit, bytes
     * @throws Trap {@link Trap.Kind#OUT_OF_MEMORY} if the guest has more than it may, or than its share where all guests
     *     together have more than the heap has for them
     */
    void check(long memory) {
        int collections = HeapWatch.collections();
        if (collections == checkedAt) {
            return;
        }
        checkedAt = collections;
        long room = limit - memory;
        long proven = alive(collections);
        boolean past = proven > room;
        boolean crowded = isPastShare(proven);
        if (!past && !crowded) {
            return;
        }
        // They have outlived a collection, but perhaps one of young objects alone, and be garbage by now
        if (HeapWatch.collect()) {
            proven = alive(Integer.MAX_VALUE);
            past = proven > room;
            crowded = isPastShare(proven);
        } else {
            past = proven / BENEFIT_OF_DOUBT > room;
        }
        if (past) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the guest's structs and arrays take about " + proven + " bytes of the heap, its linear memories "
                            + memory + ", and the limit for all is " + limit);
        }
        if (crowded) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the guest's structs and arrays take about " + proven
                            + " bytes of the heap, and those of all guests" + " together more than the " + shared
                            + " that there are for them");
        }
    }

    /** Forgets what is not alive any more; how many bytes there are of what was made before so many collections. */
    private long alive(int before) {
        synchronized (samples) {
            samples.removeIf(sample -> sample.refersTo(null));
            return samples.stream()
                    .filter(sample -> sample.collections < before)
                    .mapToLong(sample -> sample.bytes)
                    .sum();
        }
    }

    /** Whether the objects of all guests take too much of the heap, and those of this one more than its share. */
    private boolean isPastShare(long own) {
        List<ObjectMeter> all;
        synchronized (ALL) {
            all = List.copyOf(ALL);
        }
        long sum = 0;
        int guests = 0;
        for (ObjectMeter meter : all) {
            long bytes = meter.alive(Integer.MAX_VALUE);
            sum += bytes;
            guests += bytes > 0 ? 1 : 0;
        }
        return sum > shared && own > shared / Math.max(1, guests);
    }
}
