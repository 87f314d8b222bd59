package io.selvage.cli;

import io.selvage.wasm.CompileLimits;
import io.selvage.wasm.Engine;
import io.selvage.wasm.InvalidException;
import io.selvage.wasm.MalformedException;
import io.selvage.wasm.Module;
import io.selvage.wasm.TextException;
import io.selvage.wasm.UnsupportedException;
import io.selvage.wasm.WasmException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage wasm validate}: says of each file whether the engine accepts it, and if not, why and where. */
@Command(
        name = "validate",
        description = "Check that files are valid WebAssembly modules: one line for each file.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every file is valid", "1:at least one is not"})
final class WasmValidateCommand implements Callable<Integer> {
    private static final String VALID = "valid";
    private static final CompileLimits EVERYTHING = new CompileLimits(Long.MAX_VALUE, Duration.ofDays(1));

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Modules in the binary format or the text format.")
    private List<Path> files = List.of();

    @Option(
            names = "--compile",
            description =
                    "Also compile every function, and let the JVM verify the code: otherwise each is compiled when it is"
                            + " first called.")
    private boolean compiles;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        Engine engine = Engine.create().withCompileLimits(EVERYTHING);
        int bad = 0;
        for (Path file : files) {
            String verdict = verdict(engine, file);
            if (!verdict.startsWith(VALID)) {
                bad++;
            }
            spec.commandLine().getOut().println(file + ": " + Visible.message(verdict));
        }
        spec.commandLine().getOut().flush();
        return bad == 0 ? 0 : 1;
    }

    private String verdict(Engine engine, Path file) {
        try {
            Module module = engine.load(WasmFile.read(file));
            return compiles ? compiled(module) : VALID;
        } catch (UncheckedIOException e) {
            return "unreadable: " + Failures.reason(e.getCause());
        } catch (WasmException e) {
            return kind(e) + e.getMessage();
        }
    }

    private static String compiled(Module module) {
        long start = System.nanoTime();
        module.compile();
        return VALID + ", compiled in " + (System.nanoTime() - start) / 1_000_000 + " ms";
    }

    private static String kind(WasmException e) {
        return switch (e) {
            case MalformedException _, TextException _ -> "malformed: ";
            case InvalidException _ -> "invalid: ";
            case UnsupportedException _ -> "unsupported: ";
            default -> "";
        };
    }
}
