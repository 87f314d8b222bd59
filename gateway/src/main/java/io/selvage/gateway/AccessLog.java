package io.selvage.gateway;

import io.selvage.node.DeployedFunction;
import io.selvage.node.EventLog;
import io.selvage.node.Node;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.ProxiedFunction;
import io.selvage.node.RequestHead;
import io.selvage.node.Setting;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts each request that has ended, and writes a line about it if the node's settings want that. Thread-safe. */
final class AccessLog {
    private final Node node;
    private final boolean enabled;

    AccessLog(Node node) {
        this.node = node;
        this.enabled = node.settings().get(Setting.LOG_ACCESS) && node.log().isEnabled(EventLog.Level.INFO);
    }

    /** A request that was refused before its route was known, or what was none. */
    void refused(ClientStream request, String id, Problem problem, long bytes, long arrival, ConnectionGuard guard) {
        long nanos = System.nanoTime() - arrival;
        node.metrics().requestEnded(null, request.method(), "", problem.status(), nanos);
        if (enabled) {
            node.log()
                    .info(
                            "access",
                            "",
                            "method",
                            request.method(),
                            "path",
                            shortened(request.target()),
                            "status",
                            problem.status(),
                            "bytes",
                            bytes,
                            "problem",
                            problem.kind(),
                            "duration_us",
                            nanos / 1000,
                            "request",
                            id,
                            "remote",
                            guard.client());
        }
    }

    /**
     * A request that reached a function has ended; on the event loop.
     *
     * @param bytes how much content was sent
     * @param problem the kind of problem that it has met; empty without one
     */
    void ended(
            RequestHead head,
            DeployedFunction function,
            int status,
            long bytes,
            long arrival,
            ConnectionGuard guard,
            String problem) {
        String name = function.definition().name();
        ended(head, function, status, bytes, arrival, guard, name, "", problem);
    }

    /**
     * A request that an origin or the cache was to answer has ended; on the event loop.
     *
     * @param cached what {@code Cache-Status} says; empty without a cache
     * @param problem the kind of problem that it has met; empty without one
     */
    void ended(
            RequestHead head,
            Proxied route,
            int status,
            long bytes,
            long arrival,
            ConnectionGuard guard,
            String cached,
            String problem) {
        DeployedFunction function = route instanceof ProxiedFunction made ? made.function() : null;
        ended(head, function, status, bytes, arrival, guard, route.name(), cached, problem);
    }

    /** A request that a rule has answered has ended, or one of no route; on the event loop. */
    void ended(RequestHead head, int status, long bytes, long arrival, ConnectionGuard guard, String problem) {
        ended(head, null, status, bytes, arrival, guard, "", "", problem);
    }

    private void ended(
            RequestHead head,
            @Nullable DeployedFunction function,
            int status,
            long bytes,
            long arrival,
            ConnectionGuard guard,
            String name,
            String cached,
            String problem) {
        long nanos = System.nanoTime() - arrival;
        node.metrics().requestEnded(function, head.method(), head.route(), status, nanos);
        if (enabled) {
            List<Object> more = new ArrayList<>();
            if (!name.isEmpty()) {
                more.addAll(List.of(function == null ? "origin" : "function", name));
            }
            if (!cached.isEmpty()) {
                more.addAll(List.of("cache", cached));
            }
            if (!problem.isEmpty()) {
                more.addAll(List.of("problem", problem));
            }
            access(head, status, bytes, nanos, guard.client(), more);
        }
    }

    private void access(RequestHead head, int status, long bytes, long nanos, String client, List<Object> more) {
        List<Object> fields = new ArrayList<>(List.of(
                "method",
                head.method(),
                "path",
                head.asked(),
                "status",
                status,
                "bytes",
                bytes,
                "duration_us",
                nanos / 1000));
        fields.addAll(more);
        fields.addAll(List.of(
                "request",
                head.id(),
                "trace",
                head.trace().traceId(),
                "remote",
                remote(head, client),
                "protocol",
                head.protocol()));
        node.log().info("access", "", fields.toArray());
    }

    /** Where a request comes from: its connection, unless a rule has found a client behind that, whose port nobody knows. */
    private static String remote(RequestHead head, String connection) {
        InetSocketAddress remote = head.remote();
        return remote.getPort() != 0
                        || remote.getAddress() == null
                        || remote.getAddress().isAnyLocalAddress()
                ? connection
                : remote.getAddress().getHostAddress();
    }

    private static String shortened(String uri) {
        int question = uri.indexOf('?');
        String path = question < 0 ? uri : uri.substring(0, question);
        return path.length() > 200 ? path.substring(0, 200) + "…" : path;
    }
}
