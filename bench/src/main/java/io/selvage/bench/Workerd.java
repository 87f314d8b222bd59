package io.selvage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The peer for HTTP: workerd from npm, kept in the user's cache, with the Worker of {@code bench/hello}. */
final class Workerd {
    private static final String VERSION = "1.20261117.1";

    private Workerd() {}

    /** Its name and version. */
    static String name() {
        return "workerd " + VERSION;
    }

    /** Starts it; npm fetches it the first time. */
    static Server start(Path work) {
        Path program = install();
        int port = Server.freePort();
        List<String> command = List.of(
                program.toString(), "serve", "bench/hello/workerd.capnp", "--socket-addr", "http=127.0.0.1:" + port);
        return Server.start("workerd", command, port, "/", work.resolve("workerd-" + port + ".out"));
    }

    /** The program; fetched by npm if it is not there yet. */
    static Path install() {
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .map(Path::of)
                .orElse(Path.of(System.getProperty("user.home"), ".cache"));
        Path folder = cache.resolve("selvage-bench").resolve("workerd-" + VERSION);
        Path program = folder.resolve("node_modules/workerd/bin/workerd");
        if (Files.isExecutable(program)) {
            return program;
        }
        try {
            Files.createDirectories(folder);
            int code = new ProcessBuilder(
                            "npm",
                            "install",
                            "--prefix",
                            folder.toString(),
                            "--no-audit",
                            "--no-fund",
                            "--silent",
                            "workerd@" + VERSION)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (code != 0 || !Files.isExecutable(program)) {
                throw new BenchmarkException("npm could not install workerd@" + VERSION + " into " + folder);
            }
            return program;
        } catch (IOException e) {
            throw new BenchmarkException("cannot run npm; install Node.js with npm", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted while npm was installing workerd", e);
        }
    }
}
