package io.selvage.gateway;

import io.selvage.esi.Allowance;
import io.selvage.esi.Includes;
import io.selvage.esi.PageFailure;
import io.selvage.node.Delivery;
import io.selvage.node.DeployedFunction;
import io.selvage.node.Destination;
import io.selvage.node.Endpoint;
import io.selvage.node.Nowhere;
import io.selvage.node.Proxied;
import io.selvage.node.ProxiedFunction;
import io.selvage.node.RequestHead;
import io.selvage.node.RequestPath;
import io.selvage.node.Router;
import io.selvage.node.RuleChain;
import io.selvage.node.RuleRun;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gets what a page includes as its client would: through the routes of the app, their rules, and the cache. Nothing outside
 * of the app can be included. Belongs to the event loop of the page.
 */
final class PageIncludes implements Includes {
    private final Proxy proxy;
    private final PageExchange page;
    private final Allowance allowance;
    private final int depth;
    private final int deepest;
    private boolean begun;

    PageIncludes(Proxy proxy, PageExchange page, Allowance allowance, int depth, int deepest) {
        this.proxy = proxy;
        this.page = page;
        this.allowance = allowance;
        this.depth = depth;
        this.deepest = deepest;
    }

    /** How many pages this one is in. */
    int depth() {
        return depth;
    }

    /** Whether anything has been asked for. */
    boolean haveBegun() {
        return begun;
    }

    @Override
    public Runnable fetch(String url, Waiting waiting) {
        begun = true;
        Waiting told = result -> {
            if (result instanceof Failed failed) {
                proxy.pages().includeFailed(page.came(), url, failed.failure());
            }
            waiting.done(result);
            page.included();
        };
        try {
            if (depth >= deepest) {
                throw new IllegalArgumentException("pages include pages more than " + deepest + " deep");
            }
            return begin(IncludeTarget.of(page.came(), url), told);
        } catch (IllegalArgumentException e) {
            PageFailure.Kind kind = depth >= deepest ? PageFailure.Kind.DEPTH : PageFailure.Kind.INCLUDE;
            told.done(new Failed(new PageFailure(kind, String.valueOf(e.getMessage()))));
            return () -> {};
        }
    }

    private Runnable begin(IncludeTarget target, Waiting waiting) {
        RequestHead came = page.came();
        Router.Found<Endpoint> found = find(target);
        RequestHead head = new RequestHead(
                came.id(),
                "GET",
                came.scheme(),
                target.authority(),
                target.path(),
                target.query(),
                came.protocol(),
                EsiFields.toInclude(came.headers(), target.sameHost()),
                came.remote(),
                came.local(),
                found.route().path(),
                found.parameters(),
                came.trace());
        Include include = new Include(head, found, waiting);
        include.follow(include.run.before(head));
        return include::cancel;
    }

    private Router.Found<Endpoint> find(IncludeTarget target) {
        if (!RequestPath.plainer(target.path()).equals(target.path())) {
            throw new IllegalArgumentException(
                    "the path is ambiguous: write it without empty segments, \";\" and encoded" + " slashes");
        }
        if (!(proxy.router().find("GET", target.host(), target.path()) instanceof Router.Found<Endpoint> found)
                || found.target().destination() instanceof Nowhere
                        && found.target().rules() == RuleChain.NONE) {
            throw new IllegalArgumentException("no route of the app answers GET " + target.path());
        }
        if (!target.sameHost() && found.route().host().isEmpty()) {
            throw new IllegalArgumentException(
                    "no route of the app is for the host " + target.host() + ", and nothing else can be included");
        }
        return found;
    }

    /** One of them, which its route's rules may let wait. */
    private final class Include {
        private final RequestHead came;
        private final Router.Found<Endpoint> found;
        private final RuleRun run;
        private final Waiting waiting;
        private @Nullable IncludeExchange exchange;
        private boolean over;

        Include(RequestHead came, Router.Found<Endpoint> found, Waiting waiting) {
            this.came = came;
            this.found = found;
            this.waiting = waiting;
            this.run = found.target().rules().begin(came, 0);
        }

        private void follow(RuleRun.Verdict verdict) {
            switch (verdict) {
                case RuleRun.Proceed go -> go(go.head());
                case RuleRun.Answered answer
                when answer.status() / 100 == 2 -> done(answer.status(), new Content(List.of(answer.content())));
                case RuleRun.Answered answer -> refused(answer.status(), "a rule answers with " + answer.status());
                case RuleRun.Refused refused ->
                    refused(
                            refused.problem().status(),
                            "a rule refuses it: " + refused.problem().title());
                case RuleRun.Later later -> {
                    var _ = later.verdict()
                            .whenComplete(
                                    (decided, failure) -> page.eventLoop().execute(() -> resume(decided, failure)));
                }
            }
        }

        private void resume(RuleRun.@Nullable Verdict decided, @Nullable Throwable failure) {
            if (over) {
                return;
            }
            if (decided == null) {
                refused(500, "a rule failed: " + failure);
            } else {
                follow(decided);
            }
        }

        private void go(RequestHead head) {
            Proxied route = route(found.target().destination());
            IncludeExchange own = new IncludeExchange(proxy, page, came, head, route, run, allowance, waiting);
            exchange = own;
            proxy.answer(route.delivery()
                    .esi()
                    .<Recipient>map(rules -> PageExchange.within(proxy, own, rules, allowance, depth + 1, deepest))
                    .orElse(own));
        }

        private Proxied route(Destination destination) {
            return switch (destination) {
                case Proxied route -> route;
                case DeployedFunction function ->
                    new ProxiedFunction(found.route(), function, Optional.empty(), Delivery.PLAIN);
                case Nowhere _ -> throw new IllegalArgumentException("its route leads nowhere");
            };
        }

        private void refused(int status, String why) {
            done(status, new Failed(new PageFailure(PageFailure.Kind.INCLUDE, why)));
        }

        private void done(int status, Result result) {
            over = true;
            run.ended(status);
            waiting.done(result);
        }

        private void cancel() {
            IncludeExchange asked = exchange;
            if (asked != null) {
                asked.cancel();
            } else if (!over) {
                over = true;
                run.ended(499);
            }
        }
    }
}
