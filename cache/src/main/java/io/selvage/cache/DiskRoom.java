package io.selvage.cache;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Keeps what is on disk within the bytes that it may take there, and within what may be known of it in memory: what was used
 * the longest ago goes first. Thread-safe; what deletes files waits for the disk.
 */
final class DiskRoom {
    /** What a response on disk takes of the heap at most, about, bytes; all may take an eighth. */
    private static final long HEAP_EACH = 1 << 10;

    private static final int CHANCES = 8;

    private final DiskFiles files;
    private final DiskIndex index;
    private final DiskHealth health;
    private final LongAdder evictions = new LongAdder();
    private volatile Predicate<DiskEntry> isUsed = _ -> false;
    private volatile Consumer<DiskEntry> whenGone = _ -> {};

    DiskRoom(DiskFiles files, DiskIndex index, DiskHealth health) {
        this.files = files;
        this.index = index;
        this.health = health;
    }

    /** Whom to ask whether a response is still in use, and whom to tell that one is not on disk any more. */
    void watch(Predicate<DiskEntry> used, Consumer<DiskEntry> gone) {
        isUsed = used;
        whenGone = gone;
    }

    /** Tells that a response is not on disk any more, though nobody has removed it. */
    void gone(DiskEntry entry) {
        whenGone.accept(entry);
    }

    /** How many responses have made place for others. */
    long evictions() {
        return evictions.sum();
    }

    /** Counts bytes that a file is about to take, and makes room for them; false if what is being written takes it all. */
    boolean reserve(DiskEntry entry, long bytes) {
        while (!index.reserve(entry, bytes)) {
            if (!evict()) {
                return false;
            }
        }
        return true;
    }

    /** Lets as many responses go as there are too many to be known in memory. */
    void fitMemory() {
        long tooMany = index.size() - Runtime.getRuntime().maxMemory() / 8 / HEAP_EACH;
        for (long i = 0; i < tooMany && evict(); i++) {
            // evicts one each time
        }
    }

    /** Lets an eighth of the bytes go, for a disk that is full of other things. */
    void shrink() {
        long target = index.taken() - index.taken() / 8;
        while (index.taken() >= target && evict()) {
            // evicts one each time
        }
    }

    /** Removes what was used the longest ago; what is used from memory gets a second chance. */
    private boolean evict() {
        Optional<DiskEntry> eldest = index.eldest();
        for (int chances = CHANCES; chances > 0 && eldest.filter(isUsed).isPresent(); chances--) {
            index.touch(eldest.get());
            eldest = index.eldest();
        }
        eldest.filter(index::remove).ifPresent(entry -> {
            evictions.increment();
            gone(entry);
            delete(entry);
        });
        return eldest.isPresent();
    }

    /** Deletes the file of a response that is found no more. */
    void delete(DiskEntry entry) {
        try {
            files.delete(entry);
        } catch (IOException e) {
            health.tell("a file of the cache cannot be removed", e);
        }
        index.release(entry);
    }
}
