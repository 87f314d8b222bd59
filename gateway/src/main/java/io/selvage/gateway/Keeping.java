package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Content;
import io.selvage.cache.ContentRange;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a response that is arriving and is going to be stored: in memory, or on disk from when it is too large for
 * that. Belongs to its fetch's event loop.
 */
final class Keeping {
    private final Proxy proxy;
    private final CacheKey key;
    private final ArrivedHead head;
    private final BooleanSupplier isOutdated;
    private final List<Buffer> arrived = new ArrayList<>();
    private long came;
    private long counted;
    private @Nullable Spool spool;

    private Keeping(Proxy proxy, CacheKey key, ArrivedHead head, BooleanSupplier isOutdated) {
        this.proxy = proxy;
        this.key = key;
        this.head = head;
        this.isOutdated = isOutdated;
    }

    /**
     * Begins to keep a response; nothing if it is too large.
     *
     * @param isOutdated whether it is not to be stored after all; may be asked on any thread
     */
    static Optional<Keeping> begin(Proxy proxy, CacheKey key, ArrivedHead head, BooleanSupplier isOutdated) {
        Keeping keeping = new Keeping(proxy, key, head, isOutdated);
        boolean fits = head.declared() <= proxy.cache().largestInMemory() || keeping.spools();
        return fits ? Optional.of(keeping) : Optional.empty();
    }

    /** Begins to write to disk what comes, if there is a disk for it; parts are in memory only. */
    private boolean spools() {
        if (head.range().isPresent()) {
            return false;
        }
        Content content = new Content.OnDisk(Math.max(0, head.declared()));
        CachedResponse response =
                CachedResponse.of(head.status(), head.fields(), head.variant(), content, head.arrival(), head.rules());
        spool = Spool.begin(proxy.cache(), key, response, head.declared()).orElse(null);
        return spool != null;
    }

    /** Where it is on disk; null while it is in memory. */
    @Nullable
    Spool spool() {
        return spool;
    }

    /** Whether all that was declared has come. */
    boolean isWhole() {
        return came == head.declared();
    }

    /** Keeps a further part; false if there is no room for it, after which nothing more may be asked but {@link #abort}. */
    boolean add(Buffer part) {
        came += part.length();
        Spool spooled = spool;
        if (spooled != null) {
            return spooled.write(part);
        }
        arrived.add(part);
        counted += part.length();
        boolean fits = proxy.hold(part.length()) && counted <= proxy.cache().largestInMemory();
        return fits || leavesMemory();
    }

    private boolean leavesMemory() {
        Spool begun = spools() ? spool : null;
        boolean written = begun != null && arrived.stream().allMatch(begun::write);
        if (written) {
            release();
        }
        return written;
    }

    /** Whether the origin has to wait for the disk, until it is {@link #drained}. */
    boolean isBehind() {
        Spool spooled = spool;
        return spooled != null && spooled.isBehind();
    }

    /** Completes, on any thread, when the disk has taken what came; fails if that takes too long. */
    CompletableFuture<Boolean> drained() {
        Spool spooled = spool;
        return spooled == null ? CompletableFuture.completedFuture(true) : spooled.drained();
    }

    /**
     * All has come: stores it, unless it is a part that is not as long as it says.
     *
     * @param done is called on any thread when it is stored, or will not be
     */
    void complete(Runnable done) {
        Spool spooled = spool;
        if (spooled != null) {
            spooled.commit(isOutdated, done);
            var _ = spooled.drained().exceptionally(_ -> {
                done.run();
                return false;
            });
            return;
        }
        if (head.range().isEmpty()) {
            store();
        } else if (isWhole()) {
            store(head.range().get());
        }
        release();
        done.run();
    }

    private void store() {
        CachedResponse response = CachedResponse.of(
                head.status(), head.fields(), head.variant(), content(), head.arrival(), head.rules());
        if (!isOutdated.getAsBoolean()) {
            proxy.store(key, response, isOutdated);
        }
    }

    private void store(ContentRange part) {
        if (!isOutdated.getAsBoolean()) {
            CachedResponse response =
                    CachedResponse.ofPart(head.fields(), head.variant(), part, content(), head.arrival(), head.rules());
            proxy.storePart(key, response, isOutdated);
        }
    }

    private List<byte[]> content() {
        return arrived.stream().map(Buffer::getBytes).toList();
    }

    /** It has broken off: stores what has come of it if the rest can be asked for, and gives it up otherwise. */
    void breakOff() {
        boolean fits = (head.range().isPresent() || head.status() == 200) && came > 0 && came < head.declared();
        if (spool == null
                && fits
                && CachedResponse.strongValidator(head.fields()).isPresent()
                && !head.fields().first("accept-ranges").orElse("").strip().equalsIgnoreCase("none")) {
            store(head.range()
                    .orElseGet(() -> new ContentRange(0, head.declared(), head.declared()))
                    .shortenedTo(came));
        }
        abort();
    }

    /** Gives it up; those who read it from disk get no more. */
    void abort() {
        Spool spooled = spool;
        if (spooled != null) {
            spooled.abort();
        }
        release();
    }

    private void release() {
        proxy.release(counted);
        counted = 0;
        arrived.clear();
    }
}
