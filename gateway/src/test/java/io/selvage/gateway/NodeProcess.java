package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.selvage.node.Setting;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A node with one route to an origin, in a process of its own that can be killed. */
final class NodeProcess implements AutoCloseable {
    /** What {@link #in} ends with on a machine that does not let it do what it wants. */
    private static final int IMPOSSIBLE = 77;

    private final Process process;
    private final int port;
    private final String admin;

    private NodeProcess(Process process) throws IOException, InterruptedException {
        this.process = process;
        BufferedReader lines = new BufferedReader(process.inputReader(StandardCharsets.UTF_8));
        String ready = lines.readLine();
        if (ready == null) {
            assumeTrue(process.waitFor() != IMPOSSIBLE, "this machine does not let a test mount a file system");
            throw new AssertionError("the node has not started");
        }
        String[] parts = ready.split(" ", 2);
        port = Integer.parseInt(parts[0]);
        admin = parts[1];
    }

    /** Starts a node whose state is in {@code folder}; the settings are {@code key=value}. */
    static NodeProcess start(Path folder, String origin, List<String> options, String... settings) throws Exception {
        return new NodeProcess(new ProcessBuilder(command(folder, origin, options, settings))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Starts one after {@code setup} has changed what is mounted for it, {@code $0} being {@code folder}. */
    static NodeProcess in(String setup, Path folder, String origin, String... settings) throws Exception {
        TestTool.needs("unshare", "util-linux");
        List<String> whole = new ArrayList<>(
                List.of("unshare", "-Urm", "sh", "-c", "(" + setup + ") || exit 77; exec \"$@\"", folder.toString()));
        whole.addAll(command(folder, origin, List.of(), settings));
        return new NodeProcess(new ProcessBuilder(whole)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Starts one with these variables in its environment. */
    static NodeProcess with(Map<String, String> environment, Path folder, String origin, String... settings)
            throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command(folder, origin, List.of(), settings));
        builder.environment().putAll(environment);
        return new NodeProcess(
                builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    private static List<String> command(Path folder, String origin, List<String> options, String... settings) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), NodeProcess.class.getName(), folder.toString(), origin));
        command.addAll(List.of(settings));
        return command;
    }

    /** The node itself: says where it is, and serves until its input ends. */
    public static void main(String[] arguments) throws IOException {
        TestNode node = new TestNode(Path.of(arguments[0])).origin("/...", true, "", arguments[1]);
        for (int i = 2; i < arguments.length; i++) {
            String[] parts = arguments[i].split("=", 2);
            Setting<?> setting = Setting.all().stream()
                    .filter(known -> known.key().equals(parts[0]))
                    .findFirst()
                    .orElseThrow();
            node.with(setting, parts[1]);
        }
        try (node) {
            node.start();
            System.out.println(node.port() + " " + node.gateway().adminAddress().url());
            System.out.flush();
            while (System.in.read() >= 0) {
                // serves
            }
        }
    }

    int port() {
        return port;
    }

    /** What its admin listener answers. */
    String admin(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(admin + path)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /** Ends it as SIGKILL does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            kill();
        }
        assertEquals(0, process.exitValue());
    }
}
