package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Random modules on which the engine once differed from V8, and some on which it never did, run as V8 ran them. */
class FuzzRegressionTest {
    @TestFactory
    Stream<DynamicTest> keptModules() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(FuzzRegressionTest.class.getResource("fuzz"))
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".wasm")).sorted().toList().stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
        }
    }

    private static void check(Path file) throws IOException {
        String expected = Files.readString(Path.of(file.toString().replace(".wasm", ".txt")));
        assertEquals(expected, Transcript.of(Files.readAllBytes(file)));
    }
}
