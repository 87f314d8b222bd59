package io.selvage.gateway;

import io.netty.buffer.Unpooled;
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
    private final ProxyExchange exchange;
    private final ContentStream content;
    private final Consumer<Throwable> failed;
    private boolean closed;

    /**
     * A content that is to be sent.
     *
     * @param failed is called on the event loop if the content cannot be read to its end
     */
    DiskSender(ProxyExchange exchange, ContentStream content, Consumer<Throwable> failed) {
        this.exchange = exchange;
        this.content = content;
        this.failed = failed;
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
