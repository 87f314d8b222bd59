package io.selvage.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Compressible;
import io.selvage.cache.Content;
import io.selvage.cache.ContentCoding;
import io.selvage.cache.Selection;
import io.selvage.cache.TieredCache;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client's side of a request that an origin or the cache answers; its event loop is that of its connection. */
final class ProxyExchange implements Recipient {
    private static final int CLIENT_CLOSED_REQUEST = 499;
    private static final int PART = 128 << 10;

    private static final Problem MALFORMED = Problem.of(
            502,
            "origin-malformed",
            "The origin's answer is malformed",
            "It holds a header field that cannot be passed on.");

    static final Problem UNREADABLE = Problem.of(
            500,
            "cache-unreadable",
            "The rest of the answer cannot be read",
            "It was stored, and its file is damaged.");

    private final Listener listener;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Channel channel;
    private final EventLoop eventLoop;
    private final ConnectionGuard guard;
    private final RequestHead head;
    private RequestHead asked;
    private final Proxied route;
    private final RuleRun rules;
    private final long arrival;
    private final boolean hasBody;
    private RequestContent content;
    private final boolean http2;
    private Runnable whenGone = () -> {};
    private boolean headSent;
    private @Nullable Stall stalled;
    private boolean over;
    private boolean withoutBody;
    private int status;
    private long written;
    private long left = -1;
    private String cacheStatus = "";
    private @Nullable Coder coder;

    /** A request whose head has come. */
    ProxyExchange(
            Listener listener,
            Listener.Arrived arrived,
            RequestHead head,
            Proxied route,
            boolean hasBody,
            RuleRun rules) {
        this.listener = listener;
        this.request = arrived.request();
        this.response = request.response();
        this.channel = arrived.channel();
        this.rules = rules;
        this.eventLoop = channel.eventLoop();
        this.guard = ConnectionGuard.of(channel);
        this.head = head;
        this.asked = head;
        this.route = route;
        this.arrival = arrived.arrival();
        this.hasBody = hasBody;
        this.content = hasBody ? new RequestContent.Streamed(request, Buffer.buffer()) : RequestContent.None.NONE;
        this.http2 = arrived.http2();
    }

    /** Begins to watch the client. */
    void open(boolean expectsContinue) {
        response.exceptionHandler(_ -> gone());
        response.closeHandler(_ -> gone());
        if (hasBody) {
            request.pause();
            request.exceptionHandler(_ -> gone());
            if (expectsContinue) {
                response.writeContinue();
            }
        }
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public void asks(RequestHead head) {
        asked = head;
    }

    @Override
    public RequestHead asked() {
        return asked;
    }

    @Override
    public Proxied route() {
        return route;
    }

    @Override
    public RequestContent content() {
        return content;
    }

    @Override
    public void holds(RequestContent other) {
        content = other;
    }

    @Override
    public long bodyLimit() {
        return rules.bodyLimit();
    }

    ConnectionGuard guard() {
        return guard;
    }

    @Override
    public RequestHead came() {
        return listener.came(request, head);
    }

    @Override
    public LoopState loop() {
        return guard.loop();
    }

    @Override
    public Optional<Problem> admit() {
        return rules.admit();
    }

    @Override
    public EventLoop eventLoop() {
        return eventLoop;
    }

    @Override
    public void whenGone(Runnable action) {
        whenGone = action;
        if (over) {
            action.run();
        }
    }

    @Override
    public String cacheStatus() {
        return cacheStatus;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public void hints(Headers fields) {
        if (!over && !headSent && !head.protocol().equals("HTTP/1.0")) {
            MultiMap hints = MultiMap.caseInsensitiveMultiMap();
            fields.forEach(hints::add);
            var _ = response.writeEarlyHints(hints);
        }
    }

    /** Begins the response; its content is compressed on its way if the route and the client want that. */
    @Override
    public void respond(int code, Headers fields, String cached) {
        if (over || route.delivery().codings().isEmpty()) {
            begin(code, fields, cached);
            return;
        }
        Headers sent = new Headers();
        fields.forEach(sent::add);
        Optional<ContentCoding> coding = Codings.apply(route.delivery(), head, code, sent);
        begin(code, sent, cached);
        if (!over && !withoutBody) {
            coding.ifPresent(c -> coder = new Coder(c));
        }
    }

    private void begin(int code, Headers fields, String cached) {
        left = fields.first("content-length").map(ProxyExchange::length).orElse(-1L);
        begin(
                code,
                to -> fields.forEach((name, value) -> to.add(http2 ? name.toLowerCase(Locale.ROOT) : name, value)),
                fields.contains("content-length"),
                cached);
    }

    /** How many bytes a length says; -1 if it does not. */
    private static long length(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    private void begin(int code, Consumer<MultiMap> fields, boolean hasLength, String cached) {
        if (over) {
            return;
        }
        status = code;
        cacheStatus = cached;
        withoutBody = head.method().equals("HEAD") || code == 204 || code == 304;
        response.setStatusCode(code);
        MultiMap to = response.headers();
        try {
            fields.accept(to);
        } catch (IllegalArgumentException _) {
            to.clear();
            fail(MALFORMED, cached);
            return;
        }
        headSent = true;
        if (!cached.isEmpty()) {
            to.add(http2 ? "cache-status" : "Cache-Status", cached);
        }
        ResponseFields.rule(rules, code, to, http2);
        boolean closes = mustClose() || (head.protocol().equals("HTTP/1.0") && !hasLength);
        if (code == 204) {
            to.remove("content-length");
        }
        if (closes && !http2) {
            to.set("Connection", "close");
        } else if (!http2 && !withoutBody && !hasLength) {
            response.setChunked(true);
        }
        if (!hasLength && !withoutBody && (http2 || !head.protocol().equals("HTTP/1.0"))) {
            eventLoop.execute(this::sendHead);
        }
    }

    /** Sends the head of a response whose content does not come with it, as that of events may take its time. */
    private void sendHead() {
        if (!over && written == 0 && !response.headWritten()) {
            var _ = response.writeHead();
        }
    }

    @Override
    public void write(Buffer part, Runnable sent) {
        if (over || withoutBody) {
            sent.run();
            return;
        }
        left -= part.length();
        if (left == 0 && coder == null) {
            finish(part);
            sent.run();
            return;
        }
        write(part);
        if (response.writeQueueFull()) {
            whenTaken(sent);
        } else {
            sent.run();
        }
    }

    private void write(Buffer part) {
        Buffer passed = coder == null ? part : coder.code(part);
        written += passed.length();
        var _ = response.write(passed);
    }

    /** Goes on when the client has taken most of what is written; a client that takes too long is let go. */
    private void whenTaken(Runnable next) {
        Stall stall = new Stall(listener.limits().sendNanos(), this::leave);
        stalled = stall;
        guard.loop().add(stall);
        response.drainHandler(_ -> {
            if (stalled == stall) {
                endStall();
                next.run();
            }
        });
    }

    /** Lets a client go that does not take its response. */
    private void leave() {
        if (http2) {
            StreamError.INTERNAL.reset(request);
        } else {
            var _ = channel.close();
        }
        gone();
    }

    private void endStall() {
        Stall stall = stalled;
        if (stall != null) {
            stalled = null;
            guard.loop().remove(stall);
        }
    }

    @Override
    public void end() {
        if (over) {
            return;
        }
        over = true;
        UnreadContent.beforeEnd(request, hasBody, http2);
        var _ = coder == null ? response.end() : response.end(coder.end());
        UnreadContent.settle(request, hasBody, http2, channel);
        over(status);
    }

    @Override
    public void serve(CacheRequest wanted, CachedResponse stored, String cached) {
        serve(wanted, stored, cached, Optional.empty());
    }

    private void serve(CacheRequest wanted, CachedResponse stored, String cached, Optional<TieredCache.Opened> opened) {
        if (over) {
            return;
        }
        Selection selection = Selection.of(wanted, stored);
        if (stored.content() instanceof Content.OnDisk && opened.isEmpty() && hasContent(selection)) {
            open(wanted, stored, selection, cached);
            return;
        }
        long age = stored.age(CacheClock.millis());
        boolean codes = !route.delivery().codings().isEmpty();
        Optional<ContentCoding> coding = Optional.empty();
        if (!codes && !isNode() && ServedFields.serve(stored, selection)) {
            begin(stored.status(), to -> ServedFields.of(stored).addTo(to, age, http2), true, cached);
        } else {
            Headers fields =
                    fieldsFor(stored.fields(), selection, stored.policy().rule(), age);
            fields.set("Age", Long.toString(age));
            coding = codes ? coding(stored, selection, fields) : coding;
            if (coding.isPresent()
                    && stored.length() <= CodedCopies.LONGEST
                    && stored.content() instanceof Content.InMemory content) {
                serveCoded(wanted, stored, content, coding.get(), fields, cached);
                return;
            }
            if (coding.isEmpty() && selection.status() != 304 && stored.status() != 204) {
                fields.set("Content-Length", Long.toString(selection.to() - selection.from()));
            }
            begin(selection.status(), fields, cached);
        }
        if (over) {
            opened.ifPresent(content -> content.rest().close());
            return;
        }
        if (withoutBody || selection.from() == selection.to()) {
            end();
            return;
        }
        coding.ifPresent(c -> coder = new Coder(c));
        switch (stored.content()) {
            case Content.InMemory memory -> {
                if (coder == null && memory.parts().size() == 1 && stored.length() <= PART) {
                    int length = (int) (selection.to() - selection.from());
                    finish(buffer(memory.parts().getFirst(), (int) selection.from(), length));
                } else {
                    send(memory.parts(), 0, 0, selection.from(), selection.to());
                }
            }
            case Content.OnDisk _ -> opened.ifPresent(this::send);
        }
    }

    /** Opens what is on disk before the answer begins: if it cannot be read, the origin is asked as if it were not there. */
    private void open(CacheRequest wanted, CachedResponse stored, Selection selection, String cached) {
        listener.proxy()
                .cache()
                .open(wanted.key(), stored, selection.from(), selection.to())
                .whenComplete((content, failure) -> onLoop(() -> {
                    if (failure != null) {
                        listener.proxy().fetch(this, wanted);
                    } else if (over) {
                        content.rest().close();
                    } else {
                        serve(wanted, stored, cached, Optional.of(content));
                    }
                }));
    }

    private void send(TieredCache.Opened content) {
        DiskSender sender = new DiskSender(this, content.rest(), _ -> fail(UNREADABLE, cacheStatus));
        whenGone(sender::close);
        sender.send(content.first());
    }

    private boolean hasContent(Selection selection) {
        return !head.method().equals("HEAD") && selection.from() < selection.to();
    }

    /** The coding that a stored response goes in, and its fields changed to match; a part of it goes as it is. */
    private Optional<ContentCoding> coding(CachedResponse stored, Selection selection, Headers fields) {
        if (selection.status() == 304 && Compressible.test(stored.status(), stored.fields())) {
            Codings.choose(route.delivery(), head).ifPresent(_ -> Compressible.weaken(fields));
            Compressible.vary(fields);
        }
        return selection.status() == stored.status()
                ? Codings.apply(route.delivery(), head, stored.status(), fields)
                : Optional.empty();
    }

    /** Answers with the coded form of a stored response, which is made first if there is none yet. */
    private void serveCoded(
            CacheRequest wanted,
            CachedResponse stored,
            Content.InMemory content,
            ContentCoding coding,
            Headers fields,
            String cached) {
        byte[] bytes = stored.coded(coding);
        if (bytes == null) {
            var _ = listener.proxy()
                    .copies()
                    .make(wanted.key(), stored, content, coding)
                    .thenAccept(made -> onLoop(() -> serve(wanted, made, cached)));
            return;
        }
        fields.set("Content-Length", Integer.toString(bytes.length));
        begin(stored.status(), fields, cached);
        if (withoutBody) {
            end();
        } else if (!over) {
            finish(Buffer.buffer(bytes));
        }
    }

    /** Completes the response with the last of its content, in one write. */
    private void finish(Buffer content) {
        written += content.length();
        over = true;
        UnreadContent.beforeEnd(request, hasBody, http2);
        var _ = response.end(content);
        UnreadContent.settle(request, hasBody, http2, channel);
        over(status);
    }

    /** Sends what lies between two bytes of a content in parts, as fast as the client takes it. */
    private void send(List<byte[]> parts, int first, long firstAt, long from, long to) {
        int index = first;
        long at = firstAt;
        long next = from;
        while (!over && next < to) {
            byte[] part = parts.get(index);
            if (next >= at + part.length) {
                at += part.length;
                index++;
                continue;
            }
            int offset = (int) (next - at);
            int length = (int) Math.min(Math.min(PART, part.length - offset), to - next);
            next += length;
            write(buffer(part, offset, length));
            if (response.writeQueueFull() && next < to) {
                int index2 = index;
                long at2 = at;
                long next2 = next;
                whenTaken(() -> send(parts, index2, at2, next2, to));
                return;
            }
        }
        end();
    }

    private static Buffer buffer(byte[] bytes, int offset, int length) {
        return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes, offset, length));
    }

    /** Answers with a problem document, or breaks the response off if it has begun. */
    @Override
    public void fail(Problem problem, String cached) {
        if (over) {
            return;
        }
        over = true;
        cacheStatus = cached;
        if (headSent) {
            if (http2) {
                StreamError.INTERNAL.reset(request);
            } else {
                var _ = channel.close();
            }
        } else {
            if (!cached.isEmpty()) {
                response.headers().set(http2 ? "cache-status" : "Cache-Status", cached);
            }
            UnreadContent.beforeEnd(request, hasBody, http2);
            listener.answer(request, head.id(), problem, mustClose(), rules);
            UnreadContent.settle(request, hasBody, http2, channel);
        }
        over(problem.status());
    }

    /** HTTP/1 can only go on with the next request if this one's content has come. */
    private boolean mustClose() {
        return !http2 && (listener.isDraining() || (hasBody && !request.isEnded()));
    }

    /** The request as it came. */
    HttpServerRequest request() {
        return request;
    }

    /**
     * Answers that the connection goes on in another protocol (101).
     *
     * @return the connection without HTTP
     */
    Future<NetSocket> switchProtocols(Headers fields) {
        headSent = true;
        status = 101;
        fields.forEach(response.headers()::add);
        return request.toNetSocket();
    }

    /** Counts bytes that have passed after {@link #switchProtocols}. */
    void passed(int bytes) {
        written += bytes;
    }

    /** What came after {@link #switchProtocols} is over. */
    void closed() {
        if (!over) {
            over = true;
            over(status);
        }
    }

    private void gone() {
        if (!over && status != 101) {
            over = true;
            over(CLIENT_CLOSED_REQUEST);
            whenGone.run();
        }
    }

    private void over(int code) {
        endStall();
        if (coder != null) {
            coder.close();
        }
        guard.requestEnded();
        rules.ended(code);
        listener.ended(head, route, code, written, arrival, guard.client(), cacheStatus);
    }
}
