package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.DiskWriter;
import io.selvage.cache.TieredCache;
import io.selvage.node.Problem;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A response that is too large for memory, on its way to disk as it comes; clients that are behind read it from there.
 * Belongs to its fetch's event loop.
 */
final class Spool {
    /** How much may wait to be written before the origin waits, bytes. */
    private static final long MOST_WAITING = 1 << 20;

    private static final Problem BROKEN_OFF = Problem.of(
            502,
            "answer-incomplete",
            "The answer has not come whole",
            "The origin or the cache's disk has broken it off.");

    private final TieredCache cache;
    private final CacheKey key;
    private final CachedResponse head;
    private final DiskWriter writer;
    private long length;

    private Spool(TieredCache cache, CacheKey key, CachedResponse head, DiskWriter writer) {
        this.cache = cache;
        this.key = key;
        this.head = head;
        this.writer = writer;
    }

    /** Begins a response whose content has {@code length} bytes, -1 if that is not known; nothing if it cannot be kept. */
    static Optional<Spool> begin(TieredCache cache, CacheKey key, CachedResponse head, long length) {
        return cache.begin(key, head, length).map(writer -> new Spool(cache, key, head, writer));
    }

    /** Writes a further part; false if this cannot be kept, for it has become too large or the disk has refused it. */
    boolean write(Buffer part) {
        length += part.length();
        if (length > cache.largest() || writer.hasFailed()) {
            writer.abort();
            return false;
        }
        writer.write(part.getBytes());
        return true;
    }

    /** Whether so much waits to be written that the origin must wait too, until it is {@link #drained}. */
    boolean isBehind() {
        return writer.waiting() > MOST_WAITING;
    }

    /** Completes, on any thread, when all that came is written; fails if the disk takes too long for that. */
    CompletableFuture<Boolean> drained() {
        return writer.drained();
    }

    /** Sends a client what comes from a byte on; on the client's event loop. */
    void send(Recipient exchange, long from) {
        DiskSender sender =
                new DiskSender(exchange, writer.read(from), _ -> exchange.fail(BROKEN_OFF, exchange.cacheStatus()));
        exchange.whenGone(sender::close);
        sender.next();
    }

    /**
     * Stores it, now that it is whole.
     *
     * @param done is called on any thread when it is stored, or will not be
     */
    void commit(BooleanSupplier isOutdated, Runnable done) {
        cache.commit(key, writer, head, isOutdated, done);
    }

    /** Gives it up; those who read it from here get no more. */
    void abort() {
        writer.abort();
    }
}
