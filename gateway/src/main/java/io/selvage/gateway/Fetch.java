package io.selvage.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CacheStatus;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Completion;
import io.selvage.cache.ContentRange;
import io.selvage.cache.ResponsePolicy;
import io.selvage.cache.Reuse;
import io.selvage.cache.Selection;
import io.selvage.cache.Variant;
import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.RequestHead;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request to an origin and everyone who reads its response: one client, or a thousand that asked for the same while it
 * was under way. A response that is going to be stored is read as fast as it comes and kept whole; of any other, no more
 * is held than the slowest reader is behind, and the origin waits. Belongs to one event loop; readers may be on others.
 */
final class Fetch implements OriginRequest.Answer {
    /** How much of a response that is not stored may wait for its readers, bytes. */
    private static final int MOST_WAITING = 256 << 10;

    private static final int UNDER_WAY = 4;

    private static final Problem BROKEN_OFF = Problem.of(
            502,
            "answer-incomplete",
            "The answer has not come whole",
            "The origin has sent less of it than it has said.");

    private enum State {
        /** The response has not begun. */
        WAITING,
        /** The response is coming. */
        COMING,
        /** There is nothing more to read here. */
        OVER
    }

    /** One client, and how far it is. */
    private final class Reader {
        private final Recipient exchange;
        private final CacheRequest wanted;
        private final boolean collapsed;
        private long next;
        private long read;
        private int underWay;
        private boolean pumping;

        Reader(Recipient exchange, CacheRequest wanted, boolean collapsed) {
            this.exchange = exchange;
            this.wanted = wanted;
            this.collapsed = collapsed;
        }

        /** Hands on what has come, as far as the client keeps up. */
        void pump() {
            if (pumping) {
                return;
            }
            Spool spooled = spool();
            if (next < first && spooled != null && readers.remove(this)) {
                exchange.onLoop(() -> spooled.send(exchange, read));
                return;
            }
            pumping = true;
            while (underWay < UNDER_WAY && next < first + parts.size()) {
                Buffer part = parts.get((int) (next - first));
                next++;
                read += part.length();
                underWay++;
                exchange.onLoop(() -> exchange.write(part, () -> onLoop(this::sent)));
            }
            pumping = false;
            if (complete && next == first + parts.size() && readers.remove(this)) {
                exchange.onLoop(() -> exchange.end(trailers));
            }
        }

        private void sent() {
            underWay--;
            if (readers.contains(this)) {
                pump();
                forget();
            }
        }
    }

    private final Proxy proxy;
    private final EventLoop eventLoop;
    private final RequestHead head;
    private final Proxied route;
    private final CacheRules rules;
    private final CacheRequest request;
    private final Cause.Why why;
    private final @Nullable CachedResponse stored;
    private @Nullable Completion completion;
    private final boolean shared;
    private final Sharing sharing;
    private final Upstream upstream;
    private final long requestMillis = CacheClock.millis();
    private final List<Reader> waiting = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Buffer> parts = new ArrayList<>();
    private State state = State.WAITING;
    private long first;
    private long held;
    private long came;
    private long declared;
    private Optional<ContentRange> range = Optional.empty();
    private @Nullable Keeping keeping;
    private Headers trailers = ClientStream.NO_TRAILERS;
    private boolean complete;
    private volatile boolean outdated;
    private CachedResponse.Arrival arrival = new CachedResponse.Arrival(0, 0, 0);
    private ResponsePolicy policy;
    private int status;
    private int originStatus;
    private Headers fields = new Headers();
    private Variant variant = Variant.ONLY;

    /**
     * A request that is not sent yet.
     *
     * @param exchange whose connection, fields and content it uses; its client reads the response unless this is only to
     *     refresh what is stored
     * @param shared whether other requests may get its response
     */
    Fetch(Proxy proxy, Recipient exchange, CacheRequest request, Cause cause, boolean shared, boolean refreshes) {
        this.proxy = proxy;
        this.eventLoop = exchange.eventLoop();
        this.head = exchange.asked();
        this.route = exchange.route();
        this.rules = route.cache().orElse(CacheRules.DEFAULT);
        this.policy = ResponsePolicy.of(0, new Headers(), 0, rules);
        this.request = request;
        this.why = cause.why();
        this.stored = cause.stored();
        this.completion = cause.completion();
        this.shared = shared;
        this.sharing = cause.sharing(request, route);
        Headers fields = asked();
        RequestContent content = exchange.content();
        RequestContent sent = refreshes && !content.canRepeat() ? RequestContent.None.NONE : content;
        String method = stored != null && head.method().equals("HEAD") ? "GET" : head.method();
        upstream = proxy.upstream(exchange, method, fields, sent, this);
        if (!refreshes) {
            admit(new Reader(exchange, request, false));
        }
    }

    /** The fields of the request to the origin. */
    private Headers asked() {
        CachedResponse old = stored;
        Completion missing = completion;
        if (missing != null) {
            return missing.asking(request.fields());
        }
        if (old == null) {
            return shared ? withRange(Reuse.unconditional(request.fields())) : request.fields();
        }
        Headers fields = Reuse.validating(request.fields(), old);
        return old.isPartial() ? withRange(fields) : fields;
    }

    private Headers withRange(Headers fields) {
        request.fields().all("range").forEach(range -> fields.add("Range", range));
        return fields;
    }

    /** Sends the request; on the event loop. */
    void start() {
        upstream.start();
    }

    /** Another client wants the response; on any thread. */
    void join(Recipient exchange, CacheRequest wanted) {
        onLoop(() -> {
            Reader reader = new Reader(exchange, wanted, true);
            if (state == State.WAITING) {
                admit(reader);
            } else if (state == State.COMING && keeping != null && !outdated && variant.matches(wanted.fields())) {
                watch(reader);
                attach(reader);
            } else {
                exchange.onLoop(() -> proxy.alone(exchange, wanted));
            }
        });
    }

    /** Lets its response not be stored, because what it was asked for has changed since; on any thread. */
    void outdate() {
        outdated = true;
    }

    private void admit(Reader reader) {
        waiting.add(reader);
        watch(reader);
    }

    /** Lets a client go that goes away, and the origin too when nobody and nothing wants its answer any more. */
    private void watch(Reader reader) {
        Runnable gone = () -> {
            waiting.remove(reader);
            readers.remove(reader);
            if (waiting.isEmpty() && readers.isEmpty() && keeping == null && !shared) {
                over();
                upstream.cancel();
            } else {
                forget();
            }
        };
        reader.exchange.onLoop(() -> reader.exchange.whenGone(() -> onLoop(gone)));
    }

    @Override
    public void interim(int code, Headers interim) {
        waiting.forEach(reader -> reader.exchange.onLoop(() -> reader.exchange.interim(code, interim)));
    }

    @Override
    public void head(int code, Headers came) {
        status = code;
        originStatus = code;
        fields = came;
        arrival =
                CachedResponse.Arrival.of(came, requestMillis, CacheClock.millis(), System.currentTimeMillis() / 1000);
        CachedResponse old = stored;
        Completion missing = completion;
        if (missing != null) {
            complete(missing, missing.judge(code, came));
        } else if (old != null && code == 304 && isAnother(old)) {
            askAgain(old);
        } else if (old != null && code == 304) {
            freshen(old);
        } else if (old != null && code >= 500 && code <= 504 && mayReplace(old, false)) {
            serveStale(old, code);
        } else {
            begin();
        }
    }

    /** Begins the answer of which the rest is stored, if what came is what was missing of it. */
    private void complete(Completion missing, Completion.Answer answer) {
        switch (answer) {
            case FITS -> {
                range = Optional.of(missing.missing());
                status = missing.wanted().status();
                fields = missing.fields(fields);
                missing.before().forEach(this::addStored);
                begin();
            }
            case REPLACES -> {
                completion = null;
                if (status < 400) {
                    proxy.cache().remove(request.key(), missing.partial());
                }
                begin();
            }
            case USELESS -> askAgain(missing.partial());
        }
    }

    private void addStored(ByteBuffer bytes) {
        parts.add(BufferInternal.buffer(Unpooled.wrappedBuffer(bytes)));
        held += bytes.remaining();
    }

    private void begin() {
        state = State.COMING;
        if (route.caches()) {
            proxy.changed(rules, request, originStatus, fields);
        }
        if (range.isEmpty()) {
            range = ContentRange.of(originStatus, fields);
        }
        policy = ResponsePolicy.of(meaning(), fields, arrival.second(), rules);
        declared = range.map(ContentRange::length).orElseGet(() -> ResponseFields.declaredLength(fields));
        variant = Variant.of(fields, request.fields());
        if (route.caches() && !outdated && isStorable()) {
            Keeping.Head kept = new Keeping.Head(status, fields, variant, arrival, rules, range, declared);
            keeping = Keeping.begin(proxy, request.key(), kept, () -> outdated).orElse(null);
        }
        if (keeping == null) {
            proxy.finished(this);
            rememberUnstorable();
        }
        List<Reader> all = List.copyOf(waiting);
        waiting.clear();
        for (Reader reader : all) {
            if (!reader.collapsed || (keeping != null && variant.matches(reader.wanted.fields()))) {
                attach(reader);
            } else {
                reader.exchange.onLoop(() -> proxy.alone(reader.exchange, reader.wanted));
            }
        }
    }

    /** The status that counts for storing: a part is one of a 200. */
    private int meaning() {
        return range.isPresent() ? 200 : status;
    }

    private boolean isStorable() {
        if (range.isPresent() && (!head.method().equals("GET") || isBare())) {
            return false;
        }
        boolean get = why != Cause.Why.BYPASS && !head.method().equals("HEAD") && request.isCacheable();
        boolean asGet = head.method().equals("POST")
                && status == 200
                && policy.isExplicit()
                && fields.first("content-location")
                        .flatMap(location -> request.key().resolve(location, rules.key()))
                        .filter(request.key()::equals)
                        .isPresent();
        return (get || asGet) && policy.allowsStoring(request, meaning(), fields) && policy.isWorthStoring(fields);
    }

    /** Whether a part may lack fields of the whole, since its client has said that it has them (RFC 9110 §15.3.7). */
    private boolean isBare() {
        return completion == null && request.fields().contains("if-range") && !fields.contains("content-type");
    }

    private void attach(Reader reader) {
        boolean keeps = keeping != null;
        readers.add(reader);
        Selection selection = Selection.of(reader.wanted, status, fields, date(), -1);
        Optional<String> cookie = keeps ? Optional.empty() : upstream.stickyCookie();
        boolean conditional = route.caches() && (shared || keeps) && selection.status() == 304;
        String cached = route.caches() ? CacheStatus.forwarded(why.text(), originStatus, keeps, reader.collapsed) : "";
        if (route.caches()) {
            proxy.counts().count(result(reader));
        }
        Headers sent = conditional
                ? reader.exchange.fieldsFor(fields, selection, policy.rule(), arrival.age())
                : passed(reader);
        cookie.ifPresent(value -> sent.add("Set-Cookie", value));
        reader.exchange.onLoop(() -> reader.exchange.respond(conditional ? 304 : status, sent, cached));
        reader.pump();
    }

    private CacheCounts.Result result(Reader reader) {
        return switch (why) {
            case BYPASS, METHOD -> CacheCounts.Result.BYPASS;
            default ->
                reader.collapsed
                        ? CacheCounts.Result.COLLAPSED
                        : completion != null ? CacheCounts.Result.COMPLETED : CacheCounts.Result.MISS;
        };
    }

    private Headers passed(Reader reader) {
        return route.caches()
                ? reader.exchange.fieldsFor(
                        fields, new Selection(status, 0, 0, Optional.empty()), policy.rule(), arrival.age())
                : fields;
    }

    private long date() {
        return io.selvage.cache.HttpDate.parse(fields.first("date").orElse("")).orElse(arrival.second());
    }

    @Override
    public void content(Buffer part) {
        if (state != State.COMING || complete) {
            return;
        }
        if (completion != null && came + part.length() > declared) {
            upstream.cancel();
            failed(BROKEN_OFF);
            return;
        }
        parts.add(part);
        held += part.length();
        came += part.length();
        keep(part);
        if (keeping != null && came == declared) {
            complete();
        }
        List.copyOf(readers).forEach(Reader::pump);
        forget();
        if (keeping == null && held > MOST_WAITING) {
            upstream.pause();
        }
    }

    /** Keeps a further part of a response that is going to be stored. */
    private void keep(Buffer part) {
        Keeping kept = keeping;
        if (kept == null) {
            return;
        }
        if (!kept.add(part)) {
            letGo(kept);
        } else if (kept.isBehind()) {
            upstream.pause();
            var _ = kept.drained().whenComplete((_, failure) -> onLoop(() -> goOn(kept, failure != null)));
        }
    }

    /** Lets the origin go on, without the disk if that does not answer. */
    private void goOn(Keeping kept, boolean stalled) {
        if (stalled && keeping == kept && !complete) {
            letGo(kept);
        }
        upstream.resume();
    }

    /** Gives up storing: from now on only what is not read yet is held. */
    private void letGo(Keeping kept) {
        kept.abort();
        keeping = null;
        proxy.finished(this);
        rememberUnstorable();
    }

    /** Where the response is on disk, or null. */
    private @Nullable Spool spool() {
        Keeping kept = keeping;
        return kept == null ? null : kept.spool();
    }

    /** Drops what every reader has read of a response that is not stored. */
    private void forget() {
        if (spool() != null && state == State.COMING) {
            leaveToDisk();
        }
        if (keeping != null || complete || state != State.COMING) {
            return;
        }
        if (readers.isEmpty()) {
            over();
            upstream.cancel();
            return;
        }
        long least = readers.stream()
                .mapToLong(r -> r.next - Math.min(r.underWay, 1))
                .min()
                .orElse(first);
        while (first < least && !parts.isEmpty()) {
            held -= parts.removeFirst().length();
            first++;
        }
        if (held <= MOST_WAITING / 2) {
            upstream.resume();
        }
    }

    /** Drops what is on disk; readers that have not had it yet get it from there. */
    private void leaveToDisk() {
        while (held > MOST_WAITING && parts.size() > 1) {
            held -= parts.removeFirst().length();
            first++;
        }
        List.copyOf(readers).stream().filter(reader -> reader.next < first).forEach(Reader::pump);
    }

    /** What stands behind the content goes to who waits for a response that is not stored; a cache may leave it out (RFC 9111 §3.1). */
    @Override
    public void end(Headers behind) {
        trailers = keeping != null ? ClientStream.NO_TRAILERS : behind;
        if (state == State.COMING && !complete && completion != null && came != declared) {
            failed(BROKEN_OFF);
        } else if (state != State.OVER && !complete) {
            complete();
            List.copyOf(readers).forEach(Reader::pump);
        }
    }

    /** All has come: stores it, before the last reader can know. */
    private void complete() {
        complete = true;
        Completion missing = completion;
        if (missing != null) {
            missing.after().forEach(this::addStored);
        }
        Keeping kept = keeping;
        if (kept != null) {
            kept.complete(() -> onLoop(() -> proxy.finished(this)));
        } else {
            proxy.finished(this);
        }
    }

    /** Whether a 304 is about a response with another strong validator, and so says nothing of this one (§4.3.4). */
    private boolean isAnother(CachedResponse old) {
        Optional<String> tag = fields.first("etag").map(String::strip);
        Optional<String> known = old.entityTag();
        return tag.isPresent()
                && known.isPresent()
                && tag.get().startsWith("\"")
                && known.get().startsWith("\"")
                && !tag.equals(known);
    }

    /** Forgets what could not be validated, and lets its clients ask for the whole response. */
    private void askAgain(CachedResponse old) {
        proxy.cache().remove(request.key(), old);
        List<Reader> all = List.copyOf(waiting);
        waiting.clear();
        over();
        upstream.cancel();
        all.forEach(reader -> reader.exchange.onLoop(() -> proxy.fetch(reader.exchange, reader.wanted)));
    }

    private void freshen(CachedResponse old) {
        over();
        CachedResponse fresh = old.freshenedBy(fields, arrival);
        if (!outdated) {
            if (fresh.policy().allowsStoring(request, fresh.status(), fresh.fields())) {
                proxy.cache().replace(request.key(), old, fresh);
            } else {
                proxy.cache().remove(request.key(), old);
            }
        }
        serve(
                fresh,
                CacheCounts.Result.REVALIDATED,
                reader -> CacheStatus.forwarded(why.text(), 304, !outdated, reader.collapsed));
    }

    private boolean mayReplace(CachedResponse old, boolean disconnected) {
        return Reuse.mayReplaceFailure(request, old, disconnected, CacheClock.millis());
    }

    private void serveStale(CachedResponse old, int code) {
        over();
        upstream.cancel();
        long timeToLive = old.timeToLive(CacheClock.millis());
        serve(old, CacheCounts.Result.STALE_ON_ERROR, _ -> CacheStatus.staleOnError(timeToLive, code));
    }

    private void serve(CachedResponse response, CacheCounts.Result result, Function<Reader, String> cached) {
        List<Reader> all = List.copyOf(waiting);
        waiting.clear();
        for (Reader reader : all) {
            String text = cached.apply(reader);
            reader.exchange.onLoop(() -> {
                if (response.variant().matches(reader.wanted.fields())) {
                    proxy.counts().count(result);
                    reader.exchange.serve(reader.wanted, response, text);
                } else {
                    proxy.alone(reader.exchange, reader.wanted);
                }
            });
        }
    }

    @Override
    public boolean stale() {
        CachedResponse old = stored;
        if (state != State.WAITING || old == null || old.policy().forbidsStale()) {
            return false;
        }
        serveStale(old, 0);
        return true;
    }

    @Override
    public void failed(Problem problem) {
        if (complete) {
            return;
        }
        CachedResponse old = stored;
        if (state == State.WAITING && old != null && mayReplace(old, true)) {
            serveStale(old, 0);
            return;
        }
        Keeping kept = keeping;
        if (kept != null && state == State.COMING) {
            kept.breakOff();
            keeping = null;
        }
        String cached = route.caches() ? CacheStatus.forwarded(why.text(), 0, false, false) : "";
        List<Reader> all = new ArrayList<>(waiting);
        all.addAll(readers);
        waiting.clear();
        readers.clear();
        over();
        all.forEach(reader -> {
            if (route.caches()) {
                proxy.counts().count(CacheCounts.Result.FAILED);
            }
            reader.exchange.onLoop(() -> reader.exchange.fail(problem, cached));
        });
    }

    private void over() {
        if (state != State.OVER) {
            state = State.OVER;
            Keeping kept = keeping;
            if (kept != null && !complete) {
                kept.abort();
                keeping = null;
            }
            proxy.finished(this);
        }
    }

    private void rememberUnstorable() {
        if (shared) {
            proxy.remember(this);
        }
    }

    /** What other requests share it by. */
    Sharing sharing() {
        return sharing;
    }

    private void onLoop(Runnable task) {
        if (eventLoop.inEventLoop()) {
            task.run();
        } else {
            eventLoop.execute(task);
        }
    }
}
