package io.selvage.gateway;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Programs of others that judge the gateway from outside. */
final class TestTool {
    private static final long SECONDS = 120;

    private TestTool() {}

    /** Skips a test on a machine without a program, and says in which package of Debian it is. */
    static void needs(String program, String debian) {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))),
                () -> program + " is not installed (Debian: " + debian + ")");
    }

    /** Everything that a program says until it ends. */
    static String run(Path folder, String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "tool", ".log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command[0] + " does not end:\n" + Files.readString(log));
        }
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    }
}
