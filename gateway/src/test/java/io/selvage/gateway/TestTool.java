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
    private static final long SECONDS = 300;

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
        return start(folder, command).told();
    }

    /** Lets a program begin. */
    static Running start(Path folder, String... command) throws IOException {
        Path log = Files.createTempFile(folder, "tool", ".log");
        return new Running(
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .redirectInput(new File("/dev/null"))
                        .start(),
                log);
    }

    /** A program that has begun. */
    record Running(Process process, Path log) {
        boolean isOver() {
            return !process.isAlive();
        }

        /** Everything that it says until it ends. */
        String told() throws IOException, InterruptedException {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(process.info() + " does not end:\n" + Files.readString(log));
            }
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        }

        /** Ends it. */
        void stop() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }
}
