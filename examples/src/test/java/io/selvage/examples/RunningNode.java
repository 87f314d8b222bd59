package io.selvage.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An example that {@code selvage up} runs in a process of its own, as a person would start it. */
final class RunningNode implements AutoCloseable {
    /** Keeps the JVM from compiling with C2 for a process that lives for seconds: half the time on two cores. */
    static final String QUICK = "-XX:TieredStopAtLevel=1";

    private static final Pattern LISTEN = Pattern.compile("\"event\":\"ready\".*\"listen\":\"([^\"]+)\"");

    private final Process process;
    private final Path log;
    private final URI base;
    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private RunningNode(Process process, Path log, URI base) {
        this.process = process;
        this.log = log;
        this.base = base;
    }

    /** Starts the example in the folder {@code name} and waits until it is ready. */
    static RunningNode start(String name, Path state) throws IOException {
        Files.createDirectories(state);
        Path log = state.resolve("log");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        QUICK,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.selvage.cli.Main",
                        "up",
                        name,
                        "--listen",
                        "127.0.0.1:0",
                        "--admin",
                        "127.0.0.1:0",
                        "--state",
                        state.toString())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher ready = LISTEN.matcher(line);
            if (ready.find()) {
                Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
                return new RunningNode(process, log, URI.create(ready.group(1)));
            }
        }
        throw new IOException("the node ended before it was ready; its log:\n" + Files.readString(log));
    }

    URI uri(String path) {
        return base.resolve(path);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path)));
    }

    HttpResponse<String> post(String path, String contentType, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(
                request.timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    /** What the node has logged up to now. */
    List<String> log() throws IOException {
        return Files.readAllLines(log);
    }

    /** Stops the node with SIGTERM and answers its exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the node did not stop within 30 s of SIGTERM");
        }
        return process.exitValue();
    }

    /** Ends the node as a power cut would. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        client.close();
        process.destroyForcibly().onExit().join();
    }
}
