package io.selvage.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CacheStatus;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Completion;
import io.selvage.cache.Reuse;
import io.selvage.cache.Selection;
import io.selvage.gateway.ArrivingContent.Reader;
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
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request to an origin for everyone who wants its response: one client, or a thousand that asked for the same while it
 * was under way. A response that is going to be stored is read as fast as it comes and kept whole; of any other, no more
 * is held than the slowest reader is behind, and the origin waits. Belongs to one event loop; readers may be on others.
 */
final class Fetch implements OriginRequest.Answer {
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

    private final Proxy proxy;
    private final EventLoop eventLoop;
    private final RequestHead head;
    private final Proxied route;
    private final CacheRules rules;
    private final CacheRequest request;
    private Cause cause;
    private final boolean shared;
    private final Sharing sharing;
    private final Upstream upstream;
    private final long requestMillis = CacheClock.millis();
    private final List<Reader> waiting = new ArrayList<>();
    private final ArrivingContent content = new ArrivingContent(this::onLoop, this::spool, this::forget);
    private State state = State.WAITING;
    private long came;
    private @Nullable ArrivedHead arrived;
    private @Nullable Keeping keeping;
    private volatile boolean outdated;

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
        this.request = request;
        this.cause = cause;
        this.shared = shared;
        this.sharing = cause.sharing(request, route);
        RequestContent whole = exchange.content();
        RequestContent sent = refreshes && !whole.canRepeat() ? RequestContent.None.NONE : whole;
        String method = cause.stored() != null && head.method().equals("HEAD") ? "GET" : head.method();
        upstream = proxy.upstream(exchange, method, cause.asking(request, shared), sent, this);
        if (!refreshes) {
            admit(new Reader(exchange, request, false));
        }
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
            } else if (mayJoin(wanted)) {
                watch(reader);
                attach(reader, answer());
            } else {
                exchange.onLoop(() -> proxy.alone(exchange, wanted));
            }
        });
    }

    /** Whether the response that is coming is for another client too, from its start. */
    private boolean mayJoin(CacheRequest wanted) {
        return state == State.COMING
                && keeping != null
                && !outdated
                && answer().variant().matches(wanted.fields());
    }

    /** The head of the response that is coming. */
    private ArrivedHead answer() {
        return Objects.requireNonNull(arrived, "no response is coming");
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
            content.remove(reader);
            if (waiting.isEmpty() && content.isUnread() && keeping == null && !shared) {
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
    public void head(int code, Headers fields) {
        CachedResponse.Arrival arrival = CachedResponse.Arrival.of(
                fields, requestMillis, CacheClock.millis(), System.currentTimeMillis() / 1000);
        CachedResponse old = cause.stored();
        Completion missing = cause.completion();
        if (missing != null) {
            complete(missing, code, fields, arrival);
        } else if (old != null && code == 304 && cause.isAnother(fields)) {
            askAgain(old);
        } else if (old != null && code == 304) {
            freshen(old, fields, arrival);
        } else if (old != null && code >= 500 && code <= 504 && mayReplace(old, false)) {
            serveStale(old, code);
        } else {
            begin(ArrivedHead.of(code, code, fields, arrival, Optional.empty(), request, rules));
        }
    }

    /** Begins the answer of which the rest is stored, if what came is what was missing of it. */
    private void complete(Completion missing, int code, Headers fields, CachedResponse.Arrival arrival) {
        switch (missing.judge(code, fields)) {
            case FITS -> {
                missing.before().forEach(this::addStored);
                begin(ArrivedHead.of(
                        code,
                        missing.wanted().status(),
                        missing.fields(fields),
                        arrival,
                        Optional.of(missing.missing()),
                        request,
                        rules));
            }
            case REPLACES -> {
                cause = new Cause(cause.why());
                if (code < 400) {
                    proxy.cache().remove(request.key(), missing.partial());
                }
                begin(ArrivedHead.of(code, code, fields, arrival, Optional.empty(), request, rules));
            }
            case USELESS -> askAgain(missing.partial());
        }
    }

    private void addStored(ByteBuffer bytes) {
        content.add(BufferInternal.buffer(Unpooled.wrappedBuffer(bytes)));
    }

    private void begin(ArrivedHead answer) {
        state = State.COMING;
        arrived = answer;
        if (route.caches()) {
            proxy.changed(rules, request, answer.originStatus(), answer.fields());
        }
        if (route.caches() && !outdated && answer.isStorable(head.method(), request, cause)) {
            keeping =
                    Keeping.begin(proxy, request.key(), answer, () -> outdated).orElse(null);
        }
        if (keeping == null) {
            proxy.finished(this);
            rememberUnstorable();
        }
        List<Reader> all = List.copyOf(waiting);
        waiting.clear();
        for (Reader reader : all) {
            if (!reader.collapsed || (keeping != null && answer.variant().matches(reader.wanted.fields()))) {
                attach(reader, answer);
            } else {
                reader.exchange.onLoop(() -> proxy.alone(reader.exchange, reader.wanted));
            }
        }
    }

    private void attach(Reader reader, ArrivedHead answer) {
        boolean keeps = keeping != null;
        content.add(reader);
        Selection selection = Selection.of(reader.wanted, answer.status(), answer.fields(), answer.date(), -1);
        Optional<String> cookie = keeps ? Optional.empty() : upstream.stickyCookie();
        boolean conditional = route.caches() && (shared || keeps) && selection.status() == 304;
        String cached = route.caches()
                ? CacheStatus.forwarded(cause.why().text(), answer.originStatus(), keeps, reader.collapsed)
                : "";
        if (route.caches()) {
            proxy.counts().count(result(reader));
        }
        Headers sent = conditional ? fieldsFor(reader, selection, answer) : passed(reader, answer);
        cookie.ifPresent(value -> sent.add("Set-Cookie", value));
        reader.exchange.onLoop(() -> reader.exchange.respond(conditional ? 304 : answer.status(), sent, cached));
        content.pump(reader);
    }

    private CacheCounts.Result result(Reader reader) {
        return switch (cause.why()) {
            case BYPASS, METHOD -> CacheCounts.Result.BYPASS;
            default ->
                reader.collapsed
                        ? CacheCounts.Result.COLLAPSED
                        : cause.completion() != null ? CacheCounts.Result.COMPLETED : CacheCounts.Result.MISS;
        };
    }

    private Headers passed(Reader reader, ArrivedHead answer) {
        return route.caches()
                ? fieldsFor(reader, new Selection(answer.status(), 0, 0, Optional.empty()), answer)
                : answer.fields();
    }

    private static Headers fieldsFor(Reader reader, Selection selection, ArrivedHead answer) {
        return reader.exchange.fieldsFor(
                answer.fields(),
                selection,
                answer.policy().rule(),
                answer.arrival().age());
    }

    @Override
    public void content(Buffer part) {
        if (state != State.COMING || content.isComplete()) {
            return;
        }
        if (cause.completion() != null && came + part.length() > answer().declared()) {
            upstream.cancel();
            failed(BROKEN_OFF);
            return;
        }
        content.add(part);
        came += part.length();
        keep(part);
        if (keeping != null && came == answer().declared()) {
            complete(ClientStream.NO_TRAILERS);
        }
        content.pump();
        forget();
        if (keeping == null && content.isFull()) {
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
        if (stalled && keeping == kept && !content.isComplete()) {
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

    /** Drops what nobody needs here any more; lets the origin go on, or go. */
    private void forget() {
        if (spool() != null && state == State.COMING) {
            content.leaveToDisk();
        }
        if (keeping != null || content.isComplete() || state != State.COMING) {
            return;
        }
        if (content.isUnread()) {
            over();
            upstream.cancel();
            return;
        }
        content.dropRead();
        if (content.hasRoom()) {
            upstream.resume();
        }
    }

    /** What stands behind the content goes to who waits for a response that is not stored; a cache may leave it out (RFC 9111 §3.1). */
    @Override
    public void end(Headers behind) {
        if (state == State.OVER || content.isComplete()) {
            return;
        }
        if (state == State.COMING && cause.completion() != null && came != answer().declared()) {
            failed(BROKEN_OFF);
        } else {
            complete(keeping != null ? ClientStream.NO_TRAILERS : behind);
            content.pump();
        }
    }

    /** All has come: stores it, before the last reader can know. */
    private void complete(Headers behind) {
        Completion missing = cause.completion();
        if (missing != null) {
            missing.after().forEach(this::addStored);
        }
        content.complete(behind);
        Keeping kept = keeping;
        if (kept != null) {
            kept.complete(() -> onLoop(() -> proxy.finished(this)));
        } else {
            proxy.finished(this);
        }
    }

    /** Forgets what could not be validated, and lets its clients ask for the whole response. */
    private void askAgain(CachedResponse old) {
        proxy.cache().remove(request.key(), old);
        List<Reader> all = List.copyOf(waiting);
        waiting.clear();
        over();
        upstream.cancel();
        all.forEach(this::askAgain);
    }

    private void askAgain(Reader reader) {
        reader.exchange.onLoop(() -> proxy.fetch(reader.exchange, reader.wanted));
    }

    private void freshen(CachedResponse old, Headers fields, CachedResponse.Arrival arrival) {
        over();
        CachedResponse fresh = old.freshenedBy(fields, arrival);
        boolean isShared = fresh.policy().allowsStoring(request, fresh.status(), fresh.fields())
                && fresh.policy().isWorthStoring(fresh.fields());
        if (!outdated) {
            if (isShared) {
                proxy.cache().replace(request.key(), old, fresh);
            } else {
                proxy.cache().remove(request.key(), old);
            }
        }
        if (!isShared && waiting.size() > 1) {
            List<Reader> others = List.copyOf(waiting.subList(1, waiting.size()));
            waiting.subList(1, waiting.size()).clear();
            others.forEach(this::askAgain);
        }
        serve(
                fresh,
                CacheCounts.Result.REVALIDATED,
                reader -> CacheStatus.forwarded(cause.why().text(), 304, !outdated, reader.collapsed));
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
        CachedResponse old = cause.stored();
        if (state != State.WAITING || old == null || old.policy().forbidsStale()) {
            return false;
        }
        serveStale(old, 0);
        return true;
    }

    @Override
    public void failed(Problem problem) {
        if (content.isComplete()) {
            return;
        }
        CachedResponse old = cause.stored();
        if (state == State.WAITING && old != null && mayReplace(old, true)) {
            serveStale(old, 0);
            return;
        }
        Keeping kept = keeping;
        if (kept != null && state == State.COMING) {
            kept.breakOff();
            keeping = null;
        }
        String cached = route.caches() ? CacheStatus.forwarded(cause.why().text(), 0, false, false) : "";
        List<Reader> all = new ArrayList<>(waiting);
        all.addAll(content.readers());
        waiting.clear();
        content.clear();
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
            if (kept != null && !content.isComplete()) {
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
