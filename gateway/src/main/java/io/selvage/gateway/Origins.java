package io.selvage.gateway;

import io.selvage.node.Endpoint;
import io.selvage.node.Manifest;
import io.selvage.node.Node;
import io.selvage.node.OriginAddress;
import io.selvage.node.OriginDefinition;
import io.selvage.node.Release;
import io.selvage.node.Router;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import io.selvage.origins.Member;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The origins of the app that a node serves now. Follows its changes: an origin that stays the same keeps its connections, and
 * one that goes is closed after its last request. Looks up names, checks health, and lets addresses be tried again.
 * Thread-safe.
 */
final class Origins {
    private static final long TICK_MILLIS = 100;
    private static final long IDLE_NANOS = 1_000_000_000L;

    static {
        // A name is looked up when an origin's policy says so; the JDK would keep what it found for half a minute.
        Security.setProperty("networkaddress.cache.ttl", "0");
    }

    /** What is done for an origin from time to time. */
    private static final class Care {
        private final Origin origin;
        private final Optional<HealthChecks> checks;
        private final AtomicBoolean resolving = new AtomicBoolean();
        private long resolveAt = System.nanoTime();

        Care(Origin origin, Optional<HealthChecks> checks) {
            this.origin = origin;
            this.checks = checks;
        }
    }

    private record Retired(Care care, long since) {}

    private final Node node;
    private final OriginClients clients;
    private final Map<String, Care> origins = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Retired> retired = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Router<Endpoint> followed;

    Origins(Node node, VertxInternal vertx, int eventLoops) {
        this.node = node;
        clients = new OriginClients(
                vertx, node.settings().get(Setting.HEADER_SIZE).intValue(), eventLoops);
        vertx.setPeriodic(TICK_MILLIS, _ -> tick());
    }

    /** A watch over a client that sends a request's content from now on. */
    BodyPace pace() {
        Settings settings = node.settings();
        return new BodyPace(
                settings.get(Setting.BODY_RATE),
                settings.get(Setting.BODY_GRACE).toNanos(),
                System.nanoTime());
    }

    /** The origin that a route leads to. */
    Origin of(OriginDefinition definition) {
        follow();
        Care care = origins.get(definition.name());
        if (care == null) {
            care = begin(definition, Optional.empty());
            retire(care);
        }
        return care.origin;
    }

    /** The origin with this name. */
    Optional<Origin> named(String name) {
        follow();
        return Optional.ofNullable(origins.get(name)).map(care -> care.origin);
    }

    private void follow() {
        if (node.isDeployed() && node.release().router() != followed) {
            change();
        }
    }

    /** Takes over the origins of the release that serves now, and what was changed of them. */
    synchronized void change() {
        Release release = node.release();
        Manifest manifest = release.manifest();
        Map<String, OriginDefinition> wanted = node.originChanges().applied(manifest.file(), manifest.origins());
        for (OriginDefinition definition : wanted.values()) {
            Care before = origins.get(definition.name());
            if (before == null || !before.origin.definition().equals(definition)) {
                origins.put(definition.name(), begin(definition, Optional.ofNullable(before)));
                Optional.ofNullable(before).ifPresent(this::retire);
            }
        }
        List.copyOf(origins.keySet()).stream()
                .filter(name -> !wanted.containsKey(name))
                .forEach(name -> Optional.ofNullable(origins.remove(name)).ifPresent(this::retire));
        for (Care care : origins.values()) {
            drain(care.origin);
        }
        followed = release.router();
    }

    private void drain(Origin origin) {
        Set<URI> drained = node.originChanges().of(origin.definition().name()).drained();
        origin.pool().members().forEach(member -> member.drain(drained.contains(member.url())));
        origin.pool().changed();
    }

    /** All of them, by name. */
    List<Origin> all() {
        follow();
        return origins.values().stream()
                .map(care -> care.origin)
                .sorted(Comparator.comparing(origin -> origin.definition().name()))
                .toList();
    }

    private Care begin(OriginDefinition definition, Optional<Care> before) {
        before.ifPresent(b -> b.origin.metrics().hide());
        LoopClients others = clients.clients(definition);
        Origin origin = new Origin(node, definition, clients.connections(definition, others), others);
        before.ifPresent(b -> origin.pool().set(b.origin.pool().members()));
        origin.pool().set(members(origin, Map.of()));
        return new Care(
                origin,
                definition
                        .health()
                        .map(policy -> new HealthChecks(origin, policy, clients.forChecks(definition), node.log())));
    }

    private void retire(Care care) {
        care.origin.retire();
        retired.add(new Retired(care, System.nanoTime()));
    }

    private void tick() {
        follow();
        long now = System.nanoTime();
        for (Care care : origins.values()) {
            care.origin.readmit();
            care.checks.ifPresent(checks -> checks.tick(now));
            if (now - care.resolveAt >= 0) {
                care.resolveAt = now + care.origin.definition().resolve().toNanos();
                resolve(care);
            }
        }
        retired.removeIf(r -> now - r.since > IDLE_NANOS && close(r.care));
    }

    private static boolean close(Care care) {
        boolean closed = care.origin.closeIfIdle();
        if (closed) {
            care.checks.ifPresent(HealthChecks::close);
        }
        return closed;
    }

    /** Looks up the names in an origin's addresses, on a thread that may wait. */
    private void resolve(Care care) {
        List<OriginAddress> addresses = care.origin.definition().addresses();
        boolean named = addresses.stream().anyMatch(a -> !isLiteral(a.url().getHost()));
        if (named && care.resolving.compareAndSet(false, true)) {
            Thread.ofVirtual().name("resolve").start(() -> {
                try {
                    Map<String, List<String>> found = new HashMap<>();
                    for (OriginAddress address : addresses) {
                        String host = address.url().getHost();
                        if (!isLiteral(host)) {
                            lookUp(host).ifPresent(ips -> found.put(host, ips));
                        }
                    }
                    care.origin.pool().set(members(care.origin, found));
                    drain(care.origin);
                } finally {
                    care.resolving.set(false);
                }
            });
        }
    }

    private static boolean isLiteral(String host) {
        return host.startsWith("[") || host.matches("[0-9.]+");
    }

    private static Optional<List<String>> lookUp(String host) {
        try {
            return Optional.of(Arrays.stream(InetAddress.getAllByName(host))
                    .map(InetAddress::getHostAddress)
                    .distinct()
                    .toList());
        } catch (UnknownHostException _) {
            return Optional.empty();
        }
    }

    /** The members for an origin's addresses: one for each IP address that is found, or is known from before. */
    private static List<Member> members(Origin origin, Map<String, List<String>> found) {
        List<Member> members = new ArrayList<>();
        for (OriginAddress address : origin.definition().addresses()) {
            String host = address.url().getHost();
            List<String> known = origin.pool().members().stream()
                    .filter(member -> member.url().equals(address.url()))
                    .map(Member::address)
                    .toList();
            List<String> ips =
                    found.getOrDefault(host, known.isEmpty() ? List.of(host.replaceAll("[\\[\\]]", "")) : known);
            ips.forEach(ip -> members.add(new Member(address.url(), ip, address.weight())));
        }
        return members;
    }
}
