package io.selvage.rules;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Does what takes too long for an event loop, little of it at a time, and takes no more than it can do soon. Thread-safe.
 */
final class Background {
    private final Semaphore places;
    private final Semaphore running;

    /**
     * An empty one.
     *
     * @param places how much may wait or run
     * @param running how much may run at a time
     */
    Background(int places, int running) {
        this.places = new Semaphore(places);
        this.running = new Semaphore(running);
    }

    /** Does something on a thread of its own, or nothing if there is too much to do. */
    <T> Optional<CompletionStage<T>> run(Supplier<T> task) {
        if (!places.tryAcquire()) {
            return Optional.empty();
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().name("rules").start(() -> {
            running.acquireUninterruptibly();
            try {
                result.complete(task.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            } finally {
                running.release();
                places.release();
            }
        });
        return Optional.of(result);
    }
}
