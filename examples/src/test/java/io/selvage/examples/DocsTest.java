package io.selvage.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.selvage.node.Manifest;
import io.selvage.node.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What README and docs tell people to type works: {@code sh} blocks are run with the built launcher, {@code toml} blocks
 * are read as manifests or settings. A {@code console} block is only shown.
 */
class DocsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(sh|toml)\\R(.*?)^```$");
    private static final Pattern READY = Pattern.compile("\"event\":\"ready\".*\"listen\":\"([^\"]+)\"");
    /** The files that a manifest needs to be there. */
    private static final Pattern SOURCE = Pattern.compile("\"([^\"\\s:]+\\.(?:wasm|mmdb|pem|key))\"");

    @TempDir
    static Path folder;

    private record Block(String language, String text) {}

    @TestFactory
    Stream<DynamicTest> everyPageHolds() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"));
                Stream<Path> examples = Files.find(ROOT.resolve("examples"), 2, (p, _) -> p.endsWith("README.md"))) {
            Stream.concat(docs.filter(p -> p.toString().endsWith(".md")), examples)
                    .sorted()
                    .forEach(pages::add);
        }
        return pages.stream()
                .map(page -> DynamicTest.dynamicTest(ROOT.relativize(page).toString(), () -> holds(page)));
    }

    private static void holds(Path page) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(folder, "page");
        for (String part : List.of("selvage", "examples", "bench")) {
            Files.createSymbolicLink(work.resolve(part), ROOT.resolve(part));
        }
        for (Block block : blocks(page)) {
            if (block.language.equals("toml")) {
                read(block.text, Files.createTempDirectory(work, "manifest"));
            } else {
                run(block.text, work);
            }
        }
    }

    private static List<Block> blocks(Path page) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(page));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }

    private static void read(String toml, Path work) throws IOException {
        Path file = Files.writeString(work.resolve(Manifest.FILE_NAME), toml);
        if (!toml.contains("[[function]]") && !toml.contains("[[origin]]")) {
            Settings.builder().file(file).build();
            return;
        }
        for (Matcher source = SOURCE.matcher(toml); source.find(); ) {
            Path module = work.resolve(source.group(1));
            Files.createDirectories(module.getParent());
            Files.write(module, new byte[0]);
        }
        Manifest.Known known = new Manifest.Known(List.of("cgi"), List.of("kv", "variables"));
        Manifest manifest = Manifest.read(file, known);
        assertFalse(manifest.functions().isEmpty() && manifest.routes().isEmpty());
    }

    /** Runs a block; a node that it starts serves on a free port until the block's end. */
    private static void run(String script, Path work) throws IOException, InterruptedException {
        assumeTrue(Files.exists(ROOT.resolve("cli/target/dist/built")), "the launcher has nothing to run yet");
        StringBuilder rest = new StringBuilder("set -e\n");
        Process node = null;
        String url = "http://127.0.0.1:8080";
        try {
            for (String line : script.lines().toList()) {
                if (line.startsWith("mvn ")) {
                    continue;
                }
                if (line.startsWith("./selvage up ")) {
                    node = process(line + " --listen 127.0.0.1:0 --admin 127.0.0.1:0 --state state", work, "node.log");
                    url = ready(node, work);
                } else {
                    rest.append(line.replace("http://127.0.0.1:8080", url)).append('\n');
                }
            }
            Process shell = process(rest.toString(), work, "shell.log");
            String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, shell.waitFor(), () -> rest + output + log(work, "shell.log"));
        } finally {
            if (node != null) {
                node.descendants().forEach(ProcessHandle::destroy);
                node.destroy();
                if (!node.waitFor(30, TimeUnit.SECONDS)) {
                    node.destroyForcibly();
                }
            }
        }
    }

    private static Process process(String script, Path work, String log) throws IOException {
        boolean isNode = script.startsWith("./selvage up");
        String only = isNode ? "exec " + script : script;
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", only).directory(work.toFile());
        builder.environment().put("SELVAGE_BUILD", "never");
        builder.environment().put("SELVAGE_AOT", "off");
        if (isNode) {
            builder.environment().put("SELVAGE_JAVA_OPTS", RunningNode.QUICK);
        }
        return builder.redirectError(work.resolve(log).toFile()).start();
    }

    private static String ready(Process node, Path work) throws IOException {
        BufferedReader output = node.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                return ready.group(1);
            }
        }
        throw new IOException("the node ended before it was ready; its log:\n" + log(work, "node.log"));
    }

    private static String log(Path work, String name) {
        try {
            return Files.readString(work.resolve(name));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
