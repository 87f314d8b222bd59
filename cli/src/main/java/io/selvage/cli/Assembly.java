package io.selvage.cli;

import io.selvage.cgi.CgiWorld;
import io.selvage.config.ConfigService;
import io.selvage.gateway.Gateway;
import io.selvage.kv.SqliteKeyValueService;
import io.selvage.node.EventLog;
import io.selvage.node.Manifest;
import io.selvage.node.Node;
import io.selvage.node.Service;
import io.selvage.node.Services;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import io.selvage.node.World;
import io.selvage.rules.Rules;
import java.nio.file.Path;
import java.util.List;

/** What a node is made of: the one place that knows every world and every service. */
final class Assembly implements AutoCloseable {
    private final List<Service<?>> services;
    private final EventLog log;
    private final Node node;

    private Assembly(Settings settings, EventLog log) {
        this.log = log;
        services = List.of(SqliteKeyValueService.open(settings.get(Setting.STATE)), new ConfigService());
        node = Node.builder()
                .engine(EngineOfUser.create())
                .settings(settings)
                .log(log)
                .worlds(worlds())
                .services(new Services(services))
                .rules(new Rules(log))
                .registry(Gateway.newRegistry())
                .build();
    }

    /** A node that serves nothing yet. */
    static Assembly of(Settings settings, EventLog log) {
        return new Assembly(settings, log);
    }

    private static List<World> worlds() {
        return List.of(new CgiWorld());
    }

    /** What manifests can name. */
    static Manifest.Known known() {
        return new Manifest.Known(worlds().stream().map(World::name).toList(), List.of("kv", "variables"));
    }

    /** The key-value stores of a state folder, for the node's owner. */
    static SqliteKeyValueService stores(Path state) {
        return SqliteKeyValueService.open(state);
    }

    Node node() {
        return node;
    }

    /** Stops in the order that loses nothing: no calls, then no services, then no log. */
    @Override
    public void close() {
        node.close();
        services.forEach(Service::close);
        log.close();
    }
}
