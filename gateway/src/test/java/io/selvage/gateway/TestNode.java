package io.selvage.gateway;

import io.selvage.node.EventLog;
import io.selvage.node.Exchange;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.Headers;
import io.selvage.node.Node;
import io.selvage.node.ResponseHead;
import io.selvage.node.Services;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import io.selvage.node.World;
import io.selvage.rules.Rules;
import io.selvage.wasm.Module;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/** A node and its gateway over real sockets, whose functions are written in Java. */
final class TestNode implements AutoCloseable {
    /** What a function does. */
    @FunctionalInterface
    interface Body {
        void handle(Exchange exchange) throws IOException;
    }

    private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

    final Path folder;
    final Map<String, Body> bodies = new ConcurrentHashMap<>();
    final Queue<String> closed = new ConcurrentLinkedQueue<>();
    final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    final EventLog log = new EventLog(logged, EventLog.Level.DEBUG, EventLog.Format.JSON, false);
    private final Settings.Builder settings = Settings.builder().flag("test", Setting.ADMIN, "127.0.0.1:0");
    private final StringBuilder manifest = new StringBuilder("name = \"test\"\n");
    private final List<HttpClient> clients = new ArrayList<>();
    private boolean listens;
    private Node node = Node.builder().build();
    private Gateway gateway;

    TestNode(Path folder) {
        this.folder = folder;
        Optional.ofNullable(System.getenv(Setting.TRANSPORT.variable()))
                .ifPresent(transport -> with(Setting.TRANSPORT, transport));
    }

    TestNode with(Setting<?> setting, String value) {
        settings.flag("test", setting, value);
        listens |= setting == Setting.LISTEN;
        return this;
    }

    /** Adds a function; {@code limits} is the inside of the manifest's table. */
    TestNode function(String name, String routes, String limits, Body body) throws IOException {
        Files.write(folder.resolve(name + ".wasm"), MODULE);
        manifest.append("[[function]]\nname = \"%s\"\nsource = \"%s.wasm\"\nroutes = [%s]\nlimits = { %s }\n"
                .formatted(name, name, routes, limits));
        bodies.put(name, body);
        return this;
    }

    /** Adds an origin with these addresses and a route to it; {@code more} is the inside of the origin's table. */
    TestNode origin(String path, boolean cache, String more, String... urls) {
        return origin(path, Boolean.toString(cache), more, urls);
    }

    /** The same, with what the manifest says of the cache. */
    TestNode origin(String path, String cache, String more, String... urls) {
        String name = "origin" + manifest.length();
        manifest.append("[[origin]]\nname = \"%s\"\nurls = [%s]\n%s\n"
                .formatted(name, '"' + String.join("\", \"", urls) + '"', more));
        manifest.append("[[route]]\npath = \"%s\"\norigin = \"%s\"\ncache = %s\n".formatted(path, name, cache));
        return this;
    }

    /** Adds to the manifest. */
    TestNode more(String toml) {
        manifest.append(toml).append('\n');
        return this;
    }

    /** Adds a listener; {@code table} is the inside of the manifest's table. */
    TestNode listener(String table) {
        listens = true;
        manifest.append("[[listener]]\n").append(table).append('\n');
        return this;
    }

    /** The whole manifest. */
    String manifest() {
        return manifest.toString();
    }

    TestNode start() throws IOException {
        if (!listens) {
            settings.flag("test", Setting.LISTEN, "127.0.0.1:0");
        }
        settings.flag("test", Setting.STATE, folder.resolve("state").toString());
        Files.writeString(folder.resolve("selvage.toml"), manifest);
        node = Node.builder()
                .settings(settings.build())
                .log(log)
                .registry(Gateway.newRegistry())
                .worlds(List.of(new JavaWorld()))
                .rules(new Rules(log))
                .build();
        node.deploy(folder);
        gateway = Gateway.start(node);
        return this;
    }

    Node node() {
        return node;
    }

    Gateway gateway() {
        return gateway;
    }

    int port() {
        return gateway.listenAddress().port();
    }

    URI uri(String path) {
        return URI.create(gateway.listenAddress().url() + path);
    }

    HttpClient client(HttpClient.Version version) {
        HttpClient client = HttpClient.newBuilder()
                .version(version)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        clients.add(client);
        return client;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        return client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(URI.create(gateway.adminAddress().url() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    RawClient raw() throws IOException {
        return new RawClient(port());
    }

    String log() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    /** Waits until something holds, for as long as a slow machine may need. */
    static void eventually(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never: " + what);
            }
            Thread.sleep(5);
        }
    }

    static void answer(Exchange exchange, String text) throws IOException {
        try (OutputStream out =
                exchange.respond(new ResponseHead(200, new Headers().add("Content-Type", "text/plain")))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() {
        clients.forEach(HttpClient::shutdownNow);
        if (gateway != null) {
            gateway.close();
        }
        node.close();
        log.close();
    }

    private final class JavaWorld implements World {
        @Override
        public String name() {
            return "java";
        }

        @Override
        public boolean recognizes(Module module) {
            return true;
        }

        @Override
        public Guest prepare(FunctionDefinition function, Module module, Services services) {
            return new Guest() {
                @Override
                public void handle(Exchange exchange) throws IOException {
                    Body body = bodies.get(function.name());
                    if (body != null) {
                        body.handle(exchange);
                    }
                }

                @Override
                public void close() {
                    closed.add(function.name());
                }
            };
        }
    }
}
