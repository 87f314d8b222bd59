package io.selvage.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * An engine in another process, which waits on its stdin while it is not its turn.
 *
 * <p>It first says its name; then it answers each line with one line. {@code load FILE N CHECKSUM} (a
 * {@link Kernel}) or {@code replay MODULE TRACE} (a {@link Trace}) reads, compiles, instantiates and runs once, and is
 * answered with the nanoseconds of all that; {@code run NANOS} runs again until so much
 * time has passed, and is answered with the nanoseconds of each run. On a wrong result it says so and ends.
 */
final class ChildContender implements Contender {
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;
    private final String peerName;

    /** Starts {@code command}. */
    ChildContender(List<String> command) {
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new BenchmarkException("cannot start " + command.getFirst() + "; install it (Node.js for V8)", e);
        }
        commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        answers = process.inputReader(StandardCharsets.UTF_8);
        peerName = answer();
    }

    @Override
    public String name() {
        return peerName;
    }

    @Override
    public long load(Workload workload) {
        commands.println(workload.loadCommand());
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
                throw new BenchmarkException("the peer has ended; its message stands above");
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
