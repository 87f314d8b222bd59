package io.selvage.cache;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** Whether a disk can be relied on just now, by what it has done lately; and who is told if not. Thread-safe. */
final class DiskHealth {
    /** For how long a disk is left alone that has refused something or has not answered. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How long the disk may take for one answer, seconds. */
    private static final int PATIENCE_SECONDS = 4;

    private final BiConsumer<String, IOException> warn;
    private final LongAdder failures = new LongAdder();
    private volatile long pausedUntil = System.nanoTime();
    private volatile long stalledUntil = System.nanoTime();

    DiskHealth(BiConsumer<String, IOException> warn) {
        this.warn = warn;
    }

    /** How often the disk has refused to read or write, or has not answered. */
    long failures() {
        return failures.sum();
    }

    /** Whether something may be written. */
    boolean takesWrites() {
        return System.nanoTime() - pausedUntil >= 0 && !isStalled();
    }

    /** Whether the disk has not answered lately. */
    boolean isStalled() {
        return System.nanoTime() - stalledUntil < 0;
    }

    /** Nothing is written for a while. */
    void pause() {
        pausedUntil = System.nanoTime() + PAUSE_NANOS;
    }

    /** Counts and tells that the disk has refused something. */
    void failed(String message, IOException cause) {
        failures.increment();
        tell(message, cause);
    }

    /** Tells what is wrong. */
    void tell(String message, IOException cause) {
        warn.accept(message, cause);
    }

    /** The same answer, but it fails when the disk takes too long; then the disk is left alone for a while. */
    <T> CompletableFuture<T> mind(CompletableFuture<T> answer) {
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).whenComplete((_, failure) -> {
            if (failure instanceof TimeoutException) {
                stalledUntil = System.nanoTime() + PAUSE_NANOS;
                failed(
                        "the cache's disk does not answer, and is left alone for a while",
                        new IOException("it takes longer than " + PATIENCE_SECONDS + " s"));
            }
        });
    }
}
