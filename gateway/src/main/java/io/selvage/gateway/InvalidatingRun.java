package io.selvage.gateway;

import io.selvage.cache.CacheRequest;
import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import io.selvage.node.RuleRun;

/** Lets go what is stored of a URL when a request has changed it, and otherwise does what the route's rules say. */
record InvalidatingRun(Proxy proxy, CacheRules cache, CacheRequest request, RuleRun run) implements RuleRun {
    @Override
    public Verdict before(io.selvage.node.RequestHead head) {
        return run.before(head);
    }

    @Override
    public java.util.Optional<io.selvage.node.Problem> admit() {
        return run.admit();
    }

    @Override
    public Headers response(int status, Headers fields) {
        proxy.changed(cache, request, status, fields);
        return run.response(status, fields);
    }

    @Override
    public long bodyLimit() {
        return run.bodyLimit();
    }

    @Override
    public void ended(int status) {
        run.ended(status);
    }
}
