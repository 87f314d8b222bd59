package io.selvage.gateway;

import io.netty.buffer.Unpooled;
import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Compressible;
import io.selvage.cache.Content;
import io.selvage.cache.ContentCoding;
import io.selvage.cache.Partial;
import io.selvage.cache.Selection;
import io.selvage.cache.TieredCache;
import io.selvage.node.Delivery;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.List;
import java.util.Optional;

/**
 * Answers a client with a stored response, or with the part of it that its request selects, from memory or from disk. Belongs
 * to the client's event loop.
 */
final class StoredAnswer {
    static final Problem UNREADABLE = Problem.of(
            500,
            "cache-unreadable",
            "The rest of the answer cannot be read",
            "It was stored, and its file is damaged.");

    private static final int PART = 128 << 10;

    private final ProxyExchange exchange;
    private final Proxy proxy;
    private final CacheRequest wanted;
    private final String cached;
    private final Delivery delivery;

    /**
     * An answer that has not begun.
     *
     * @param cached what {@code Cache-Status} says
     */
    StoredAnswer(ProxyExchange exchange, Proxy proxy, CacheRequest wanted, String cached) {
        this.exchange = exchange;
        this.proxy = proxy;
        this.wanted = wanted;
        this.cached = cached;
        this.delivery = exchange.route().delivery();
    }

    /** Sends it. */
    void serve(CachedResponse stored) {
        serve(stored, Optional.empty());
    }

    private void serve(CachedResponse stored, Optional<TieredCache.Opened> opened) {
        if (exchange.isOver()) {
            return;
        }
        Selection selection = Selection.of(wanted, stored);
        if (stored.content() instanceof Content.OnDisk && opened.isEmpty() && hasContent(selection)) {
            open(stored, selection);
            return;
        }
        long age = stored.age(CacheClock.millis());
        boolean codes = !delivery.codings().isEmpty();
        if (!codes && !exchange.isNode() && ServedFields.serve(stored, selection)) {
            exchange.begin(stored.status(), ServedFields.of(stored), age, cached);
            send(stored, selection, opened);
            return;
        }
        Headers fields =
                exchange.fieldsFor(stored.fields(), selection, stored.policy().rule(), age);
        fields.set("Age", Long.toString(age));
        Optional<ContentCoding> coding = codes ? coding(stored, selection, fields) : Optional.empty();
        if (coding.isPresent()
                && stored.length() <= CodedCopies.LONGEST
                && stored.content() instanceof Content.InMemory content) {
            sendCoded(stored, content, coding.get(), fields);
            return;
        }
        if (coding.isEmpty() && selection.status() != 304 && stored.status() != 204) {
            fields.set("Content-Length", Long.toString(selection.to() - selection.from()));
        }
        exchange.begin(selection.status(), fields, cached);
        coding.ifPresent(exchange::code);
        send(stored, selection, opened);
    }

    private boolean hasContent(Selection selection) {
        return !exchange.head().method().equals("HEAD") && selection.from() < selection.to();
    }

    /** Opens what is on disk before the answer begins: if it cannot be read, the origin is asked as if it were not there. */
    private void open(CachedResponse stored, Selection selection) {
        proxy.cache()
                .open(wanted.key(), stored, selection.from(), selection.to())
                .whenComplete((content, failure) -> exchange.onLoop(() -> {
                    if (failure != null) {
                        proxy.fetch(exchange, wanted);
                    } else if (exchange.isOver()) {
                        content.rest().close();
                    } else {
                        serve(stored, Optional.of(content));
                    }
                }));
    }

    /** The coding that a stored response goes in, and its fields changed to match; a part of it goes as it is. */
    private Optional<ContentCoding> coding(CachedResponse stored, Selection selection, Headers fields) {
        if (selection.status() != stored.status() && Compressible.test(stored.status(), stored.fields())) {
            if (selection.status() == 304) {
                Codings.choose(delivery, exchange.head()).ifPresent(_ -> Compressible.weaken(fields));
            }
            Compressible.vary(fields);
        }
        return selection.status() == stored.status()
                ? Codings.apply(delivery, exchange.head(), stored.status(), fields)
                : Optional.empty();
    }

    /** Answers with the coded form of a stored response, which is made first if there is none yet. */
    private void sendCoded(CachedResponse stored, Content.InMemory content, ContentCoding coding, Headers fields) {
        byte[] bytes = stored.coded(coding);
        if (bytes == null) {
            var _ = proxy.copies()
                    .make(wanted.key(), stored, content, coding)
                    .thenAccept(made -> exchange.onLoop(() -> serve(made)));
            return;
        }
        fields.set("Content-Length", Integer.toString(bytes.length));
        exchange.begin(stored.status(), fields, cached);
        if (!exchange.hasContent()) {
            exchange.end();
        } else if (!exchange.isOver()) {
            content.parts().forEach(part -> exchange.request().uncoded(Buffer.buffer(part)));
            exchange.finish(Buffer.buffer(bytes));
        }
    }

    /** Sends the content of a response that has begun. */
    private void send(CachedResponse stored, Selection selection, Optional<TieredCache.Opened> opened) {
        if (exchange.isOver()) {
            opened.ifPresent(content -> content.rest().close());
        } else if (!exchange.hasContent() || selection.from() == selection.to()) {
            exchange.end();
        } else {
            switch (stored.content()) {
                case Content.InMemory memory ->
                    new MemorySender(memory.parts(), selection.from(), selection.to()).send();
                case Content.OnDisk _ -> opened.ifPresent(this::send);
                case Partial partial -> send(partial, selection);
            }
        }
    }

    private void send(Partial partial, Selection selection) {
        Partial.Piece piece = partial.piece(selection.from(), selection.to()).orElseThrow();
        new MemorySender(piece.parts(), selection.from() - piece.from(), selection.to() - piece.from()).send();
    }

    private void send(TieredCache.Opened content) {
        DiskSender sender = new DiskSender(exchange, content.rest(), _ -> exchange.fail(UNREADABLE, cached));
        exchange.whenGone(sender::close);
        sender.send(content.first());
    }

    /** Sends what lies between two bytes of a content in parts, as fast as the client takes it. */
    private final class MemorySender {
        private final List<byte[]> parts;
        private final long to;
        private long next;
        private long partAt;
        private int index;
        private boolean sending;
        private boolean waits;

        MemorySender(List<byte[]> parts, long from, long to) {
            this.parts = parts;
            this.next = from;
            this.to = to;
        }

        void send() {
            sending = true;
            while (!exchange.isOver() && next < to && !waits) {
                byte[] part = parts.get(index);
                if (next >= partAt + part.length) {
                    partAt += part.length;
                    index++;
                    continue;
                }
                int offset = (int) (next - partAt);
                int length = (int) Math.min(Math.min(PART, part.length - offset), to - next);
                next += length;
                waits = true;
                exchange.write(BufferInternal.buffer(Unpooled.wrappedBuffer(part, offset, length)), this::taken);
            }
            sending = false;
            if (next == to && !waits) {
                exchange.end();
            }
        }

        private void taken() {
            waits = false;
            if (!sending) {
                send();
            }
        }
    }
}
