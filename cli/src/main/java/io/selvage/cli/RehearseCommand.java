package io.selvage.cli;

import io.selvage.gateway.Gateway;
import io.selvage.node.EventLog;
import io.selvage.node.ListenAddress;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code selvage rehearse}: starts a node, calls its one function and stops, so that the JVM can learn what a start needs.
 * The launcher runs it to make the JVM's start-up cache.
 */
@Command(name = "rehearse", hidden = true, description = "Start, serve a few requests, stop; for the start-up cache.")
final class RehearseCommand implements Callable<Integer> {
    private static final int REQUESTS = 20;
    private static final String REQUEST = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    @Override
    public Integer call() throws IOException {
        Path folder = Files.createTempDirectory("selvage-rehearsal");
        try {
            try (InputStream bytes = RehearseCommand.class.getResourceAsStream("hello.wasm")) {
                if (bytes == null) {
                    throw new IllegalStateException("no resource hello.wasm");
                }
                Files.copy(bytes, folder.resolve("hello.wasm"));
            }
            Files.writeString(folder.resolve("selvage.toml"), """
                    name = "rehearsal"

                    [[listener]]
                    listen = "127.0.0.1:0"
                    [[listener]]
                    listen = "127.0.0.1:0"
                    tls = { development = true }

                    [[function]]
                    name = "hello"
                    source = "hello.wasm"
                    routes = ["GET /"]
                    """);
            serve(folder);
            return Main.OK;
        } finally {
            delete(folder);
        }
    }

    private static void serve(Path app) throws IOException {
        Settings settings = Settings.builder()
                .flag("rehearse", Setting.ADMIN, "127.0.0.1:0")
                .flag("rehearse", Setting.STATE, app.resolve("state").toString())
                .build();
        try (Assembly assembly = Assembly.of(settings, EventLog.open(settings))) {
            assembly.node().deploy(app);
            try (Gateway gateway = Gateway.start(assembly.node())) {
                gateway.readyEvent();
                assembly.node().watch();
                loop(app.resolve("selvage.toml"), gateway.urls().getLast());
                assembly.node().reload();
                for (int i = 0; i < REQUESTS; i++) {
                    ask(gateway.listenAddress(), "/");
                    ask(gateway.listenAddress(), "/through/");
                    ask(gateway.listenAddress(), "/cached/");
                }
                gateway.drain();
            }
        }
    }

    /** Lets the node be its own origin, so that both sides of TLS and HTTP/2, and the cache, are rehearsed too. */
    private static void loop(Path manifest, String url) throws IOException {
        Files.writeString(manifest, """

                [[origin]]
                name = "itself"
                urls = ["%s"]
                protocol = "http2"
                tls = { verify = false }
                [[route]]
                path = "/through/..."
                origin = "itself"
                rewrite = { strip_prefix = "/through" }
                [[route]]
                path = "/cached/..."
                origin = "itself"
                rewrite = { strip_prefix = "/cached" }
                cache = true
                compress = true
                """.formatted(url), StandardOpenOption.APPEND);
    }

    private static void ask(ListenAddress address, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName(address.host()), address.port())) {
            socket.getOutputStream().write(REQUEST.formatted(path).getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
