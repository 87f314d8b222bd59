package io.selvage.cli;

import io.selvage.wasm.Engine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage wasm spectest}: runs the official test suite of WebAssembly on the engine. */
@Command(
        name = "spectest",
        description = {
            "Run scripts of the official WebAssembly test suite.",
            "PATH is a .wast script or a folder that holds some, in folders within it too. The .json and .wasm files that "
                    + "wast2json makes of scripts will do as well. What needs a feature that the engine does not "
                    + "support is skipped and counted by that feature."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing failed", "1:an assertion failed", "2:PATH cannot be read or holds no script"})
final class WasmSpectestCommand implements Callable<Integer> {
    /** Some scripts recurse until the stack ends; each frame of a large function takes heap besides. */
    private static final long STACK_BYTES = 16L << 20;

    @Parameters(paramLabel = "PATH", description = "The folder of scripts, or one script.")
    private Path path = Path.of(".");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** How many commands went how. */
    private record Counts(int passed, int failed, int skipped) {
        static final Counts NONE = new Counts(0, 0, 0);

        static Counts of(SpectestReport report) {
            return new Counts(report.passed(), report.failures().size(), report.skippedCount());
        }

        Counts plus(Counts other) {
            return new Counts(passed + other.passed, failed + other.failed, skipped + other.skipped);
        }

        @Override
        public String toString() {
            return passed + " passed, " + failed + " failed, " + skipped + " skipped";
        }
    }

    private final Map<String, Counts> features = new TreeMap<>();
    private final Map<String, Integer> skipped = new TreeMap<>();

    @Override
    public Integer call() throws InterruptedException {
        FutureTask<Integer> task = new FutureTask<>(this::runAll);
        Thread.ofPlatform().name("spectest").stackSize(STACK_BYTES).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "cannot read the test suite: " + Failures.explain(io), io);
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private int runAll() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> scripts = scripts();
        if (scripts.isEmpty()) {
            throw new IOException(path + " holds no .wast or .json script (see docs/engine.md)");
        }
        Engine engine = Engine.create();
        for (Path script : scripts) {
            print(out, script, SpectestScript.run(engine, script));
            out.flush();
        }
        features.forEach((feature, counts) -> out.println(feature + ": " + counts));
        skipped.forEach((feature, count) -> out.println("skipped for " + feature + ": " + count));
        Counts total = features.values().stream().reduce(Counts.NONE, Counts::plus);
        if (total.equals(Counts.NONE)) {
            throw new IOException(path + " holds no command");
        }
        out.println(total);
        out.flush();
        return total.failed() == 0 ? 0 : 1;
    }

    private List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(file ->
                            file.toString().endsWith(".wast") || file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private void print(PrintWriter out, Path script, SpectestReport report) {
        Counts counts = Counts.of(report);
        features.merge(SpectestFeature.of(script), counts, Counts::plus);
        report.skipped().forEach((feature, count) -> skipped.merge(feature, count, Integer::sum));
        String reasons = report.skipped().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ", " (", ")"));
        Path name = script.equals(path) ? script : path.relativize(script);
        out.println(name + ": " + counts + (report.skippedCount() == 0 ? "" : reasons));
        report.failures().forEach(failure -> out.println("  FAILED " + failure));
    }
}
