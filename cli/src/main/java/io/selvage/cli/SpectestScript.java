package io.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import io.selvage.wasm.Trap;
import io.selvage.wasm.WasmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs one script of the official test suite in the form that {@code wast2json} writes. */
final class SpectestScript {
    /** How long the calls into one instance may take together before that counts as a failure. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** A module of the script: an instance, or why there is none. */
    private sealed interface Slot {
        record Ready(Instance instance) implements Slot {}

        record Skipped(String feature) implements Slot {}

        record Broken(String reason) implements Slot {}
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
    private final SpectestReport report = new SpectestReport();
    private final Imports host = SpectestHost.imports();
    private final Map<String, Slot> named = new HashMap<>();
    private final Map<String, Slot> registered = new HashMap<>();
    private Slot current = new Slot.Broken("the script has no module yet");
    private String source = "";

    private SpectestScript(Engine engine, Path path) {
        this.engine = engine;
        this.path = path;
    }

    /**
     * Runs a script.
     *
     * @param path the {@code .json}; its modules lie beside it
     * @throws IOException if it, or a module, cannot be read
     */
    static SpectestReport run(Engine engine, Path path) throws IOException {
        SpectestScript script = new SpectestScript(engine, path);
        JsonNode root = new ObjectMapper().readTree(path.toFile());
        script.source = root.path("source_filename").asText(path.toString());
        for (JsonNode command : root.path("commands")) {
            script.command(command);
        }
        return script.report;
    }

    private void command(JsonNode command) throws IOException {
        String type = command.path("type").asText();
        try {
            switch (type) {
                case "module" -> module(command);
                case "register" -> registered.put(command.path("as").asText(), slot(command.path("name")));
                case "action" -> act(command.path("action"));
                case "assert_return" -> assertReturn(command);
                case "assert_trap", "assert_exhaustion" -> assertTrap(command);
                case "assert_exception" -> assertException(command);
                case "assert_malformed", "assert_invalid" -> assertRejected(command, type);
                case "assert_unlinkable" -> assertUnlinkable(command);
                case "assert_uninstantiable" -> assertUninstantiable(command);
                default -> throw new MismatchException("a command that this runner does not know: " + type);
            }
            report.pass();
        } catch (SkipException e) {
            report.skip(String.valueOf(e.getMessage()));
        } catch (MismatchException e) {
            mismatch(command, type, String.valueOf(e.getMessage()));
        } catch (WasmException e) {
            mismatch(command, type, "unexpected " + describe(e));
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            fail(command, type, "the engine failed: " + describe(e) + " " + origin(e));
        }
    }

    /**
     * Counts a failure. In a script of a proposal that the engine does not claim it is none: what modules with the
     * proposal's features would have done is missing, and the proposal may have changed the rules.
     */
    private void mismatch(JsonNode command, String type, String message) {
        SpectestFeature.proposal(path, source).ifPresentOrElse(report::skip, () -> fail(command, type, message));
    }

    private void fail(JsonNode command, String type, String message) {
        report.fail(source + ":" + command.path("line").asInt() + ": " + type + ": " + message);
    }

    private void module(JsonNode command) throws IOException, SkipException {
        Slot slot = new Slot.Broken("the module of line " + command.path("line").asInt() + " did not load");
        try {
            slot = new Slot.Ready(instantiate(command));
        } catch (SkipException e) {
            slot = new Slot.Skipped(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            current = slot;
            if (command.has("name")) {
                named.put(command.path("name").asText(), slot);
            }
        }
    }

    private Instance instantiate(JsonNode command) throws IOException, SkipException {
        byte[] binary = binary(command);
        Module module;
        try {
            module = engine.load(binary);
        } catch (WasmException e) {
            throw skipOr(binary, e);
        }
        return module.link(imports(module)).instantiate(RunLimits.none().withWall(PATIENCE));
    }

    private Imports imports(Module module) throws SkipException {
        Imports.Builder builder = Imports.builder().addAll(host);
        for (var needed :
                module.imports().stream().map(i -> i.module()).distinct().toList()) {
            switch (registered.get(needed)) {
                case Slot.Ready ready -> builder.instance(needed, ready.instance());
                case Slot.Skipped skipped -> throw new SkipException(skipped.feature());
                case Slot.Broken _ -> {}
                case null -> {}
            }
        }
        return builder.build();
    }

    private byte[] binary(JsonNode command) throws IOException {
        return Files.readAllBytes(path.resolveSibling(command.path("filename").asText()));
    }

    /** Throws that the module is skipped if it may be, else answers {@code rejection}. */
    private WasmException skipOr(byte[] binary, WasmException rejection) throws SkipException {
        var feature = SpectestFeature.missing(path, source, binary, rejection);
        if (feature.isPresent()) {
            throw new SkipException(feature.get());
        }
        return rejection;
    }

    private Slot slot(JsonNode name) {
        if (name.isMissingNode()) {
            return current;
        }
        return named.getOrDefault(name.asText(), new Slot.Broken("no module is called " + name.asText()));
    }

    private @Nullable Object[] act(JsonNode action) throws SkipException, MismatchException {
        Instance instance = switch (slot(action.path("module"))) {
            case Slot.Ready ready -> ready.instance();
            case Slot.Skipped skipped -> throw new SkipException(skipped.feature());
            case Slot.Broken broken -> throw new MismatchException(broken.reason());
        };
        String field = action.path("field").asText();
        if (action.path("type").asText().equals("get")) {
            Global global = instance.global(field).orElseThrow(() -> missing("global", field));
            return new Object[] {global.get()};
        }
        List<SpectestValue> arguments = SpectestValue.list(action.path("args"));
        if (arguments.stream().anyMatch(SpectestValue::isVector)) {
            throw new SkipException("SIMD");
        }
        Function function = instance.function(field).orElseThrow(() -> missing("function", field));
        return function.call(arguments.stream().map(SpectestValue::argument).toArray());
    }

    private static MismatchException missing(String kind, String field) {
        return new MismatchException("the module exports no " + kind + " \"" + field + "\"");
    }

    private void assertReturn(JsonNode command) throws SkipException, MismatchException {
        List<SpectestValue> expected = new ArrayList<>(SpectestValue.list(command.path("expected")));
        if (command.has("either")) {
            expected.clear();
            expected.add(new SpectestValue("either", List.of(), SpectestValue.list(command.path("either"))));
        }
        @Nullable Object[] actual = act(command.path("action"));
        boolean fits = actual.length == expected.size();
        for (int i = 0; fits && i < actual.length; i++) {
            fits = expected.get(i).matches(actual[i]);
        }
        if (!fits) {
            throw new MismatchException(call(command) + ": expected " + expected + ", got " + show(actual));
        }
    }

    private void assertTrap(JsonNode command) throws SkipException, MismatchException {
        String expected = command.path("text").asText();
        @Nullable Object[] results;
        try {
            results = act(command.path("action"));
        } catch (Trap trap) {
            checkTrap(trap, expected);
            return;
        }
        throw new MismatchException(call(command) + ": expected trap \"" + expected + "\", got " + show(results));
    }

    private void assertException(JsonNode command) throws SkipException, MismatchException {
        @Nullable Object[] results;
        try {
            results = act(command.path("action"));
        } catch (GuestException _) {
            return;
        }
        throw new MismatchException(call(command) + ": expected an exception, got " + show(results));
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

    private void assertRejected(JsonNode command, String type) throws IOException, SkipException, MismatchException {
        if (command.path("module_type").asText().equals("text")) {
            throw new SkipException("text format");
        }
        byte[] binary = binary(command);
        try {
            engine.load(binary);
        } catch (WasmException e) {
            boolean fits =
                    type.equals("assert_malformed") ? e instanceof MalformedException : e instanceof InvalidException;
            if (!fits) {
                throw new MismatchException(
                        "expected \"" + command.path("text").asText() + "\", got " + describe(skipOr(binary, e)));
            }
            return;
        }
        throw new MismatchException("expected \"" + command.path("text").asText() + "\", but the module was accepted");
    }

    private void assertUnlinkable(JsonNode command) throws IOException, SkipException, MismatchException {
        try {
            instantiate(command);
        } catch (LinkException _) {
            return;
        }
        throw new MismatchException("expected \"" + command.path("text").asText() + "\", but the module was linked");
    }

    private void assertUninstantiable(JsonNode command) throws IOException, SkipException, MismatchException {
        String expected = command.path("text").asText();
        try {
            instantiate(command);
        } catch (Trap trap) {
            checkTrap(trap, expected);
            return;
        }
        throw new MismatchException("expected trap \"" + expected + "\", but the module was instantiated");
    }

    private static String call(JsonNode command) {
        JsonNode action = command.path("action");
        return action.path("field").asText()
                + SpectestValue.list(action.path("args")).stream()
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
