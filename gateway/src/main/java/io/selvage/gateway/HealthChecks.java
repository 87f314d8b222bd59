package io.selvage.gateway;

import io.selvage.node.EventLog;
import io.selvage.node.OriginDefinition;
import io.selvage.node.OriginHealth;
import io.selvage.origins.Member;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Asks the addresses of an origin whether they are well. Belongs to the event loop that calls {@link #tick}. */
final class HealthChecks {
    private final Origin origin;
    private final OriginHealth policy;
    private final HttpClientAgent client;
    private final EventLog log;
    private final Map<Member, Long> due = new HashMap<>();

    HealthChecks(Origin origin, OriginHealth policy, HttpClientAgent client, EventLog log) {
        this.origin = origin;
        this.policy = policy;
        this.client = client;
        this.log = log;
    }

    /** Begins the checks whose time has come. */
    void tick(long now) {
        due.keySet().retainAll(origin.pool().members());
        for (Member member : origin.pool().members()) {
            Long time = due.get(member);
            if (time == null || now - time >= 0) {
                due.put(member, now + policy.every().toNanos());
                check(member);
            }
        }
    }

    private void check(Member member) {
        OriginDefinition definition = origin.definition();
        AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
        Future<Boolean> good = client.request(OriginClients.to(definition, member)
                        .setMethod(HttpMethod.GET)
                        .setURI(policy.path()))
                .compose(request -> {
                    sent.set(request);
                    definition.host().ifPresent(host -> OriginClients.host(request, host));
                    request.headers().set("User-Agent", "selvage-health-check");
                    return request.send();
                })
                .compose(response -> response.body().map(_ -> isGood(response)));
        good.timeout(policy.timeout().toMillis(), TimeUnit.MILLISECONDS).onComplete(result -> {
            HttpClientRequest request = sent.get();
            if (result.failed() && request != null) {
                var _ = request.reset();
            }
            tell(member, result.succeeded() && result.result());
        });
    }

    private boolean isGood(HttpClientResponse response) {
        int status = response.statusCode();
        return policy.status() == 0 ? status >= 200 && status < 400 : status == policy.status();
    }

    private void tell(Member member, boolean good) {
        origin.metrics().checked(good);
        if (member.checked(good, policy)) {
            origin.pool().changed();
            log.log(
                    good ? EventLog.Level.INFO : EventLog.Level.WARN,
                    "origin",
                    good ? "an address is well again" : "an address is unwell: its health checks fail",
                    "origin",
                    origin.definition().name(),
                    "address",
                    member.toString());
        }
    }

    void close() {
        client.close();
    }
}
