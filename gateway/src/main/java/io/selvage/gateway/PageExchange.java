package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.cache.CacheClock;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ClientFields;
import io.selvage.cache.Content;
import io.selvage.cache.Partial;
import io.selvage.cache.Selection;
import io.selvage.esi.Allowance;
import io.selvage.esi.Assembly;
import io.selvage.esi.PageFailure;
import io.selvage.node.EsiRules;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.RequestHead;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request whose answer, if it is a page, is put together from includes on its way. What is cached is the page with its tags;
 * this is done anew for every request, and says so to every cache that follows. Belongs to an event loop.
 */
final class PageExchange implements Recipient {
    /** How much of a page may wait for an include or for a slow client, bytes; then the page waits too. */
    private static final int MOST_WAITING = 256 << 10;

    private final Proxy proxy;
    private final Recipient outer;
    private final EsiRules rules;
    private final Allowance allowance;
    private final RequestHead head;
    private final PageIncludes includes;
    private final Gathered gathered = new Gathered();
    private final Deque<Runnable> paused = new ArrayDeque<>();
    private RequestHead asked;
    private @Nullable RequestHead came;
    private Runnable whenGone = () -> {};
    private @Nullable Assembly assembly;
    private @Nullable ScheduledFuture<?> timer;
    private int status;
    private Headers fields = new Headers();
    private String cached = "";
    private boolean reading;
    private boolean begun;
    private boolean sending;
    private boolean resuming;
    private boolean over;

    /** What of the page is ready and has not been sent. */
    private static final class Gathered implements Assembly.Output {
        private Buffer bytes = Buffer.buffer();
        private boolean complete;
        private Optional<PageFailure> failure = Optional.empty();

        @Override
        public void write(byte[] part) {
            bytes.appendBytes(part);
        }

        @Override
        public void end() {
            complete = true;
        }

        @Override
        public void fail(PageFailure why) {
            failure = Optional.of(why);
        }

        Buffer taken() {
            Buffer taken = bytes;
            bytes = Buffer.buffer();
            return taken;
        }
    }

    private PageExchange(Proxy proxy, Recipient outer, EsiRules rules, Allowance allowance, int depth, int deepest) {
        this.proxy = proxy;
        this.outer = outer;
        this.rules = rules;
        this.allowance = allowance;
        this.includes = new PageIncludes(proxy, this, allowance, depth, deepest);
        this.head = EsiFields.toOrigin(outer.head(), outer.route().caches());
        this.asked = head;
        outer.whenGone(this::gone);
    }

    /** The answer to a client. */
    static PageExchange of(Proxy proxy, Recipient client, EsiRules rules) {
        Allowance allowance = new Allowance(rules.includes(), rules.size());
        return new PageExchange(proxy, client, rules, allowance, 0, rules.depth());
    }

    /** What another page includes, which takes from what that one may take. */
    static PageExchange within(
            Proxy proxy, Recipient include, EsiRules rules, Allowance allowance, int depth, int deepest) {
        return new PageExchange(proxy, include, rules, allowance, depth, deepest);
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public RequestHead came() {
        RequestHead known = came;
        if (known == null) {
            known = outer.came();
            came = known;
        }
        return known;
    }

    @Override
    public void asks(RequestHead other) {
        asked = other;
    }

    @Override
    public RequestHead asked() {
        return asked;
    }

    @Override
    public Proxied route() {
        return outer.route();
    }

    @Override
    public RequestContent content() {
        return outer.content();
    }

    @Override
    public void holds(RequestContent content) {
        outer.holds(content);
    }

    @Override
    public long bodyLimit() {
        return outer.bodyLimit();
    }

    @Override
    public Optional<Problem> admit() {
        return outer.admit();
    }

    @Override
    public EventLoop eventLoop() {
        return outer.eventLoop();
    }

    @Override
    public LoopState loop() {
        return outer.loop();
    }

    @Override
    public void whenGone(Runnable action) {
        whenGone = action;
        if (isOver()) {
            action.run();
        }
    }

    @Override
    public boolean isOver() {
        return over || outer.isOver();
    }

    @Override
    public void interim(int code, Headers interim) {
        outer.interim(code, interim);
    }

    @Override
    public String cacheStatus() {
        return cached;
    }

    @Override
    public void respond(int code, Headers answered, String cacheStatus) {
        if (isPage(code, answered)) {
            begin(code, answered, ResponseFields.declaredLength(answered), cacheStatus);
        } else {
            outer.respond(code, answered, cacheStatus);
        }
    }

    private boolean isPage(int code, Headers answered) {
        return isPage(rules, code, answered);
    }

    /** Whether an answer is a page that is put together. */
    static boolean isPage(EsiRules rules, int code, Headers answered) {
        return code >= 200
                && code != 204
                && code != 205
                && code != 206
                && code != 304
                && !answered.contains("content-encoding")
                && rules.isPage(answered);
    }

    private void begin(int code, Headers answered, long length, String cacheStatus) {
        status = code;
        fields = EsiFields.toClient(answered, route().cache().map(c -> c.lifetime(code, answered)));
        cached = cacheStatus;
        if (head.method().equals("HEAD")) {
            outer.respond(code, fields, cached);
        } else {
            assembly = new Assembly(EsiFields.variables(came(), rules.cookies()), includes, allowance, gathered);
            if (!allowance.hasBytes(length)) {
                gathered.fail(allowance.tooLarge());
                advance();
            }
        }
    }

    @Override
    public void write(Buffer part, Runnable sent) {
        if (assembly == null) {
            outer.write(part, sent);
        } else if (!over) {
            paused.add(sent);
            read(part.getBytes());
        }
    }

    private void read(byte[] bytes) {
        Assembly page = assembly;
        if (page != null) {
            if (allowance.takeBytes(bytes.length)) {
                reading = true;
                page.read(bytes);
                reading = false;
            } else {
                page.cancel();
                gathered.fail(allowance.tooLarge());
            }
            advance();
        }
    }

    @Override
    public void end() {
        Assembly page = assembly;
        if (page == null) {
            over = true;
            outer.end();
        } else if (!over) {
            end(page);
            if (!page.mistakes().isEmpty()) {
                proxy.pages().mistakes(came(), page.mistakes());
            }
        }
    }

    private void end(Assembly page) {
        reading = true;
        page.end();
        reading = false;
        advance();
    }

    @Override
    public void serve(CacheRequest wanted, CachedResponse stored, String cacheStatus) {
        if (!isPage(stored.status(), stored.fields())) {
            over = true;
            outer.serve(
                    CacheRequest.of(wanted.method(), wanted.key(), outer.head().headers()), stored, cacheStatus);
            return;
        }
        switch (stored.content()) {
            case Content.InMemory memory -> {
                begin(stored, cacheStatus);
                if (assembly == null) {
                    end();
                } else {
                    feed(memory.parts(), 0);
                }
            }
            case Content.OnDisk _ -> DiskSender.serve(proxy, this, wanted, stored, () -> begin(stored, cacheStatus));
            case Partial _ -> proxy.fetch(this, wanted);
        }
    }

    private void begin(CachedResponse stored, String cacheStatus) {
        Selection whole = new Selection(stored.status(), 0, stored.length(), Optional.empty());
        long age = stored.age(CacheClock.millis());
        begin(
                stored.status(),
                ClientFields.of(stored.fields(), whole, stored.policy().rule(), age),
                stored.length(),
                cacheStatus);
    }

    private void feed(List<byte[]> parts, int next) {
        Assembly page = assembly;
        if (page == null || over) {
            return;
        }
        if (next == parts.size()) {
            end(page);
        } else {
            paused.add(() -> feed(parts, next + 1));
            read(parts.get(next));
        }
    }

    /** Something has been included, or has failed to be. */
    void included() {
        advance();
    }

    /** Sends what is ready, and lets more of the page come. */
    private void advance() {
        Assembly page = assembly;
        if (over || reading || page == null) {
            return;
        }
        if (gathered.failure.isPresent()) {
            fail(gathered.failure.get());
            return;
        }
        watchTime(page);
        if (!sending && (gathered.bytes.length() > 0 || gathered.complete)) {
            send();
        }
        resume(page);
    }

    private void send() {
        if (!begun) {
            begun = true;
            outer.respond(status, fields, cached);
        }
        boolean last = gathered.complete;
        if (gathered.bytes.length() > 0) {
            sending = true;
            outer.write(gathered.taken(), () -> {
                sending = false;
                advance();
            });
        }
        if (last && !over) {
            finish();
            outer.end();
        }
    }

    private void resume(Assembly page) {
        if (resuming) {
            return;
        }
        resuming = true;
        while (!over && !paused.isEmpty() && page.waiting() + gathered.bytes.length() <= MOST_WAITING) {
            paused.remove().run();
        }
        resuming = false;
    }

    /** The includes of a whole page, with those in its includes, have one time. */
    private void watchTime(Assembly page) {
        if (timer == null && includes.haveBegun() && !page.isOver() && includes.depth() == 0) {
            timer = eventLoop()
                    .schedule(
                            () -> {
                                page.endTime();
                                advance();
                            },
                            rules.time().toNanos(),
                            TimeUnit.NANOSECONDS);
        }
    }

    /** Which limit a page within a page has passed, if that is what its problem says. */
    static Optional<PageFailure> limitOf(Problem problem) {
        return Stream.of(PageFailure.Kind.values())
                .filter(kind ->
                        kind != PageFailure.Kind.INCLUDE && problem.kind().equals(problemKind(kind)))
                .map(kind -> new PageFailure(kind, problem.detail().replaceAll("\\.$", "")))
                .findFirst();
    }

    private static String problemKind(PageFailure.Kind kind) {
        return "esi-" + kind.name().toLowerCase(Locale.ROOT);
    }

    private void fail(PageFailure failure) {
        finish();
        whenGone.run();
        Problem problem = Problem.of(
                failure.kind() == PageFailure.Kind.TIME ? 504 : 502,
                problemKind(failure.kind()),
                "The page could not be put together",
                failure.kind() == PageFailure.Kind.INCLUDE
                        ? "Something that it includes and needs failed; the node's log says what."
                        : failure.detail() + ".");
        proxy.pages().pageFailed(came(), failure);
        outer.fail(problem, cached);
    }

    @Override
    public void fail(Problem problem, String cacheStatus) {
        if (!over) {
            cancel();
            outer.fail(problem, cacheStatus);
        }
    }

    private void gone() {
        cancel();
        whenGone.run();
    }

    private void cancel() {
        finish();
        if (assembly != null) {
            assembly.cancel();
        }
    }

    private void finish() {
        over = true;
        paused.clear();
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
