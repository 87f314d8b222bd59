package io.selvage.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Keeps a copy of a request's content as it passes on its way to what answers, so that it can be sent to a shadow too. Gives up
 * what is longer than allowed, or what there is no room for. Belongs to the event loop of its connection.
 */
final class ShadowContent {
    /** How much is held for all shadows of a node together, bytes. */
    private static final long MOST_HELD = 32L << 20;

    private final AtomicLong held;
    private final long most;
    private final long declared;
    private final Channel channel;
    private final ChannelFutureListener gone = _ -> release();
    private Buffer bytes = Buffer.buffer();
    private boolean ended;
    private volatile boolean lost;

    /**
     * One that has nothing yet.
     *
     * @param held what is held for all shadows
     * @param most the longest content that is kept, bytes
     * @param declared how long its head says that it is, bytes; -1 if it does not: its end may not be told while it is held back
     * @param channel the client's connection; nothing is kept when it is gone
     */
    ShadowContent(AtomicLong held, long most, long declared, Channel channel) {
        this.held = held;
        this.declared = declared;
        this.most = most;
        this.channel = channel;
        channel.closeFuture().addListener(gone);
    }

    /** Sees each part before {@code then} does. */
    Consumer<Buffer> parts(Consumer<Buffer> then) {
        return part -> {
            keep(part);
            then.accept(part);
        };
    }

    /** Sees the end before {@code then} does. */
    Runnable end(Runnable then) {
        return () -> {
            ended = true;
            then.run();
        };
    }

    private void keep(Buffer part) {
        int more = part.length();
        if (lost) {
            return;
        }
        if (bytes.length() + more > most || held.get() + more > MOST_HELD) {
            release();
        } else {
            held.addAndGet(more);
            bytes.appendBuffer(part);
        }
    }

    /** Whether all of it is kept. */
    boolean isWhole() {
        return !lost && (ended || bytes.length() == declared);
    }

    /** What is kept, which stays so until it is released, whatever becomes of the client. */
    Buffer take() {
        channel.closeFuture().removeListener(gone);
        return bytes;
    }

    /** Keeps nothing any more; from any thread. */
    synchronized void release() {
        channel.closeFuture().removeListener(gone);
        held.addAndGet(-bytes.length());
        bytes = Buffer.buffer();
        lost = true;
    }
}
