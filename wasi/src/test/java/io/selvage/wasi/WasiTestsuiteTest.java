package io.selvage.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.selvage.wasi.Guests.Outcome;
import io.selvage.wasm.RunLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The prebuilt preview-1 programs of WebAssembly/wasi-testsuite (branch {@code prod/testsuite-base}), by their
 * manifests. Runs when {@code SELVAGE_WASI_TESTSUITE} names a checkout.
 */
@EnabledIfEnvironmentVariable(named = "SELVAGE_WASI_TESTSUITE", matches = ".+")
class WasiTestsuiteTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path temporary;

    @TestFactory
    Stream<DynamicTest> everyProgramPasses() throws IOException {
        Path tests = Path.of(System.getenv("SELVAGE_WASI_TESTSUITE"), "tests");
        List<Path> programs = new ArrayList<>();
        for (String language : List.of("assemblyscript", "c", "rust")) {
            try (Stream<Path> files = Files.list(tests.resolve(language).resolve("testsuite/wasm32-wasip1"))) {
                files.filter(file -> file.toString().endsWith(".wasm")).sorted().forEach(programs::add);
            }
        }
        assertEquals(false, programs.isEmpty());
        return programs.stream()
                .map(program -> dynamicTest(tests.relativize(program).toString(), () -> run(program)));
    }

    private void run(Path program) throws IOException {
        String name = program.getFileName().toString();
        Path file = program.resolveSibling(name.replace(".wasm", ".json"));
        JsonNode manifest = Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
        List<String> arguments = new ArrayList<>(List.of(name));
        manifest.path("args").forEach(argument -> arguments.add(argument.asText()));
        Map<String, String> environment = new LinkedHashMap<>();
        manifest.path("env")
                .properties()
                .forEach(one -> environment.put(one.getKey(), one.getValue().asText()));
        environment.put("ERRNO_MODE_UNIX", "1");
        if (name.startsWith("environ")) {
            environment.remove("ERRNO_MODE_UNIX");
        }
        WasiConfig config = WasiConfig.none().withArguments(arguments).withEnvironment(environment);
        if (manifest.hasNonNull("root")) {
            Path copy = Files.createTempDirectory(temporary, "root");
            copy(program.resolveSibling(manifest.path("root").asText()), copy);
            config = config.withMount("/", HostFolder.of(copy));
        }
        RunLimits limits = RunLimits.none().withWall(Duration.ofSeconds(60));
        Outcome outcome = Guests.run(Guests.load(program), config, limits);
        assertEquals(manifest.path("exit_code").asInt(0), outcome.code(), outcome::errors);
        if (manifest.hasNonNull("stdout")) {
            assertEquals(manifest.path("stdout").asText(), outcome.output());
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
