package io.selvage.gateway;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Json;
import io.selvage.node.Manifest;
import io.selvage.node.Node;
import io.selvage.node.OriginAddress;
import io.selvage.node.OriginChange;
import io.selvage.node.OriginChanges;
import io.selvage.node.OriginDefinition;
import io.selvage.node.OriginFallback;
import io.selvage.node.Problem;
import io.selvage.node.ShadowRule;
import io.selvage.origins.Member;
import io.vertx.core.MultiMap;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What those who run the node can see and change of its origins. Changes hold at once, and outlive a restart. Its methods may
 * wait for the disk. Thread-safe.
 */
final class OriginAdmin {
    /** The path below which it is asked. */
    static final String PATH = "/origins";

    private static final String LINES = "application/x-ndjson";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Node node;
    private final Origins origins;

    OriginAdmin(Node node, Origins origins) {
        this.node = node;
        this.origins = origins;
    }

    /** Answers a request whose path begins with {@link #PATH}. */
    synchronized CacheAdmin.Answer handle(String method, String path, MultiMap query, String body, boolean asText) {
        try {
            String[] parts = path.substring(PATH.length()).split("/", -1);
            String name = parts.length > 1 ? parts[1] : "";
            String what = parts.length > 2 ? parts[2] : "";
            if (method.equals("GET") && name.isEmpty()) {
                return list(origins.all(), asText);
            }
            if (name.isEmpty() || parts.length > 3) {
                return refused(404, "no-route", "There is nothing here", "Name an origin: /origins/site.");
            }
            return switch (method + " " + what) {
                case "GET " -> one(name, asText);
                case "PUT " -> define(name, query, body, asText);
                case "DELETE " -> reset(name, asText);
                case "PUT addresses" -> add(name, query, asText);
                case "DELETE addresses" -> remove(name, query, asText);
                case "PUT drained" -> drain(name, query, true, asText);
                case "DELETE drained" -> drain(name, query, false, asText);
                default ->
                    refused(
                            405,
                            "method",
                            "The method is not allowed here",
                            "An origin has PUT and DELETE, and so have its addresses and drained.");
            };
        } catch (ConfigurationException e) {
            return refused(400, "origin", "The origin is not changed", String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            return refused(
                    500,
                    "state",
                    "The origin is not changed",
                    "The change cannot be written to the folder of the node's state: " + e.getMessage());
        }
    }

    private CacheAdmin.Answer one(String name, boolean asText) {
        return origins.named(name).map(origin -> list(List.of(origin), asText)).orElseGet(() -> unknown(name));
    }

    private CacheAdmin.Answer define(String name, MultiMap query, String toml, boolean asText) {
        String source = Optional.ofNullable(query.get("source")).orElse("content");
        OriginDefinition definition = OriginChanges.parse(manifest().file(), source, name, toml);
        OriginClients.check(List.of(definition));
        return change(definition.name(), changes().of(name).withDefinition(toml), asText);
    }

    private CacheAdmin.Answer reset(String name, boolean asText) {
        if (changes().of(name).equals(OriginChange.NONE)) {
            return refused(404, "origin", "There is nothing to undo", "Nothing was changed of " + name + ".");
        }
        Optional<String> user = user(name);
        if (user.isPresent() && !manifest().origins().containsKey(name)) {
            return refused(409, "origin", "The origin is in use", user.get() + " " + name + ".");
        }
        return change(name, OriginChange.NONE, asText);
    }

    /** What needs an origin, if anything does. */
    private Optional<String> user(String name) {
        for (Manifest.RouteEntry entry : manifest().routes()) {
            if (entry.origin().filter(o -> o.name().equals(name)).isPresent()) {
                return Optional.of("The route " + entry.route() + " leads to");
            }
            if (entry.shadow().flatMap(ShadowRule::origin).equals(Optional.of(name))) {
                return Optional.of("The route " + entry.route() + " has a shadow at");
            }
        }
        for (Origin origin : origins.all()) {
            OriginDefinition definition = origin.definition();
            if (definition.shield().equals(Optional.of(name))
                    || definition.fallbacks().contains(new OriginFallback.Other(name))) {
                return Optional.of("The origin " + definition.name() + " has as its shield or fallback");
            }
        }
        return Optional.empty();
    }

    private CacheAdmin.Answer add(String name, MultiMap query, boolean asText) {
        Optional<OriginDefinition> definition = definition(name);
        if (definition.isEmpty()) {
            return unknown(name);
        }
        OriginAddress added = OriginChanges.address(
                Optional.ofNullable(query.get("url")).orElse(""),
                Optional.ofNullable(query.get("weight")).orElse("1"));
        List<OriginAddress> addresses = new ArrayList<>(definition.get().addresses());
        addresses.removeIf(address -> address.url().equals(added.url()));
        addresses.add(added);
        return change(name, changes().of(name).withAddresses(addresses), asText);
    }

    private CacheAdmin.Answer remove(String name, MultiMap query, boolean asText) {
        Optional<OriginDefinition> definition = definition(name);
        if (definition.isEmpty()) {
            return unknown(name);
        }
        List<OriginAddress> addresses = new ArrayList<>(definition.get().addresses());
        if (!addresses.removeIf(a -> a.url().toString().equals(query.get("url")))) {
            return noAddress(definition.get(), String.valueOf(query.get("url")));
        }
        if (addresses.isEmpty()) {
            return refused(409, "origin", "It is the last address", "Drain it instead, or add another one first.");
        }
        OriginChange before = changes().of(name);
        Set<URI> drained = new HashSet<>(before.drained());
        drained.removeIf(url -> url.toString().equals(query.get("url")));
        return change(name, before.withAddresses(addresses).withDrained(drained), asText);
    }

    private CacheAdmin.Answer drain(String name, MultiMap query, boolean drains, boolean asText) {
        Optional<OriginDefinition> definition = definition(name);
        if (definition.isEmpty()) {
            return unknown(name);
        }
        String wanted = query.get("url");
        Set<URI> urls = definition.get().addresses().stream()
                .map(OriginAddress::url)
                .filter(url -> wanted == null || url.toString().equals(wanted))
                .collect(Collectors.toSet());
        if (urls.isEmpty()) {
            return noAddress(definition.get(), String.valueOf(wanted));
        }
        OriginChange before = changes().of(name);
        Set<URI> drained = new HashSet<>(before.drained());
        if (drains) {
            drained.addAll(urls);
        } else {
            drained.removeAll(urls);
        }
        return change(name, before.withDrained(drained), asText);
    }

    private CacheAdmin.Answer change(String name, OriginChange change, boolean asText) {
        changes().set(name, change);
        origins.change();
        node.log().info("origin", "changed an origin", "origin", name);
        if (node.reloadFailure().isPresent()) {
            node.reload(); // the newest version of the app may have lacked this origin
        }
        return list(origins.named(name).stream().toList(), asText);
    }

    private OriginChanges changes() {
        return node.originChanges();
    }

    private Manifest manifest() {
        return node.release().manifest();
    }

    private Optional<OriginDefinition> definition(String name) {
        Map<String, OriginDefinition> all =
                changes().applied(manifest().file(), manifest().origins());
        return Optional.ofNullable(all.get(name));
    }

    private CacheAdmin.Answer list(List<Origin> shown, boolean asText) {
        StringBuilder text = new StringBuilder();
        for (Origin origin : shown) {
            String name = origin.definition().name();
            String source = changes().of(name).equals(OriginChange.NONE)
                    ? "manifest"
                    : manifest().origins().containsKey(name) ? "changed" : "added";
            String breaker = origin.breaker()
                    .map(b ->
                            b.state().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
                    .orElse("none");
            if (asText) {
                text.append(name)
                        .append("  (")
                        .append(source)
                        .append(", ")
                        .append(origin.active())
                        .append(" running")
                        .append(breaker.equals("none") ? "" : ", breaker " + breaker)
                        .append(")\n");
            }
            for (Member member : origin.pool().members()) {
                text.append(asText ? readable(member) : line(name, source, breaker, member))
                        .append('\n');
            }
        }
        return new CacheAdmin.Answer(asText ? TEXT : LINES, text.toString(), Optional.empty());
    }

    private static String state(Member member) {
        return member.isDraining()
                ? "draining"
                : !member.isHealthy()
                        ? "unhealthy"
                        : member.isEjected() ? "ejected" : member.isFailing() ? "failing" : "available";
    }

    private static String readable(Member member) {
        return "  " + member + "  weight " + member.weight() + ", " + state(member) + ", " + member.active()
                + " running";
    }

    private static String line(String name, String source, String breaker, Member member) {
        return Json.object(
                "origin", name,
                "source", source,
                "breaker", breaker,
                "url", member.url(),
                "address", member.address(),
                "weight", member.weight(),
                "state", state(member),
                "running", member.active());
    }

    private static CacheAdmin.Answer noAddress(OriginDefinition origin, String url) {
        String known = origin.addresses().stream().map(a -> a.url().toString()).collect(Collectors.joining(", "));
        return refused(404, "origin", "There is no such address", url + " is none of " + known + ".");
    }

    private CacheAdmin.Answer unknown(String name) {
        String known = origins.all().stream().map(o -> o.definition().name()).collect(Collectors.joining(", "));
        return refused(404, "origin", "There is no such origin", name + " is none of " + known + ".");
    }

    private static CacheAdmin.Answer refused(int status, String kind, String title, String detail) {
        return new CacheAdmin.Answer("", "", Optional.of(Problem.of(status, kind, title, detail)));
    }
}
