package io.selvage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.selvage.gateway.Gateway;
import io.selvage.node.EventLog;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that ask a running node, against one. */
class NodeCommandsTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private HttpServer first;
    private HttpServer second;
    private Assembly assembly;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        first = origin("first");
        second = origin("second");
        Files.writeString(folder.resolve("selvage.toml"), """
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["%s"]
                [[route]]
                path = "/..."
                origin = "site"
                [[route]]
                path = "/cached/..."
                origin = "site"
                cache = true
                """.formatted(url(first)));
        Settings settings = Settings.builder()
                .flag("--listen", Setting.LISTEN, "127.0.0.1:0")
                .flag("--admin", Setting.ADMIN, "127.0.0.1:0")
                .flag("--state", Setting.STATE, folder.resolve("state").toString())
                .build();
        assembly = Assembly.of(settings, EventLog.none());
        assembly.node().deploy(folder);
        gateway = Gateway.start(assembly.node());
    }

    @AfterEach
    void stop() {
        gateway.close();
        assembly.close();
        first.stop(0);
        second.stop(0);
    }

    private static HttpServer origin(String text) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.getResponseHeaders().add("Cache-Tag", "all");
            exchange.sendResponseHeaders(200, text.length());
            exchange.getResponseBody().write(text.getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private String get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(gateway.listenAddress().url() + path))
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? response.body() : response.statusCode() + "";
        }
    }

    /** What a command prints; its errors in front of it. */
    private String run(int code, String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--admin";
        all[args.length + 1] = gateway.adminAddress().toString();
        CommandLine commands = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        assertEquals(code, commands.execute(all), () -> err.toString());
        return err.toString() + out;
    }

    @Test
    void anOriginGetsAndLosesAddresses() throws Exception {
        assertEquals("first", get("/"));
        run(0, "origin", "add", "site", url(second), "--weight", "3");
        assertTrue(run(0, "origin", "list").contains(url(second)), out::toString);
        run(0, "origin", "drain", "site", url(first));
        for (int i = 0; i < 4; i++) {
            assertEquals("second", get("/"));
        }
        run(0, "origin", "restore", "site", url(first));
        run(0, "origin", "remove", "site", url(second));
        assertFalse(run(0, "origin", "list", "site").contains(url(second)), out::toString);
        assertEquals("first", get("/"));
        run(0, "origin", "drain", "site");
        assertEquals("503", get("/"));
        run(0, "origin", "restore", "site");
        assertEquals("first", get("/"));
    }

    @Test
    void anOriginIsDefinedAnewAndResetToTheManifest() throws Exception {
        Path table = Files.writeString(folder.resolve("site.toml"), "urls = [\"" + url(second) + "\"]\n");
        run(0, "origin", "set", "site", table.toString());
        assertEquals("second", get("/"));
        run(0, "origin", "reset", "site");
        assertEquals("first", get("/"));
    }

    @Test
    void mistakesAreToldInWords() throws Exception {
        assertTrue(run(1, "origin", "list", "sight").contains("sight"), err::toString);
        assertTrue(run(1, "origin", "add", "site", "ftp://a").contains("\"ftp://a\" is not an address"), err::toString);
        assertFalse(err.toString().contains(".toml"), err::toString);
        String missing =
                run(1, "origin", "set", "site", folder.resolve("none.toml").toString());
        assertTrue(missing.contains("there is no such file"), missing);
        Path bad = Files.writeString(folder.resolve("bad.toml"), "url = []\n");
        assertTrue(run(1, "origin", "set", "site", bad.toString()).contains("did you mean \"urls\"?"), err::toString);
        assertTrue(err.toString().contains(bad + ":1:1: "), err::toString);
        assertFalse(err.toString().contains("{"), err::toString);
        assertEquals("first", get("/"));
    }

    @Test
    void theCacheIsLookedIntoAndPurged() throws Exception {
        String url = gateway.listenAddress().url() + "/cached/a";
        assertEquals("first", get("/cached/a"));
        assertEquals("first", get("/cached/a"));
        assertTrue(run(0, "cache", "inspect", url).contains("/cached/a"), out::toString);
        assertTrue(run(0, "cache", "stats", "--json").contains("\"hit"), out::toString);
        assertTrue(run(0, "cache", "purge", "--tag", "all", "--dry-run").contains("/cached/a"), out::toString);
        assertTrue(run(0, "cache", "purge", url).contains("/cached/a"), out::toString);
        assertFalse(run(0, "cache", "purge", "--tag", "all").contains("/cached/a"), out::toString);
    }
}
