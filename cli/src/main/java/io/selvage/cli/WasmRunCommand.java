package io.selvage.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.selvage.wasi.GuestExit;
import io.selvage.wasi.HostFolder;
import io.selvage.wasi.Preview1;
import io.selvage.wasi.WasiConfig;
import io.selvage.wasi.WasiContext;
import io.selvage.wasi.WasiException;
import io.selvage.wasm.CompileLimits;
import io.selvage.wasm.Function;
import io.selvage.wasm.FunctionType;
import io.selvage.wasm.GuestException;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.Module;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.Trap;
import io.selvage.wasm.WasmException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
import picocli.CommandLine.ParameterException;
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
            "2:the command line is wrong",
            "134:the program trapped, or threw an exception that nothing caught"
        })
final class WasmRunCommand implements Callable<Integer> {
    /** What a shell shows for a program that was aborted. */
    private static final int TRAPPED = 134;

    private static final int FAILED = 1;
    private static final int MOST_NAMED = 10;
    private static final String THREAD = "guest";
    private static final long STACK_BYTES = 64L << 20;

    @Option(
            names = "--dir",
            paramLabel = "HOST[::GUEST]",
            description = "Give the program this folder for reading and writing; GUEST is the name it sees.")
    private List<String> folders = List.of();

    @Option(
            names = "--env",
            paramLabel = "NAME=VALUE",
            description = "Give the program this environment variable; without a value, yours.")
    private List<String> variables = List.of();

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
            names = "--profile",
            paramLabel = "FILE",
            description = "Write a flame graph of what the program did: a page to open in a browser, or its lines "
                    + "if FILE ends in .folded.")
    private @Nullable Path profile;

    @Option(
            names = "--stub-imports",
            description = "Link function imports that nothing provides to functions that trap when they are called.")
    private boolean stubImports;

    @Option(
            names = "--memory",
            paramLabel = "BYTES",
            description = "The most that its memories and objects may take, for example 64MiB.")
    private @Nullable String memory;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "End the program after this time, for example 500ms or 10s.")
    private @Nullable String timeout;

    @Option(
            names = "--code",
            paramLabel = "BYTES",
            description = "The most code that may be made of the module, for example 64MiB; 256MiB if not given.")
    private @Nullable String code;

    @Option(
            names = "--compile-time",
            paramLabel = "TIME",
            description = "The most time that compiling the module's functions may take, for example 10s; 2m if not "
                    + "given.")
    private @Nullable String compileTime;

    @Parameters(index = "0", paramLabel = "FILE", description = "The module, in the binary format or the text format.")
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
        private @Nullable WasmException trap;
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
        checkOptions();
        FutureTask<Integer> task = new FutureTask<>(this::run);
        Thread.ofPlatform().name(THREAD).stackSize(STACK_BYTES).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof OutOfMemoryError) {
                fail("the heap has no room for what " + file
                        + " needs; give it less with --memory, or the JVM more with" + " SELVAGE_JAVA_OPTS=-Xmx4g");
                return TRAPPED;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Refuses what cannot work, or would not do anything, before the program does. */
    private void checkOptions() {
        if (invoke == null && json) {
            throw refused("--json describes a call: it needs --invoke NAME");
        }
        if (invoke == null && repeat != 1) {
            throw refused("--repeat repeats a call: it needs --invoke NAME");
        }
        if (repeat < 1) {
            throw refused("--repeat must be 1 or more, not " + repeat);
        }
        limits();
        compileLimits();
        for (String variable : variables) {
            if (variable.isEmpty() || variable.startsWith("=")) {
                throw refused("--env needs NAME=VALUE or NAME, not \"" + variable + "\"");
            }
        }
        if (profile != null) {
            Path folder = profile.toAbsolutePath().normalize().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw refused("--profile cannot write " + profile + ": there is no folder " + folder);
            }
            if (Files.isDirectory(profile) || !Files.isWritable(Files.exists(profile) ? profile : folder)) {
                throw refused(
                        "--profile cannot write " + profile + ": it is a folder, or this user may not write there");
            }
        }
    }

    private ParameterException refused(String why) {
        return new ParameterException(spec.commandLine(), Visible.message(why));
    }

    private int run() {
        Outcome outcome = new Outcome();
        try {
            return run(outcome);
        } catch (GuestExit exit) {
            return exit.code();
        } catch (Trap trap) {
            return ended(outcome, trap, "trapped", trap.frames());
        } catch (GuestException e) {
            return ended(outcome, e, "ended", e.frames());
        } catch (WasmException e) {
            return fail("cannot run " + file + ": " + e.getMessage());
        } catch (WasiException | UncheckedIOException | IllegalArgumentException e) {
            return fail(e.getMessage());
        }
    }

    private int run(Outcome outcome) {
        WasiContext guest = guest();
        long start = System.nanoTime();
        Module module = EngineOfUser.create().withCompileLimits(compileLimits()).load(WasmFile.read(file));
        LinkedModule linked = module.link(imports());
        outcome.compileNanos = System.nanoTime() - start;
        if (profile == null) {
            return run(linked, guest, outcome);
        }
        try (GuestProfiler profiler = new GuestProfiler(THREAD)) {
            try {
                return run(linked, guest, outcome);
            } finally {
                writeProfile(profiler, module, profile);
            }
        }
    }

    private void writeProfile(GuestProfiler profiler, Module module, Path target) {
        try {
            FlameGraph graph = profiler.stop(module);
            graph.write(target, String.valueOf(file.getFileName()), GuestProfiler.PERIOD_MILLIS);
            PrintWriter err = spec.commandLine().getErr();
            err.println("selvage: wrote " + graph.samples() + " samples to " + target);
            err.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the profile: " + Failures.explain(e), e);
        }
    }

    private int run(LinkedModule linked, WasiContext guest, Outcome outcome) {
        if (invoke == null) {
            int code = Preview1.run(linked, guest, limits());
            tellIfNothingRan(linked.module());
            return code;
        }
        long start = System.nanoTime();
        Instance instance = linked.instantiate(limits(), guest);
        outcome.instantiateNanos = System.nanoTime() - start;
        instance.function("_initialize").ifPresent(Function::call);
        invoke(instance, invoke, outcome);
        guest.close();
        print(outcome);
        return 0;
    }

    private void tellIfNothingRan(Module module) {
        List<String> functions = module.exports().stream()
                .filter(export -> export.type() instanceof FunctionType)
                .map(export -> Visible.name(export.name()))
                .toList();
        if (!functions.contains("_start") && !functions.contains("_initialize")) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("selvage: " + file + " exports no _start, so nothing of it was called"
                    + (functions.isEmpty() ? "" : "; --invoke NAME calls one of: " + some(functions)));
            err.flush();
        }
    }

    private static String some(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(names.size(), MOST_NAMED)));
        return names.size() > MOST_NAMED ? first + " \u2026" : first;
    }

    /** What the guest gets of this machine. */
    private WasiContext guest() {
        List<String> words = new ArrayList<>();
        words.add(String.valueOf(file.getFileName()));
        if (invoke == null) {
            words.addAll(arguments);
        }
        WasiConfig config = WasiConfig.none()
                .withArguments(words)
                .withEnvironment(environment())
                .withStdin(new FileInputStream(FileDescriptor.in))
                .withStdout(new FileOutputStream(FileDescriptor.out))
                .withStderr(new FileOutputStream(FileDescriptor.err))
                .withTerminals(isTerminal(0), isTerminal(1), isTerminal(2));
        for (String folder : folders) {
            String[] parts = folder.split("::", 2);
            config = config.withMount(parts[parts.length - 1], HostFolder.of(Path.of(parts[0])));
        }
        return config.open();
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : variables) {
            String[] parts = variable.split("=", 2);
            String value = parts.length == 2 ? parts[1] : System.getenv(parts[0]);
            if (value != null) {
                environment.put(parts[0], value);
            }
        }
        return environment;
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }

    private Imports imports() {
        Imports.Builder imports = Imports.builder().addAll(Preview1.imports());
        if (stubImports) {
            imports.stubMissing();
        }
        return imports.build();
    }

    private RunLimits limits() {
        RunLimits limits = RunLimits.none();
        if (memory != null) {
            limits = limits.withMemory(Quantities.option(spec, "--memory", memory, Quantities::bytes));
        }
        if (timeout != null) {
            limits = limits.withWall(Quantities.option(spec, "--timeout", timeout, Quantities::time));
        }
        return limits;
    }

    private CompileLimits compileLimits() {
        CompileLimits limits = CompileLimits.DEFAULT;
        if (code != null) {
            limits = limits.withCodeBytes(Quantities.option(spec, "--code", code, Quantities::bytes));
        }
        if (compileTime != null) {
            limits = limits.withTime(Quantities.option(spec, "--compile-time", compileTime, Quantities::time));
        }
        return limits;
    }

    private void invoke(Instance instance, String name, Outcome outcome) {
        Function function = instance.function(name)
                .orElseThrow(() -> new IllegalArgumentException(file + " exports no function \"" + name + "\""));
        @Nullable Object[] values = arguments(name, function.type());
        for (int i = 0; i < repeat; i++) {
            long start = System.nanoTime();
            @Nullable Object[] results = function.call(values);
            outcome.callsNanos.add(System.nanoTime() - start);
            outcome.result.clear();
            outcome.result.addAll(Arrays.asList(results));
        }
    }

    private @Nullable Object[] arguments(String name, FunctionType type) {
        try {
            return WasmNumbers.parse(type, arguments);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cannot call \"" + Visible.name(name) + "\" of " + file + ": " + e.getMessage(), e);
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
    private int ended(Outcome outcome, WasmException why, String how, List<Trap.Frame> frames) {
        outcome.trap = why;
        if (json) {
            print(outcome);
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println("selvage: " + file + " " + how + ": " + Visible.message(String.valueOf(why.getMessage())));
        for (Trap.Frame frame : frames) {
            err.println("    at " + Visible.name(frame.toString()));
        }
        err.flush();
        return TRAPPED;
    }

    private int fail(@Nullable String message) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("selvage: " + Visible.message(String.valueOf(message)));
        err.flush();
        return FAILED;
    }
}
