package io.selvage.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.selvage.wasi.Guests.Outcome;
import io.selvage.wasm.RunLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The WASI modules of Node's own tests, as {@code test-wasi.js}, {@code test-wasi-stdio.js} and {@code
 * test-wasi-symlinks.js} run them. Runs when {@code SELVAGE_NODE_TESTS} names the folder {@code test} of a checkout.
 *
 * <p>Two are left out. {@code readdir} wants a listing without {@code .} and {@code ..}, which wasi-testsuite demands.
 * {@code create_symlink} wants a zero byte counted at the end of a link's target and links resolved from the mount's
 * root, as Node 18 did by mistake. The links here are POSIX'.
 */
@EnabledIfEnvironmentVariable(named = "SELVAGE_NODE_TESTS", matches = ".+")
class NodeWasiTest {
    private static final String HELLO = "hello from input.txt";

    private final Path tests = Path.of(String.valueOf(System.getenv("SELVAGE_NODE_TESTS")));

    @TempDir
    private Path temporary;

    /** A module, what it is given, what it must answer. */
    private record Case(String name, String input, int code, String output) {
        Case(String name) {
            this(name, "", 0, "");
        }

        Case(String name, String output) {
            this(name, "", 0, output);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyModulePasses() {
        return Stream.of(
                        new Case("cant_dotdot"),
                        new Case("clock_getres"),
                        new Case("exitcode", "", 120, ""),
                        new Case("fd_prestat_get_refresh"),
                        new Case("freopen", "hello from input2.txt\n"),
                        new Case("ftruncate"),
                        new Case("getentropy"),
                        new Case("getrusage"),
                        new Case("gettimeofday"),
                        new Case("main_args"),
                        new Case("notdir"),
                        new Case("poll"),
                        new Case("preopen_populates"),
                        new Case("read_file", HELLO + "\n"),
                        new Case("read_file_twice", (HELLO + "\n").repeat(2)),
                        new Case("stat"),
                        new Case("sock"),
                        new Case("write_file"),
                        new Case("stdin", "hello world", 0, "hello world"),
                        new Case("stdin", "x".repeat(33), 0, "x".repeat(31)))
                .map(one -> dynamicTest(one.name(), () -> run(one, tests.resolve("fixtures/wasi"))));
    }

    @TestFactory
    Stream<DynamicTest> everyModuleOnLinksPasses() {
        return Stream.of(
                        new Case("follow_symlink", HELLO),
                        new Case("link"),
                        new Case("symlink_escape"),
                        new Case("symlink_loop"))
                .map(one -> dynamicTest(one.name(), () -> run(one, makeLinks())));
    }

    private void run(Case one, Path sandbox) throws IOException {
        Path module = tests.resolve("wasi/wasm/" + one.name() + ".wasm");
        assertTrue(Files.exists(module), () -> module + " is missing");
        WasiConfig config = WasiConfig.none()
                .withArguments(List.of("foo", "-bar", "--baz=value"))
                .withEnvironment(Map.of("NODE_PLATFORM", "linux"))
                .withStdin(new ByteArrayInputStream(one.input().getBytes(StandardCharsets.UTF_8)))
                .withMount("/sandbox", HostFolder.of(sandbox))
                .withMount("/tmp", HostFolder.of(Files.createTempDirectory(temporary, "tmp")));
        Outcome outcome = Guests.run(Guests.load(module), config, RunLimits.none());
        assertEquals(one.code(), outcome.code(), outcome::errors);
        assertEquals(one.output().strip(), outcome.output().strip());
    }

    private Path makeLinks() throws IOException {
        Path root = Files.createTempDirectory(temporary, "links");
        Path sandbox = Files.createDirectory(root.resolve("sandbox"));
        Path folder = Files.createDirectory(sandbox.resolve("subdir"));
        Files.writeString(sandbox.resolve("input.txt"), HELLO);
        Files.writeString(root.resolve("outside.txt"), "this should be inaccessible");
        Files.createSymbolicLink(folder.resolve("input_link.txt"), Path.of("../input.txt"));
        Files.createSymbolicLink(folder.resolve("outside.txt"), Path.of("../../outside.txt"));
        Files.createSymbolicLink(folder.resolve("loop1"), Path.of("loop2"));
        Files.createSymbolicLink(folder.resolve("loop2"), Path.of("loop1"));
        return sandbox;
    }
}
