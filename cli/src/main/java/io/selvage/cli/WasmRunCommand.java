package io.selvage.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.selvage.wasm.Engine;
import io.selvage.wasm.Function;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.Module;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.Trap;
import io.selvage.wasm.WasmException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage wasm run}: runs a WASI program, or calls one function of a module, as {@code wasmtime run} does. */
@Command(
        name = "run",
        description = {
            "Run a WASI program, or call one function of a module.",
            "The program's standard streams and exit code are those of this command. What follows FILE belongs to the "
                    + "program."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the program ended well; any other code of its own is passed on",
            "1:the module cannot be read, is not valid, or needs an import that nothing provides",
            "134:the program trapped"
        })
final class WasmRunCommand implements Callable<Integer> {
    /** What a shell shows for a program that was aborted. */
    private static final int TRAPPED = 134;

    private static final int FAILED = 1;
    private static final long STACK_BYTES = 64L << 20;

    @Option(
            names = "--invoke",
            paramLabel = "NAME",
            description = "Call this exported function with ARGS as numbers and print its results, one a line.")
    private @Nullable String invoke;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "With --invoke: call N times, and print how many nanoseconds each call took.")
    private int repeat = 1;

    @Option(
            names = "--json",
            description = "With --invoke: print one JSON object: result, trap, compile_ns, instantiate_ns, calls_ns.")
    private boolean json;

    @Option(
            names = "--stub-imports",
            description = "Link function imports that nothing provides to functions that trap when they are called.")
    private boolean stubImports;

    @Option(names = "--memory", paramLabel = "BYTES", description = "The most that a memory may have, for example 64MiB.")
    private @Nullable String memory;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "End the program after this time, for example 500ms or 10s.")
    private @Nullable String timeout;

    @Parameters(index = "0", paramLabel = "FILE", description = "The module.")
    private Path file = Path.of(".");

    @Parameters(index = "1..*", paramLabel = "ARGS", description = "The program's arguments.")
    private List<String> arguments = List.of();

    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** What follows FILE is the program's, even if it looks like an option. */
    @Spec
    void spec(CommandSpec spec) {
        this.spec = spec;
        spec.parser().stopAtPositional(true);
    }

    /** What is measured and printed. */
    private static final class Outcome {
        private final List<@Nullable Object> result = new ArrayList<>();
        private @Nullable Trap trap;
        private long compileNanos;
        private long instantiateNanos;
        private final List<Long> callsNanos = new ArrayList<>();

        Map<String, @Nullable Object> document() {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("result", result.stream().map(WasmNumbers::json).toList());
            document.put("trap", trap == null ? null : trap.getMessage());
            document.put("compile_ns", compileNanos);
            document.put("instantiate_ns", instantiateNanos);
            document.put("calls_ns", callsNanos);
            return document;
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        FutureTask<Integer> task = new FutureTask<>(this::run);
        Thread.ofPlatform().name("guest").stackSize(STACK_BYTES).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private int run() {
        Outcome outcome = new Outcome();
        try {
            return run(outcome);
        } catch (Trap trap) {
            outcome.trap = trap;
            if (json) {
                print(outcome);
            }
            explain(trap);
            return TRAPPED;
        } catch (WasmException e) {
            return fail("cannot run " + file + ": " + e.getMessage());
        } catch (UncheckedIOException | IllegalArgumentException e) {
            return fail(e.getMessage());
        }
    }

    private int run(Outcome outcome) {
        long start = System.nanoTime();
        Module module = Engine.create().load(WasmFile.read(file));
        LinkedModule linked = module.link(imports());
        outcome.compileNanos = System.nanoTime() - start;
        start = System.nanoTime();
        Instance instance = linked.instantiate(limits());
        outcome.instantiateNanos = System.nanoTime() - start;
        if (invoke == null) {
            return command(instance);
        }
        instance.function("_initialize").ifPresent(Function::call);
        invoke(instance, invoke, outcome);
        print(outcome);
        return 0;
    }

    private Imports imports() {
        Imports.Builder imports = Imports.builder();
        if (stubImports) {
            imports.stubMissing();
        }
        return imports.build();
    }

    private RunLimits limits() {
        RunLimits limits = RunLimits.none();
        if (memory != null) {
            limits = limits.withMemory(Quantities.bytes(memory));
        }
        if (timeout != null) {
            limits = limits.withWall(Quantities.time(timeout));
        }
        return limits;
    }

    /** Runs a WASI command: its {@code _start}; a module without one has nothing to run. */
    private int command(Instance instance) {
        instance.function("_start").ifPresent(Function::call);
        return 0;
    }

    private void invoke(Instance instance, String name, Outcome outcome) {
        Function function = instance.function(name)
                .orElseThrow(() -> new IllegalArgumentException(file + " exports no function \"" + name + "\""));
        @Nullable Object[] values = WasmNumbers.parse(function.type(), arguments);
        for (int i = 0; i < repeat; i++) {
            long start = System.nanoTime();
            @Nullable Object[] results = function.call(values);
            outcome.callsNanos.add(System.nanoTime() - start);
            outcome.result.clear();
            outcome.result.addAll(Arrays.asList(results));
        }
    }

    private void print(Outcome outcome) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(outcome));
        } else {
            outcome.result.forEach(value -> out.println(WasmNumbers.format(value)));
            if (repeat > 1) {
                outcome.callsNanos.forEach(out::println);
            }
        }
        out.flush();
    }

    private static String json(Outcome outcome) {
        try {
            return new ObjectMapper().writeValueAsString(outcome.document());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Prints why the guest was ended and what it was doing. */
    private void explain(Trap trap) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("selvage: " + file + " trapped: " + trap.getMessage());
        for (Trap.Frame frame : trap.frames()) {
            err.println("    at " + frame.name() + " (function " + frame.functionIndex() + ")");
        }
        err.flush();
    }

    private int fail(@Nullable String message) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("selvage: " + message);
        err.flush();
        return FAILED;
    }
}
