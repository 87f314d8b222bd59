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
            "DIR holds the .json and .wasm files that wast2json makes of .wast files; folders in it are searched too. "
                    + "Scripts that need a feature which the engine does not claim are skipped by that feature."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing failed", "1:an assertion failed", "2:DIR cannot be read or holds no script"})
final class WasmSpectestCommand implements Callable<Integer> {
    /** Scripts recurse deeply, and so do some modules' nested blocks. */
    private static final long STACK_BYTES = 256L << 20;

    @Parameters(paramLabel = "DIR", description = "The folder of converted scripts, or one .json.")
    private Path folder = Path.of(".");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private int passed;
    private int failed;
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
                        spec.commandLine(), "cannot read the test suite: " + io.getMessage(), io);
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private int runAll() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> scripts = scripts();
        if (scripts.isEmpty()) {
            throw new IOException(folder + " holds no .json; make them with wast2json (see docs/engine.md)");
        }
        Engine engine = Engine.create();
        for (Path script : scripts) {
            print(out, script, SpectestScript.run(engine, script));
            out.flush();
        }
        skipped.forEach((feature, count) -> out.println("skipped for " + feature + ": " + count));
        int skips = skipped.values().stream().mapToInt(Integer::intValue).sum();
        out.println(passed + " passed, " + failed + " failed, " + skips + " skipped");
        out.flush();
        return failed == 0 ? 0 : 1;
    }

    private List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private void print(PrintWriter out, Path script, SpectestReport report) {
        passed += report.passed();
        failed += report.failures().size();
        report.skipped().forEach((feature, count) -> skipped.merge(feature, count, Integer::sum));
        String reasons = report.skipped().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ", " (", ")"));
        Path name = script.equals(folder) ? script : folder.relativize(script);
        out.println(name + ": " + report.passed() + " passed, "
                + report.failures().size() + " failed, " + report.skippedCount() + " skipped"
                + (report.skippedCount() == 0 ? "" : reasons));
        report.failures().forEach(failure -> out.println("  FAILED " + failure));
    }
}
