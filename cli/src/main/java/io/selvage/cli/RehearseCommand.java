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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code selvage rehearse}: starts a node, calls its one function and stops, so that the JVM can learn what a start needs.
 * The launcher runs it to make the JVM's start-up cache.
 */
@Command(name = "rehearse", hidden = true, description = "Start, serve a few requests, stop; for the start-up cache.")
final class RehearseCommand implements Callable<Integer> {
    private static final int REQUESTS = 20;
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    public Integer call() throws IOException {
        Path folder = Files.createTempDirectory("selvage-rehearsal");
        Path module = folder.resolve("hello.wasm");
        Path manifest = folder.resolve("selvage.toml");
        try {
            try (InputStream bytes = RehearseCommand.class.getResourceAsStream("hello.wasm")) {
                if (bytes == null) {
                    throw new IllegalStateException("no resource hello.wasm");
                }
                Files.copy(bytes, module);
            }
            Files.writeString(manifest, """
                    name = "rehearsal"

                    [[function]]
                    name = "hello"
                    source = "hello.wasm"
                    routes = ["GET /"]
                    """);
            serve(folder);
            return Main.OK;
        } finally {
            Files.deleteIfExists(module);
            Files.deleteIfExists(manifest);
            Files.deleteIfExists(folder);
        }
    }

    private static void serve(Path app) throws IOException {
        Settings settings = Settings.builder()
                .flag("rehearse", Setting.LISTEN, "127.0.0.1:0")
                .flag("rehearse", Setting.ADMIN, "127.0.0.1:0")
                .flag("rehearse", Setting.STATE, app.toString())
                .build();
        try (Assembly assembly = Assembly.of(settings, EventLog.open(settings))) {
            assembly.node().deploy(app);
            try (Gateway gateway = Gateway.start(assembly.node())) {
                gateway.readyEvent();
                assembly.node().watch();
                for (int i = 0; i < REQUESTS; i++) {
                    ask(gateway.listenAddress());
                }
                gateway.drain();
            }
        }
    }

    private static void ask(ListenAddress address) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName(address.host()), address.port())) {
            socket.getOutputStream().write(REQUEST);
            socket.getInputStream().readAllBytes();
        }
    }
}
