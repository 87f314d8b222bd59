package io.selvage.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server under test: a process on loopback that is started, asked for its first answer, and stopped. */
final class Server implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final int port;
    private final Duration untilReady;

    private Server(String name, Process process, int port, Duration untilReady) {
        this.name = name;
        this.process = process;
        this.port = port;
        this.untilReady = untilReady;
    }

    /**
     * Starts a process and waits until it answers {@code GET path} with 200.
     *
     * @param output where its output goes; shown when it ends early
     */
    static Server start(String name, List<String> command, int port, String path, Path output) {
        try {
            long begin = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            while (!answers(port, path)) {
                if (!process.isAlive()) {
                    throw new BenchmarkException(name + " has ended; it said:\n" + Files.readString(output));
                }
                if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                    stop(process);
                    throw new BenchmarkException(name + " gave no 200 in " + PATIENCE.toSeconds() + " s; it said:\n"
                            + Files.readString(output));
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return new Server(name, process, port, Duration.ofNanos(System.nanoTime() - begin));
        } catch (IOException e) {
            throw new BenchmarkException("cannot start " + name + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted while " + name + " was starting", e);
        }
    }

    /** Starts {@code ./selvage up} for an app, with a state directory and an output file in {@code work}. */
    static Server selvage(String name, Path app, String path, Path work) {
        int port = freePort();
        List<String> command = List.of(
                "./selvage",
                "up",
                app.toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--admin",
                "127.0.0.1:0",
                "--state",
                work.resolve("state-" + app.getFileName()).toString());
        return start(name, command, port, path, work.resolve("selvage-" + port + ".out"));
    }

    /** A port that was free a moment ago. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return name;
    }

    /** From the start of the process to its first 200. */
    Duration untilReady() {
        return untilReady;
    }

    /** Where it listens. */
    int port() {
        return port;
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** The resident memory of the process and what it has started, bytes; Linux only. */
    long residentBytes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .mapToLong(handle -> residentBytes(handle.pid()))
                .sum();
    }

    private static long residentBytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new BenchmarkException("cannot read the memory of process " + pid + "; this needs Linux", e);
        }
    }

    private static boolean answers(int port, String path) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.setSoTimeout(20_000);
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream answer = socket.getInputStream();
            return new String(answer.readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException _) {
            return false; // not listening yet
        }
    }

    @Override
    public void close() {
        stop(process);
    }

    private static void stop(Process process) {
        List<ProcessHandle> family = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        family.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                family.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException _) {
            family.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
