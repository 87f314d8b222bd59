package io.selvage.gateway;

import io.netty.buffer.Unpooled;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ContentStream;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a content that is on disk to one client, a block at a time: the next is read when the one before has left. Belongs
 * to the client's event loop.
 */
final class DiskSender {
    private final Recipient exchange;
    private final ContentStream content;
    private final Consumer<Throwable> failed;
    private boolean closed;

    /**
     * A content that is to be sent.
     *
     * @param failed is called on the event loop if the content cannot be read to its end
     */
    DiskSender(Recipient exchange, ContentStream content, Consumer<Throwable> failed) {
        this.exchange = exchange;
        this.content = content;
        this.failed = failed;
    }

    /**
     * Opens a whole content and sends it; if it cannot be opened, the origin is asked as if it were not there.
     *
     * @param begin begins the response
     */
    static void serve(Proxy proxy, Recipient exchange, CacheRequest wanted, CachedResponse stored, Runnable begin) {
        var _ = proxy.cache()
                .open(wanted.key(), stored, 0, stored.length())
                .whenComplete((opened, failure) -> exchange.onLoop(() -> {
                    if (failure != null) {
                        proxy.fetch(exchange, wanted);
                    } else {
                        DiskSender sender = new DiskSender(
                                exchange,
                                opened.rest(),
                                _ -> exchange.fail(StoredAnswer.UNREADABLE, exchange.cacheStatus()));
                        exchange.whenGone(sender::close);
                        if (!exchange.isOver()) {
                            begin.run();
                        }
                        sender.send(opened.first());
                    }
                }));
    }

    /** Reads and sends the next block, and so on to the end. */
    void next() {
        content.next().whenComplete((block, failure) -> exchange.onLoop(() -> came(block, failure)));
    }

    /** Sends a block that has been read, and those after it. */
    void send(ByteBuffer block) {
        if (exchange.isOver()) {
            close();
        } else if (!block.hasRemaining()) {
            close();
            exchange.end();
        } else {
            exchange.write(BufferInternal.buffer(Unpooled.wrappedBuffer(block)), this::next);
        }
    }

    private void came(@Nullable ByteBuffer block, @Nullable Throwable failure) {
        if (failure == null && block != null) {
            send(block);
        } else if (!closed && failure != null) {
            close();
            failed.accept(failure);
        }
    }

    /** Lets the content go: there is nobody to send it to any more. */
    void close() {
        if (!closed) {
            closed = true;
            content.close();
        }
    }
}
