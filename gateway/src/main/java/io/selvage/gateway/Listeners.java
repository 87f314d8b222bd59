package io.selvage.gateway;

import io.selvage.node.AcmeDefinition;
import io.selvage.node.Binding;
import io.selvage.node.ConfigurationException;
import io.selvage.node.EventLog;
import io.selvage.node.ListenAddress;
import io.selvage.node.ListenerDefinition;
import io.selvage.node.Manifest;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import io.selvage.node.TlsDefinition;
import io.selvage.tls.AcmeKeeper;
import io.selvage.tls.TlsCertificate;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The listeners that are open: those of the manifest that serves, or the one of the settings. A changed manifest is
 * followed as a whole: new listeners are open, and changed certificates read, before anything is given up.
 */
final class Listeners {
    /** A listener that is wanted, and what an error about it begins with. */
    private record Wanted(ListenerDefinition definition, String place) {}

    private final Settings settings;
    private final EventLog log;
    private final Sockets sockets;
    private final AcmeKeeper acme;
    private volatile Map<String, ListenerSocket> open = Map.of();

    Listeners(Settings settings, EventLog log, Sockets sockets, AcmeKeeper acme) {
        this.acme = acme;
        this.settings = settings;
        this.log = log;
        this.sockets = sockets;
    }

    /** Those that are open, in the manifest's order. */
    List<ListenerSocket> open() {
        return List.copyOf(open.values());
    }

    /**
     * Looks whether what listeners name can be used, without opening any.
     *
     * @throws ConfigurationException with every mistake, one a line
     */
    static void check(Manifest manifest, Settings settings) {
        List<String> mistakes = new ArrayList<>();
        for (Wanted wanted : wanted(manifest, settings)) {
            try {
                tls(wanted.definition, settings, d -> AcmeKeeper.stored(d, settings.get(Setting.STATE)));
            } catch (ConfigurationException e) {
                mistakes.add(wanted.place + e.getMessage());
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(String.join("\n", mistakes));
        }
    }

    /**
     * Opens what a manifest asks for and is not open yet.
     *
     * @return what changes the others and closes those that it does not ask for
     * @throws ConfigurationException with every mistake, one a line; then all is as before
     */
    Runnable prepare(Manifest next) {
        Map<String, ListenerSocket> before = open;
        Map<String, ListenerSocket> after = new LinkedHashMap<>();
        List<ListenerSocket> fresh = new ArrayList<>();
        List<Runnable> changes = new ArrayList<>();
        List<Runnable> undo = new ArrayList<>();
        List<String> mistakes = new ArrayList<>();
        Map<Binding, Integer> seen = new HashMap<>();
        for (Wanted wanted : wanted(next, settings)) {
            ListenerDefinition definition = wanted.definition;
            String key = definition.binding() + "#" + seen.merge(definition.binding(), 1, Integer::sum);
            try {
                Optional<ListenerTls> tls = tls(definition, settings, acme::certificate);
                ListenerSocket socket = before.get(key);
                if (socket == null) {
                    socket = ListenerSocket.open(definition, tls, sockets);
                    fresh.add(socket);
                } else if (socket.tls().isPresent() != tls.isPresent()) {
                    throw new ConfigurationException("listener.tls: an open listener cannot begin or end to speak TLS; "
                            + "give it another address, or start the node again");
                } else {
                    ListenerSocket same = socket;
                    undo.add(same.prepare(definition));
                    changes.add(() -> change(same, definition, tls));
                }
                after.put(key, socket);
            } catch (ConfigurationException e) {
                mistakes.add(wanted.place + e.getMessage());
            }
        }
        if (!mistakes.isEmpty()) {
            undo.forEach(Runnable::run);
            fresh.forEach(socket -> socket.shutdown(Duration.ZERO));
            throw new ConfigurationException(String.join("\n", mistakes));
        }
        return () -> {
            apply(after, changes);
            if (!before.isEmpty()) {
                fresh.forEach(socket -> log.info("listener", "opened " + socket.url()));
            }
            Set<ListenerSocket> kept = new HashSet<>(after.values());
            before.values().stream().filter(s -> !kept.contains(s)).forEach(socket -> {
                log.info("listener", "closing " + socket.url());
                var _ = socket.shutdown(settings.get(Setting.DRAIN));
            });
        };
    }

    private synchronized void apply(Map<String, ListenerSocket> after, List<Runnable> changes) {
        open = java.util.Collections.unmodifiableMap(after);
        changes.forEach(Runnable::run);
        acme.follow(after.values().stream()
                .flatMap(socket -> socket.definition().tls().flatMap(TlsDefinition::acme).stream())
                .toList());
        issued();
    }

    /** Shows from now on what ACME has issued. */
    synchronized void issued() {
        for (ListenerSocket socket : open.values()) {
            ListenerDefinition definition = socket.definition();
            if (definition.tls().flatMap(TlsDefinition::acme).isPresent()) {
                change(socket, definition, tls(definition, settings, acme::certificate));
            }
        }
    }

    private void change(ListenerSocket socket, ListenerDefinition definition, Optional<ListenerTls> tls) {
        if (socket.change(definition, tls)) {
            tls.ifPresent(changed -> {
                for (TlsCertificate certificate : changed.certificates().certificates()) {
                    log.info(
                            "tls",
                            "loaded a certificate",
                            "listener",
                            socket.url(),
                            "names",
                            String.join(", ", certificate.names()),
                            "expires",
                            certificate.expires());
                }
            });
        }
    }

    /** Lets all new connections come to this process, where another one listens too. */
    void steerHere() {
        for (ListenerSocket socket : open.values()) {
            if (socket.binding() instanceof ListenAddress address && !Steering.here(address)) {
                log.warn(
                        "take-over",
                        "this machine does not let connections be steered; a few may be lost",
                        "listener",
                        socket.url());
            }
        }
    }

    /** Lets all who connect to a Unix socket come to this process, where another one listens too. */
    void takePlaces() {
        open.values().forEach(ListenerSocket::takePlace);
    }

    /** Closes all: they accept no more, and what runs may go on for a time. */
    Future<?> shutdown(Duration allowed) {
        return Future.join(
                open.values().stream().map(socket -> socket.shutdown(allowed)).toList());
    }

    private static List<Wanted> wanted(Manifest manifest, Settings settings) {
        boolean own = settings.isSet(Setting.LISTEN) || settings.isSet(Setting.TLS_DEVELOPMENT);
        if (manifest.listeners().isEmpty() || own) {
            ListenAddress address = settings.get(Setting.LISTEN);
            return List.of(new Wanted(
                    settings.get(Setting.TLS_DEVELOPMENT)
                            ? ListenerDefinition.development(address)
                            : ListenerDefinition.plain(address),
                    Setting.LISTEN.key() + ": "));
        }
        return manifest.listeners().stream()
                .map(l -> new Wanted(l.listener(), l.place() + ": "))
                .toList();
    }

    private static Optional<ListenerTls> tls(
            ListenerDefinition definition, Settings settings, Function<AcmeDefinition, TlsCertificate> issued) {
        return definition.tls().map(tls -> ListenerTls.load(definition, tls, settings.get(Setting.STATE), issued));
    }
}
