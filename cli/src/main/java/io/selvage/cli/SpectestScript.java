package io.selvage.cli;

import io.selvage.wasm.Engine;
import io.selvage.wasm.Function;
import io.selvage.wasm.Global;
import io.selvage.wasm.GuestException;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.InvalidException;
import io.selvage.wasm.LinkException;
import io.selvage.wasm.MalformedException;
import io.selvage.wasm.Module;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.TextException;
import io.selvage.wasm.Trap;
import io.selvage.wasm.WasmException;
import io.selvage.wasm.text.ScriptCommand;
import io.selvage.wasm.text.ScriptCommand.Action;
import io.selvage.wasm.text.ScriptCommand.AssertException;
import io.selvage.wasm.text.ScriptCommand.AssertRejected;
import io.selvage.wasm.text.ScriptCommand.AssertReturn;
import io.selvage.wasm.text.ScriptCommand.AssertTrap;
import io.selvage.wasm.text.ScriptCommand.AssertUninstantiable;
import io.selvage.wasm.text.ScriptCommand.AssertUnlinkable;
import io.selvage.wasm.text.ScriptCommand.Perform;
import io.selvage.wasm.text.ScriptCommand.Register;
import io.selvage.wasm.text.ScriptModule;
import io.selvage.wasm.text.WebAssemblyScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs one script of the official test suite: {@code .wast}, or what {@code wast2json} makes of it. */
final class SpectestScript {
    /** How long the calls into one instance may take together before that counts as a failure. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** Something of the script that commands refer to: it is there, or why it is not. */
    private sealed interface Slot<T> {
        record Ready<T>(T it) implements Slot<T> {}

        record Skipped<T>(String feature) implements Slot<T> {}

        record Broken<T>(String reason) implements Slot<T> {}

        default T get() throws SkipException, MismatchException {
            return switch (this) {
                case Ready<T> ready -> ready.it();
                case Skipped<T> skipped -> throw new SkipException(skipped.feature());
                case Broken<T> broken -> throw new MismatchException(broken.reason());
            };
        }
    }

    /** The command cannot run because it needs a feature that the engine does not claim. */
    private static final class SkipException extends Exception {
        private static final long serialVersionUID = 1L;

        SkipException(String feature) {
            super(feature, null, false, false);
        }
    }

    /** The engine did something else than the script expects. */
    private static final class MismatchException extends Exception {
        private static final long serialVersionUID = 1L;

        MismatchException(String message) {
            super(message, null, false, false);
        }
    }

    private final Engine engine;
    private final Path path;
    private final String source;
    private final SpectestReport report = new SpectestReport();
    private final Imports host = SpectestHost.imports();
    private final Map<String, Slot<Module>> modules = new HashMap<>();
    private final Map<String, Slot<Instance>> named = new HashMap<>();
    private final Map<String, Slot<Instance>> registered = new HashMap<>();
    private Slot<Module> lastModule = new Slot.Broken<>("the script has no module yet");
    private Slot<Instance> current = new Slot.Broken<>("the script has no module yet");

    private SpectestScript(Engine engine, Path path, String source) {
        this.engine = engine;
        this.path = path;
        this.source = source;
    }

    /**
     * Runs a script.
     *
     * @param path a {@code .wast}, or a {@code .json} with its modules beside it
     * @throws IOException if it, or a module, cannot be read
     */
    static SpectestReport run(Engine engine, Path path) throws IOException {
        if (path.toString().endsWith(".json")) {
            SpectestJson.Script script = SpectestJson.read(path);
            return new SpectestScript(engine, path, script.source()).run(script.commands());
        }
        SpectestScript script = new SpectestScript(engine, path, path.toString());
        try {
            return script.run(WebAssemblyScript.parse(Files.readAllBytes(path)));
        } catch (TextException e) {
            script.report.fail(path + ": " + e.getMessage());
            return script.report;
        }
    }

    private SpectestReport run(List<ScriptCommand> commands) {
        commands.forEach(this::count);
        return report;
    }

    private void count(ScriptCommand command) {
        try {
            run(command);
            report.pass();
        } catch (SkipException e) {
            report.skip(String.valueOf(e.getMessage()));
        } catch (MismatchException e) {
            mismatch(command, String.valueOf(e.getMessage()));
        } catch (WasmException e) {
            mismatch(command, "unexpected " + describe(e));
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            fail(command, "the engine failed: " + describe(e) + " " + origin(e));
        }
    }

    /**
     * Counts a failure. In a script of a proposal that the engine does not claim it is none: what modules with the
     * proposal's features would have done is missing, and the proposal may have changed the rules.
     */
    private void mismatch(ScriptCommand command, String message) {
        SpectestFeature.proposal(path, source).ifPresentOrElse(report::skip, () -> fail(command, message));
    }

    private void fail(ScriptCommand command, String message) {
        report.fail(source + ":" + command.line() + ": " + name(command) + ": " + message);
    }

    private static String name(ScriptCommand command) {
        return command.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }

    private void run(ScriptCommand command) throws SkipException, MismatchException {
        switch (command) {
            case ScriptCommand.Module module -> module(module);
            case ScriptCommand.Instance instance ->
                instantiate(instance.name(), slot(modules, instance.module(), lastModule));
            case Register register -> registered.put(register.as(), slot(named, register.name(), current));
            case Perform perform -> act(perform.action());
            case AssertReturn assertion -> assertReturn(assertion);
            case AssertTrap assertion -> assertTrap(assertion);
            case AssertException assertion -> assertException(assertion);
            case AssertRejected assertion -> assertRejected(assertion);
            case AssertUnlinkable assertion -> assertUnlinkable(assertion);
            case AssertUninstantiable assertion -> assertUninstantiable(assertion);
        }
    }

    private static <T> Slot<T> slot(Map<String, Slot<T>> slots, Optional<String> name, Slot<T> last) {
        return name.map(it -> slots.getOrDefault(it, new Slot.Broken<>("nothing is called $" + it)))
                .orElse(last);
    }

    // ---- modules and instances

    private void module(ScriptCommand.Module command) throws SkipException, MismatchException {
        lastModule = new Slot.Broken<>("the module of line " + command.line() + " did not load");
        current = new Slot.Broken<>("the module of line " + command.line() + " did not load");
        try {
            lastModule = new Slot.Ready<>(load(command.module()));
        } catch (SkipException e) {
            lastModule = new Slot.Skipped<>(String.valueOf(e.getMessage()));
            current = new Slot.Skipped<>(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            command.name().ifPresent(name -> {
                modules.put(name, lastModule);
                named.put(name, current);
            });
        }
        if (!command.definition()) {
            instantiate(command.name(), lastModule);
        }
    }

    private void instantiate(Optional<String> name, Slot<Module> module) throws SkipException, MismatchException {
        current = new Slot.Broken<>("the last module was not instantiated");
        try {
            current = new Slot.Ready<>(instantiate(module.get()));
        } catch (SkipException e) {
            current = new Slot.Skipped<>(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            name.ifPresent(it -> named.put(it, current));
        }
    }

    private Module load(ScriptModule module) throws SkipException {
        byte[] binary = module.binary();
        try {
            return engine.load(binary);
        } catch (WasmException e) {
            throw skipOr(e);
        }
    }

    private Instance instantiate(Module module) throws SkipException {
        return module.link(imports(module)).instantiate(RunLimits.none().withWall(PATIENCE));
    }

    private Imports imports(Module module) throws SkipException {
        Imports.Builder builder = Imports.builder().addAll(host);
        for (var needed :
                module.imports().stream().map(i -> i.module()).distinct().toList()) {
            switch (registered.get(needed)) {
                case Slot.Ready<Instance> ready -> builder.instance(needed, ready.it());
                case Slot.Skipped<Instance> skipped -> throw new SkipException(skipped.feature());
                case Slot.Broken<Instance> _ -> {}
                case null -> {}
            }
        }
        return builder.build();
    }

    /** Throws that the module is skipped if it may be, else answers {@code rejection}. */
    private WasmException skipOr(WasmException rejection) throws SkipException {
        var feature = SpectestFeature.missing(path, source, rejection);
        if (feature.isPresent()) {
            throw new SkipException(feature.get());
        }
        return rejection;
    }

    // ---- actions

    private @Nullable Object[] act(Action action) throws SkipException, MismatchException {
        Instance instance = slot(named, action.instance(), current).get();
        String field = action.field();
        if (action.arguments().isEmpty()) {
            Global global = instance.global(field).orElseThrow(() -> missing("global", field));
            return new Object[] {global.get()};
        }
        List<SpectestValue> arguments = SpectestValue.list(action.arguments().get());
        Function function = instance.function(field).orElseThrow(() -> missing("function", field));
        try {
            return function.call(arguments.stream().map(SpectestValue::argument).toArray());
        } catch (IllegalArgumentException e) {
            throw new MismatchException("cannot call \"" + field + "\": " + e.getMessage());
        }
    }

    private static MismatchException missing(String kind, String field) {
        return new MismatchException("the module exports no " + kind + " \"" + field + "\"");
    }

    private void assertReturn(AssertReturn assertion) throws SkipException, MismatchException {
        List<SpectestValue> expected = SpectestValue.list(assertion.expected());
        @Nullable Object[] actual = act(assertion.action());
        boolean fits = actual.length == expected.size();
        for (int i = 0; fits && i < actual.length; i++) {
            fits = expected.get(i).matches(actual[i]);
        }
        if (!fits) {
            throw new MismatchException(call(assertion.action()) + ": expected " + expected + ", got " + show(actual));
        }
    }

    private void assertTrap(AssertTrap assertion) throws SkipException, MismatchException {
        @Nullable Object[] results;
        try {
            results = act(assertion.action());
        } catch (Trap trap) {
            checkTrap(trap, assertion.text());
            return;
        }
        throw new MismatchException(
                call(assertion.action()) + ": expected trap \"" + assertion.text() + "\", got " + show(results));
    }

    private void assertException(AssertException assertion) throws SkipException, MismatchException {
        @Nullable Object[] results;
        try {
            results = act(assertion.action());
        } catch (GuestException _) {
            return;
        }
        throw new MismatchException(call(assertion.action()) + ": expected an exception, got " + show(results));
    }

    /**
     * The expected words must be the beginning of the real ones, as in the reference interpreter; some expectations
     * add the index at fault to the usual words of the trap.
     */
    private static void checkTrap(Trap trap, String expected) throws MismatchException {
        boolean fits = String.valueOf(trap.getMessage()).startsWith(expected)
                || expected.matches(trap.kind().text() + " \\d+");
        if (!fits) {
            throw new MismatchException("expected trap \"" + expected + "\", got " + describe(trap));
        }
    }

    // ---- modules that must not run

    private void assertRejected(AssertRejected assertion) throws SkipException, MismatchException {
        byte[] binary;
        try {
            binary = assertion.module().binary();
        } catch (TextException e) {
            if (fits(e, assertion)) {
                return;
            }
            throw new MismatchException("expected \"" + assertion.text() + "\", got " + describe(e));
        }
        try {
            engine.load(binary);
        } catch (WasmException e) {
            if (fits(e, assertion)) {
                return;
            }
            throw new MismatchException("expected \"" + assertion.text() + "\", got " + describe(skipOr(e)));
        }
        if (SpectestFeature.isLifted(assertion.text())) {
            throw new SkipException("a limit that is none any more");
        }
        throw new MismatchException("expected \"" + assertion.text() + "\", but the module was accepted");
    }

    /**
     * Whether a module was rejected for the right kind of reason. The words of an error in a text must begin with the
     * expected ones. A proposal builds on a specification that may have called malformed what is only invalid today.
     */
    private boolean fits(WasmException rejection, AssertRejected assertion) {
        boolean words = String.valueOf(rejection.getMessage()).startsWith(assertion.text());
        return switch (assertion.rejection()) {
            case MALFORMED ->
                switch (rejection) {
                    case MalformedException _ -> true;
                    case TextException _ -> words;
                    case InvalidException _ -> path.toString().contains("proposals");
                    default -> false;
                };
            case INVALID -> rejection instanceof InvalidException;
            case MALFORMED_CUSTOM, INVALID_CUSTOM -> rejection instanceof TextException && words;
        };
    }

    private void assertUnlinkable(AssertUnlinkable assertion) throws SkipException, MismatchException {
        Module module = load(assertion.module());
        try {
            instantiate(module);
        } catch (LinkException _) {
            return;
        }
        throw new MismatchException("expected \"" + assertion.text() + "\", but the module was linked");
    }

    private void assertUninstantiable(AssertUninstantiable assertion) throws SkipException, MismatchException {
        Module module = load(assertion.module());
        try {
            instantiate(module);
        } catch (Trap trap) {
            checkTrap(trap, assertion.text());
            return;
        }
        throw new MismatchException("expected trap \"" + assertion.text() + "\", but the module was instantiated");
    }

    // ---- for people

    private static String call(Action action) {
        return action.field()
                + SpectestValue.list(action.arguments().orElse(List.of())).stream()
                        .map(SpectestValue::toString)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String show(@Nullable Object[] values) {
        return Arrays.stream(values).map(SpectestValue::show).toList().toString();
    }

    private static String describe(Throwable throwable) {
        String kind = throwable instanceof Trap trap
                ? "trap " + trap.kind()
                : throwable.getClass().getSimpleName();
        return kind + " \"" + throwable.getMessage() + "\"";
    }

    private static String origin(Throwable throwable) {
        StackTraceElement[] stack = throwable.getStackTrace();
        return stack.length == 0 ? "" : "at " + stack[0];
    }
}
