package io.selvage.gateway;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A certificate authority on this machine (Pebble), for which every name is 127.0.0.1. */
final class TestAuthority implements AutoCloseable {
    /** Where it asks for proofs. */
    final int httpPort = FreePorts.next();

    final int tlsPort = FreePorts.next();
    private final int port = FreePorts.next();
    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private String nameServer = "";
    private HttpServer suggestions;

    private TestAuthority(Path folder) throws IOException {
        this.folder = folder;
    }

    /** Starts one, with more in its environment; its own certificate is {@code authority.pem} in the folder. */
    static TestAuthority start(Path folder, Map<String, String> environment) throws Exception {
        TestTool.needs("pebble", "pebble");
        TestAuthority authority = new TestAuthority(folder);
        TestTls.write(folder, "authority", "localhost", "127.0.0.1");
        int dns = FreePorts.next();
        authority.run(
                Map.of(),
                "pebble-challtestsrv",
                "-defaultIPv4",
                "127.0.0.1",
                "-defaultIPv6",
                "",
                "-dns01",
                "127.0.0.1:" + dns,
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                "127.0.0.1:" + FreePorts.next());
        authority.nameServer = "127.0.0.1:" + dns;
        authority.serve(environment);
        return authority;
    }

    /** Serves (again), with more in its environment and without any memory of what was. */
    void serve(Map<String, String> environment) throws Exception {
        Files.writeString(folder.resolve("pebble.json"), """
                {"pebble": {"listenAddress": "127.0.0.1:%d", "certificate": "authority.pem",
                  "privateKey": "authority.key", "httpPort": %d, "tlsPort": %d}}
                """.formatted(port, httpPort, tlsPort));
        run(environment, "pebble", "-config", "pebble.json", "-dnsserver", nameServer);
        TestNode.eventually("the authority answers", () -> {
            try {
                return !get(directory()).isEmpty();
            } catch (Exception _) {
                return false;
            }
        });
    }

    /** Serves no more. */
    void stop() throws InterruptedException {
        processes.removeLast().destroyForcibly().waitFor();
    }

    private void run(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(command[0] + ".log").toFile());
        builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
        builder.environment().put("PEBBLE_WFE_NONCEREJECT", "0");
        builder.environment().put("PEBBLE_AUTHZREUSE", "0");
        builder.environment().putAll(environment);
        processes.add(builder.start());
    }

    /** Where it is asked. */
    String directory() {
        return "https://127.0.0.1:" + port + "/dir";
    }

    /** Where it is asked if it is to suggest a time at which it would like to have a certificate renewed (RFC 9773). */
    String directoryThatSuggests(Predicate<String> now) throws IOException {
        suggestions = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String own = "http://127.0.0.1:" + suggestions.getAddress().getPort();
        suggestions.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            String answer;
            try {
                answer = path.equals("/dir")
                        ? get(directory()).replaceFirst("\\{", "{\"renewalInfo\": \"" + own + "/when\",")
                        : window(now.test(path.substring(path.lastIndexOf('/') + 1)));
            } catch (Exception e) {
                throw new IOException(e);
            }
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("Retry-After", "3600");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        suggestions.start();
        return own + "/dir";
    }

    private static String window(boolean now) {
        Instant start = now ? Instant.now().minusSeconds(7200) : Instant.now().plusSeconds(7200);
        return "{\"suggestedWindow\": {\"start\": \"%s\", \"end\": \"%s\"}}".formatted(start, start.plusSeconds(60));
    }

    private String get(String url) throws Exception {
        try (HttpClient client = TestTls.client(HttpClient.Version.HTTP_1_1)) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (suggestions != null) {
            suggestions.stop(0);
        }
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }
}
