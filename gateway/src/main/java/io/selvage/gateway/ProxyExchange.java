package io.selvage.gateway;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ContentCoding;
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
import io.vertx.core.net.NetSocket;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client's side of a request that an origin or the cache answers; its event loop is that of its connection. */
final class ProxyExchange implements Recipient {
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private static final Problem MALFORMED = Problem.of(
            502,
            "origin-malformed",
            "The origin's answer is malformed",
            "It holds a header field that cannot be passed on.");

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
    private String problem = "";
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
    public void interim(int code, Headers fields) {
        if (code == 103 && !over && !headSent && !head.protocol().equals("HTTP/1.0")) {
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
        coding.ifPresent(this::code);
    }

    /** Compresses the content that comes from now on. */
    void code(ContentCoding coding) {
        if (!over && !withoutBody) {
            coder = new Coder(coding);
        }
    }

    /** Whether the response that has begun has content. */
    boolean hasContent() {
        return !withoutBody;
    }

    /** Begins a response as it is. */
    void begin(int code, Headers fields, String cached) {
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

    /** Begins the response to a request for the whole of what is stored. */
    void begin(int code, ServedFields fields, long age, String cached) {
        left = fields.length();
        begin(code, to -> fields.addTo(to, age, http2), true, cached);
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
        new StoredAnswer(this, listener.proxy(), wanted, cached).serve(stored);
    }

    /** Completes the response with the last of its content, in one write. */
    void finish(Buffer content) {
        written += content.length();
        over = true;
        UnreadContent.beforeEnd(request, hasBody, http2);
        var _ = response.end(content);
        UnreadContent.settle(request, hasBody, http2, channel);
        over(status);
    }

    /** Answers with a problem document, or breaks the response off if it has begun. */
    @Override
    public void fail(Problem failure, String cached) {
        if (over) {
            return;
        }
        over = true;
        cacheStatus = cached;
        problem = failure.kind();
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
            listener.answer(request, head.id(), failure, mustClose(), rules);
            UnreadContent.settle(request, hasBody, http2, channel);
        }
        over(failure.status());
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
        listener.ended(head, route, code, written, arrival, guard.client(), cacheStatus, problem);
    }
}
