package io.selvage.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Selvage, Selvage with one event loop, nginx and Varnish in front of the same origin, another nginx with files, all in one
 * folder; see {@code bench/gateway} for what each is told.
 */
final class GatewayPeers implements AutoCloseable {
    /** The paths of a small and a large cached response. */
    static final String SMALL = "/cached/1k";

    static final String LARGE = "/cached/1m";

    /** The path of a small response that is never stored. */
    static final String PASSED = "/1k";

    private static final Path TEMPLATES = Path.of("bench/gateway");
    private static final int PARTS = 64;
    private static final int NUMBERS = 20_000;

    private final Path work;
    private final int slowOrigin;
    private final int tlsPort = Server.freePort();
    private final int singleTlsPort = Server.freePort();
    private final int nginxTlsPort = Server.freePort();
    private final int manyTlsPort = Server.freePort();
    private final Server origin;
    private final Server nginx;
    private final Server nginxForEachProcessor;
    private final Server varnish;
    private final Server selvage;
    private final Server single;

    /**
     * Starts all of them.
     *
     * @param work an empty folder
     * @param slowOrigin the port of an origin that the benchmark answers for itself
     */
    GatewayPeers(Path work, int slowOrigin) {
        this.work = work;
        this.slowOrigin = slowOrigin;
        try {
            files(work.resolve("files"));
            certificate(work);
            origin = nginx("the origin", work, "origin.conf", Map.of());
            nginx = nginx("nginx", work, nginxTlsPort, 1);
            int processors = Runtime.getRuntime().availableProcessors();
            Path many = Files.createDirectories(work.resolve("many"));
            copyCertificate(many);
            nginxForEachProcessor = nginx("nginx/" + processors, many, manyTlsPort, processors);
            varnish = varnish(work);
            selvage = selvage("Selvage", work, tlsPort, 0);
            Path folder = Files.createDirectories(work.resolve("single"));
            copyCertificate(folder);
            single = selvage("Selvage/1", folder, singleTlsPort, 1);
        } catch (IOException e) {
            throw new BenchmarkException("cannot prepare the gateway benchmarks: " + e.getMessage(), e);
        }
    }

    Server nginx() {
        return nginx;
    }

    /** With a worker for each processor, as Selvage has event loops by itself. */
    Server nginxForEachProcessor() {
        return nginxForEachProcessor;
    }

    Server varnish() {
        return varnish;
    }

    Server selvage() {
        return selvage;
    }

    /** Selvage with one event loop, as nginx has one worker. */
    Server single() {
        return single;
    }

    /** What keeps the function busy for some milliseconds. */
    static byte[] numbers() {
        return IntStream.range(0, NUMBERS)
                .mapToObj(i -> Integer.toString(i % 1000))
                .collect(Collectors.joining(",", "{\"numbers\":[", "]}"))
                .getBytes(StandardCharsets.US_ASCII);
    }

    String tlsUrl(Server server, String path) {
        int port = server == nginx ? nginxTlsPort : server == single ? singleTlsPort : tlsPort;
        return "https://127.0.0.1:" + port + path;
    }

    private static void files(Path files) throws IOException {
        Files.createDirectories(files.resolve("cached"));
        Random random = new Random(1);
        byte[] small = new byte[1024];
        random.nextBytes(small);
        Files.write(files.resolve("1k"), small);
        Files.write(files.resolve("cached/1k"), small);
        byte[] large = new byte[1 << 20];
        random.nextBytes(large);
        Files.write(files.resolve("cached/1m"), large);
        try (var out = Files.newOutputStream(files.resolve("cached/64m"))) {
            for (int i = 0; i < PARTS; i++) {
                out.write(large);
            }
        }
    }

    private static void certificate(Path work) {
        Processes.output(List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                work.resolve("site.key").toString(),
                "-out",
                work.resolve("site.pem").toString()));
    }

    private void copyCertificate(Path folder) throws IOException {
        for (String file : List.of("site.pem", "site.key")) {
            Files.copy(work.resolve(file), folder.resolve(file));
        }
    }

    /** Fills a template in. */
    private static Path write(Path work, String template, Map<String, String> values) throws IOException {
        String text = Files.readString(TEMPLATES.resolve(template)).replace("@WORK@", work.toString());
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace(value.getKey(), value.getValue());
        }
        return Files.writeString(work.resolve(template), text);
    }

    private static Server nginx(String name, Path work, String template, Map<String, String> values)
            throws IOException {
        int port = Server.freePort();
        Map<String, String> all = new HashMap<>(values);
        all.put("@PORT@", port + "");
        Path file = write(work, template, all);
        List<String> command = List.of("nginx", "-c", file.toString(), "-g", "daemon off;");
        return Server.start(name, command, port, PASSED, work.resolve(template + ".out"));
    }

    private Server nginx(String name, Path work, int secured, int workers) throws IOException {
        return nginx(
                name,
                work,
                "nginx.conf",
                Map.of("@ORIGIN@", origin.port() + "", "@TLS@", secured + "", "@WORKERS@", workers + ""));
    }

    private Server varnish(Path work) throws IOException {
        int port = Server.freePort();
        Path file = write(work, "varnish.vcl", Map.of("@ORIGIN@", origin.port() + ""));
        List<String> command = List.of(
                "varnishd",
                "-F",
                "-n",
                work.resolve("varnish").toString(),
                "-a",
                "127.0.0.1:" + port,
                "-f",
                file.toString(),
                "-s",
                "malloc,256m");
        return Server.start("Varnish", command, port, PASSED, work.resolve("varnish.out"));
    }

    private Server selvage(String name, Path folder, int secured, int eventLoops) throws IOException {
        return selvage(
                name,
                folder,
                "selvage.toml",
                PASSED,
                eventLoops,
                Map.of("@TLS@", secured + "", "@ORIGIN@", origin.port() + "", "@SLOW@", slowOrigin + ""));
    }

    /** Another Selvage, with what it can be overloaded through; to be closed. */
    Server overloaded() {
        try {
            Path folder = Files.createDirectories(work.resolve("overload"));
            Files.copy(Path.of("examples/numbers/numbers.wasm"), folder.resolve("numbers.wasm"));
            Files.copy(Path.of("bench/gateway/work.wat"), folder.resolve("work.wat"));
            return selvage("Selvage", folder, "overload.toml", "/busy", 0, Map.of("@SLOW@", slowOrigin + ""));
        } catch (IOException e) {
            throw new BenchmarkException("cannot prepare the overload: " + e.getMessage(), e);
        }
    }

    private static Server selvage(
            String name, Path work, String template, String path, int eventLoops, Map<String, String> values)
            throws IOException {
        int port = Server.freePort();
        Map<String, String> all = new HashMap<>(values);
        all.put("@PORT@", port + "");
        Path app = write(work, template, all);
        Path settings = Files.writeString(work.resolve("settings.toml"), """
                [log]
                access = false
                [gateway]
                event_loops = %d
                """.formatted(eventLoops));
        List<String> command = List.of(
                "./selvage",
                "up",
                app.toString(),
                "--admin",
                "127.0.0.1:0",
                "--config",
                settings.toString(),
                "--state",
                work.resolve("state").toString());
        return Server.start(name, command, port, path, work.resolve("selvage.out"));
    }

    @Override
    public void close() {
        selvage.close();
        single.close();
        varnish.close();
        nginxForEachProcessor.close();
        nginx.close();
        origin.close();
    }
}
