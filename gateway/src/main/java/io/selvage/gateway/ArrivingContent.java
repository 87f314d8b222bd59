package io.selvage.gateway;

import io.selvage.cache.CacheRequest;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The content of a response that is coming, and those who read it, each at a pace of its own. Belongs to its fetch's event
 * loop; readers may be on others.
 */
final class ArrivingContent {
    /** How much may wait for its readers where none of it is stored, bytes. */
    private static final int MOST_WAITING = 256 << 10;

    private static final int UNDER_WAY = 4;

    /** One client, and how far it is. */
    static final class Reader {
        final Recipient exchange;
        final CacheRequest wanted;

        /** Whether it waited for a request of another client. */
        final boolean collapsed;

        private long next;
        private long read;
        private int underWay;
        private boolean pumping;

        Reader(Recipient exchange, CacheRequest wanted, boolean collapsed) {
            this.exchange = exchange;
            this.wanted = wanted;
            this.collapsed = collapsed;
        }
    }

    private final Consumer<Runnable> onLoop;
    private final Supplier<@Nullable Spool> spool;
    private final Runnable progress;
    private final List<Reader> readers = new ArrayList<>();
    private final List<Buffer> parts = new ArrayList<>();
    private long first;
    private long held;
    private Headers trailers = ClientStream.NO_TRAILERS;
    private boolean complete;

    /**
     * Nothing yet.
     *
     * @param onLoop does something on the event loop that this belongs to
     * @param spool where all that has come is on disk, or null while it is not
     * @param progress is called when a reader has got something
     */
    ArrivingContent(Consumer<Runnable> onLoop, Supplier<@Nullable Spool> spool, Runnable progress) {
        this.onLoop = onLoop;
        this.spool = spool;
        this.progress = progress;
    }

    /** Lets a client read from the start. */
    void add(Reader reader) {
        readers.add(reader);
    }

    void remove(Reader reader) {
        readers.remove(reader);
    }

    /** Those who have not got all. */
    List<Reader> readers() {
        return List.copyOf(readers);
    }

    boolean isUnread() {
        return readers.isEmpty();
    }

    /** Nobody reads any more. */
    void clear() {
        readers.clear();
    }

    /** A further part has come; {@link #pump} hands it on. */
    void add(Buffer part) {
        parts.add(part);
        held += part.length();
    }

    /** All has come, and this behind it. */
    void complete(Headers behind) {
        trailers = behind;
        complete = true;
    }

    boolean isComplete() {
        return complete;
    }

    /** Hands on to everyone what has come. */
    void pump() {
        readers().forEach(this::pump);
    }

    /** Hands on what has come, as far as the client keeps up. */
    void pump(Reader reader) {
        if (reader.pumping) {
            return;
        }
        Recipient exchange = reader.exchange;
        Spool spooled = spool.get();
        if (reader.next < first && spooled != null && readers.remove(reader)) {
            exchange.onLoop(() -> spooled.send(exchange, reader.read));
            return;
        }
        reader.pumping = true;
        while (reader.underWay < UNDER_WAY && reader.next < first + parts.size()) {
            Buffer part = parts.get((int) (reader.next - first));
            reader.next++;
            reader.read += part.length();
            reader.underWay++;
            exchange.onLoop(() -> exchange.write(part, () -> onLoop.accept(() -> sent(reader))));
        }
        reader.pumping = false;
        if (complete && reader.next == first + parts.size() && readers.remove(reader)) {
            exchange.onLoop(() -> exchange.end(trailers));
        }
    }

    private void sent(Reader reader) {
        reader.underWay--;
        if (readers.contains(reader)) {
            pump(reader);
            progress.run();
        }
    }

    /** Drops what every reader has had, since nothing else keeps it. */
    void dropRead() {
        long least = readers.stream()
                .mapToLong(r -> r.next - Math.min(r.underWay, 1))
                .min()
                .orElse(first);
        while (first < least && !parts.isEmpty()) {
            dropFirst();
        }
    }

    /** Drops what is on disk; readers that have not had it yet get it from there. */
    void leaveToDisk() {
        while (held > MOST_WAITING && parts.size() > 1) {
            dropFirst();
        }
        readers().stream().filter(reader -> reader.next < first).forEach(this::pump);
    }

    private void dropFirst() {
        held -= parts.removeFirst().length();
        first++;
    }

    /** Whether more is held than may wait. */
    boolean isFull() {
        return held > MOST_WAITING;
    }

    /** Whether there is room again for a good deal. */
    boolean hasRoom() {
        return held <= MOST_WAITING / 2;
    }
}
