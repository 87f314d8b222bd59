package io.selvage.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs programs whose output is wanted. */
final class Processes {
    private Processes() {}

    /**
     * What a program prints.
     *
     * @throws BenchmarkException if it cannot be run
     */
    static String output(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException e) {
            throw new BenchmarkException("cannot run " + command.getFirst() + "; install it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted while " + command.getFirst() + " ran", e);
        }
    }
}
