package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ContentCoding;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
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
    private final ClientStream request;
    private final EventLoop eventLoop;
    private final ConnectionGuard guard;
    private final RequestHead head;
    private RequestHead asked;
    private final Proxied route;
    private final RuleRun rules;
    private final long arrival;
    private final boolean hasBody;
    private RequestContent content;
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
        this.rules = rules;
        this.eventLoop = arrived.channel().eventLoop();
        this.guard = ConnectionGuard.of(arrived.channel());
        this.head = head;
        this.asked = head;
        this.route = route;
        this.arrival = arrived.arrival();
        this.hasBody = hasBody;
        this.content = hasBody ? new RequestContent.Streamed(request, Buffer.buffer()) : RequestContent.None.NONE;
    }

    /** Begins to watch the client. */
    void open(boolean expectsContinue) {
        request.whenGone(this::broken);
        if (hasBody) {
            request.pause();
            if (expectsContinue) {
                request.interim(100, new Headers());
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
        if (!over && !headSent) {
            request.interim(code, fields);
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
            request.uncoded(Buffer.buffer());
        }
    }

    /** Whether the response that has begun has content. */
    boolean hasContent() {
        return !withoutBody;
    }

    /** Begins a response as it is. */
    void begin(int code, Headers fields, String cached) {
        if (over) {
            return;
        }
        left = length(fields);
        Headers all = fields;
        if (!cached.isEmpty()) {
            all = new Headers();
            fields.forEach(all::add);
            all.add("Cache-Status", cached);
        }
        Headers ruled = ResponseFields.rule(rules, code, all);
        try {
            request.head(code, ruled);
        } catch (IllegalArgumentException _) {
            fail(MALFORMED, cached);
            return;
        }
        begun(code, cached);
        if (left < 0 && !withoutBody) {
            eventLoop.execute(this::sendHead);
        }
    }

    /** How many bytes the content has; -1 if that is not said. */
    private static long length(Headers fields) {
        Optional<String> text = fields.first("content-length");
        try {
            return text.isEmpty() ? -1 : Long.parseLong(text.get());
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    /** Begins the response to a request for the whole of what is stored. */
    void begin(int code, ServedFields fields, long age, String cached) {
        if (rules != RuleRun.NONE) {
            begin(code, fields.with(age, ""), cached);
        } else if (!over) {
            left = fields.length();
            request.head(code, fields, age, cached);
            begun(code, cached);
        }
    }

    private void begun(int code, String cached) {
        status = code;
        cacheStatus = cached;
        withoutBody = head.method().equals("HEAD") || code == 204 || code == 304;
        headSent = true;
    }

    /** Sends the head of a response whose content does not come with it, as that of events may take its time. */
    private void sendHead() {
        if (!over && written == 0) {
            request.sendHead();
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
        if (request.isFull()) {
            whenTaken(sent);
        } else {
            sent.run();
        }
    }

    private void write(Buffer part) {
        Buffer passed = part;
        if (coder != null) {
            request.uncoded(part);
            passed = coder.code(part);
        }
        written += passed.length();
        request.write(passed);
    }

    /** Goes on when the client has taken most of what is written; a client that takes too long is let go. */
    private void whenTaken(Runnable next) {
        Stall stall = stall(this::leave);
        stalled = stall;
        request.whenDrained(() -> {
            if (stalled == stall) {
                endStall();
                next.run();
            }
        });
    }

    /** Gives something up when what is written has not been taken for as long as a client may need; its event loop forgets it. */
    Stall stall(Runnable giveUp) {
        Stall stall = new Stall(listener.limits().sendNanos(), giveUp);
        guard.loop().add(stall);
        return stall;
    }

    /** Lets a client go that does not take its response. */
    private void leave() {
        request.reset(StreamError.INTERNAL);
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
        end(new Headers());
    }

    /** Completes the response; a client gets fields behind the content if it has said that it takes them (RFC 9110 §6.5.1). */
    @Override
    public void end(Headers trailers) {
        if (over) {
            return;
        }
        over = true;
        Buffer last = coder == null ? Buffer.buffer() : coder.end();
        if (trailers.size() > 0 && ProxyFields.takesTrailers(head.headers())) {
            request.end(last, trailers);
        } else {
            request.end(last);
        }
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
        request.end(content);
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
        if (headSent && !request.retract()) {
            request.reset(StreamError.INTERNAL);
        } else {
            if (!cached.isEmpty()) {
                request.always("Cache-Status", cached);
            }
            written = Listener.answer(request, head.id(), failure, rules);
        }
        over(failure.status());
    }

    /** The request as it came. */
    ClientStream request() {
        return request;
    }

    /**
     * Answers that the connection goes on in another protocol (101).
     *
     * @return the connection without HTTP
     */
    Pipe switchProtocols(Headers fields) {
        headSent = true;
        status = 101;
        return request.switchProtocols(fields);
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

    /** The client is gone, or the framing of its content is malformed. */
    private void broken(String malformed) {
        if (over || headSent || malformed.isEmpty()) {
            gone();
            return;
        }
        fail(
                Problem.of(
                        400,
                        "malformed",
                        "The request is malformed",
                        "The framing of its content is broken. " + malformed + "."),
                "");
        whenGone.run();
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
        listener.accesses().ended(head, route, code, written, arrival, guard, cacheStatus, problem);
    }
}
