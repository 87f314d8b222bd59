package io.selvage.wasm;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Estimates what the objects of a guest that are alive take of the heap: its structs, arrays and exceptions. Only the
 * garbage collector knows which are, so about every 64 KiB the object that is just made is remembered by a weak reference,
 * and stands for all that was made since the one before. Which one it is, is random, so that no guest can step around it.
 * What is past the limit is alive for sure only after a collection; until then nobody is blamed. Belongs to one thread at a
 * time.
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

    private final long limit;
    private final List<Sample> samples = new ArrayList<>();
    private long total;
    private int checkedAt = -1;
    private long interval;

    /**
     * A meter.
     *
     * @param limit what a guest may have, bytes
     */
    ObjectMeter(long limit) {
        this.limit = limit;
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
        long bytes = interval + past;
        samples.add(new Sample(object, bytes, HeapWatch.collections()));
        total += bytes;
    }

    /**
     * Checks what there is.
     *
     * @param memory what the guest's linear memories take of the limit, bytes
     * @throws Trap {@link Trap.Kind#OUT_OF_MEMORY} if the guest has more than it may
     */
    void check(long memory) {
        long room = limit - memory;
        if (total <= room || HeapWatch.collections() == checkedAt) {
            return;
        }
        forget();
        checkedAt = HeapWatch.collections();
        long proven = samples.stream()
                .filter(sample -> sample.collections < checkedAt)
                .mapToLong(sample -> sample.bytes)
                .sum();
        if (proven <= room) {
            return;
        }
        // They have outlived a collection, but perhaps one of young objects alone, and be garbage by now
        if (HeapWatch.collect()) {
            forget();
            proven = total;
        } else {
            proven /= BENEFIT_OF_DOUBT;
        }
        if (proven > room) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the guest's structs and arrays take about " + total + " bytes of the heap, its linear memories "
                            + memory + ", and the limit for all is " + limit);
        }
    }

    /** Forgets what is not alive any more. */
    private void forget() {
        samples.removeIf(sample -> sample.refersTo(null));
        total = samples.stream().mapToLong(sample -> sample.bytes).sum();
    }
}
