package io.selvage.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;

/** V8 in a Node process that runs {@code v8.mjs} and waits on its stdin while it is not its turn. */
final class V8Contender implements Contender {
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;
    private final String version;

    /** Starts {@code node} with the script in {@code folder}. */
    V8Contender(String node, Path folder) {
        try {
            process = new ProcessBuilder(node, folder.resolve("v8.mjs").toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new BenchmarkException("cannot start " + node + "; install Node.js or pass --node FILE", e);
        }
        commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        answers = process.inputReader(StandardCharsets.UTF_8);
        version = answer();
    }

    @Override
    public String name() {
        return version;
    }

    @Override
    public long load(Kernel kernel) {
        commands.println("load %s %d %016x".formatted(kernel.file(), kernel.n(), kernel.checksum()));
        return Long.parseLong(answer());
    }

    @Override
    public long[] runFor(long nanos) {
        commands.println("run " + nanos);
        return Stream.of(answer().split(" ")).mapToLong(Long::parseLong).toArray();
    }

    private String answer() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw new BenchmarkException("the Node process has ended; its message stands above");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
