package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Content;
import io.selvage.cache.Partial;
import io.selvage.esi.Allowance;
import io.selvage.esi.Includes;
import io.selvage.esi.PageFailure;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.RequestHead;
import io.selvage.node.RuleRun;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a page includes, while it is asked for: takes in a successful response whole. Belongs to an event loop. */
final class IncludeExchange implements Recipient {
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private final Proxy proxy;
    private final Recipient page;
    private final RequestHead came;
    private final RequestHead head;
    private final Proxied route;
    private final RuleRun rules;
    private final Allowance allowance;
    private final Includes.Waiting waiting;
    private final List<byte[]> parts = new ArrayList<>();
    private RequestHead asked;
    private Runnable whenGone = () -> {};
    private int status;
    private boolean over;

    /**
     * A request that the rules of its route have let pass.
     *
     * @param came the request before the rules
     * @param head the request after them
     */
    IncludeExchange(
            Proxy proxy,
            Recipient page,
            RequestHead came,
            RequestHead head,
            Proxied route,
            RuleRun rules,
            Allowance allowance,
            Includes.Waiting waiting) {
        this.proxy = proxy;
        this.page = page;
        this.came = came;
        this.head = head;
        this.asked = head;
        this.route = route;
        this.rules = rules;
        this.allowance = allowance;
        this.waiting = waiting;
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public RequestHead came() {
        return came;
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
        return route;
    }

    @Override
    public RequestContent content() {
        return RequestContent.None.NONE;
    }

    @Override
    public void holds(RequestContent content) {
        throw new IllegalStateException("an include has no content");
    }

    @Override
    public long bodyLimit() {
        return 0;
    }

    @Override
    public Optional<Problem> admit() {
        return rules.admit();
    }

    @Override
    public EventLoop eventLoop() {
        return page.eventLoop();
    }

    @Override
    public LoopState loop() {
        return page.loop();
    }

    @Override
    public void whenGone(Runnable action) {
        whenGone = action;
        if (over) {
            action.run();
        }
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public void interim(int code, Headers fields) {
        // They are for the browser, and this is not its page.
    }

    @Override
    public String cacheStatus() {
        return "";
    }

    @Override
    public void respond(int code, Headers fields, String cached) {
        if (over) {
            return;
        }
        status = code;
        if (!isContent(code, fields)) {
            refuse("the answer is " + code + (fields.contains("content-encoding") ? ", and coded" : ""));
        }
    }

    private static boolean isContent(int code, Headers fields) {
        return code >= 200 && code < 300 && code != 206 && !fields.contains("content-encoding");
    }

    @Override
    public void write(Buffer part, Runnable sent) {
        if (over) {
            return;
        }
        if (!allowance.takeBytes(part.length())) {
            fail(allowance.tooLarge());
            whenGone.run();
            return;
        }
        parts.add(part.getBytes());
        sent.run();
    }

    @Override
    public void end() {
        if (!over) {
            finish(status);
            waiting.done(new Includes.Content(parts));
        }
    }

    @Override
    public void serve(CacheRequest wanted, CachedResponse stored, String cached) {
        if (over) {
            return;
        }
        status = stored.status();
        if (!isContent(status, stored.fields())) {
            refuse("the stored answer is " + status + (status < 300 ? ", and coded" : ""));
            return;
        }
        switch (stored.content()) {
            case Content.InMemory memory -> {
                if (allowance.takeBytes(stored.length())) {
                    finish(status);
                    waiting.done(new Includes.Content(memory.parts()));
                } else {
                    fail(allowance.tooLarge());
                }
            }
            case Content.OnDisk _ -> DiskSender.serve(proxy, this, wanted, stored, () -> {});
            case Partial _ -> proxy.fetch(this, wanted);
        }
    }

    @Override
    public void fail(Problem problem, String cached) {
        if (!over) {
            status = problem.status();
            fail(PageExchange.limitOf(problem)
                    .orElseGet(() -> new PageFailure(
                            PageFailure.Kind.INCLUDE,
                            problem.kind() + ": " + problem.title() + ". " + problem.detail())));
        }
    }

    private void refuse(String why) {
        fail(new PageFailure(PageFailure.Kind.INCLUDE, why));
        whenGone.run();
    }

    private void fail(PageFailure failure) {
        finish(status);
        waiting.done(new Includes.Failed(failure));
    }

    /** The page does not want it any more. */
    void cancel() {
        if (!over) {
            finish(CLIENT_CLOSED_REQUEST);
            whenGone.run();
        }
    }

    private void finish(int code) {
        over = true;
        rules.ended(code);
    }
}
