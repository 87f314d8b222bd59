package io.selvage.wasi;

import io.selvage.wasm.Engine;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.RunLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Runs the programs under {@code src/test/guests}. */
final class Guests {
    /** How a run ended. */
    record Outcome(int code, String output, String errors) {}

    private static final Engine ENGINE = Engine.create();
    private static final Map<Path, LinkedModule> MODULES = new ConcurrentHashMap<>();

    private Guests() {}

    static LinkedModule guest(String name) {
        return load(Path.of("src/test/guests", name + ".wasm"));
    }

    static LinkedModule load(Path file) {
        return MODULES.computeIfAbsent(file, Guests::link);
    }

    private static LinkedModule link(Path file) {
        try {
            return ENGINE.load(Files.readAllBytes(file)).link(Preview1.imports());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static LinkedModule link(byte[] binary) {
        return ENGINE.load(binary).link(Preview1.imports());
    }

    /** Runs a guest of ours with these arguments after its name. */
    static Outcome run(String name, WasiConfig config, String... arguments) {
        List<String> all = new ArrayList<>(List.of(name));
        all.addAll(List.of(arguments));
        return run(guest(name), config.withArguments(all), RunLimits.none());
    }

    static Outcome run(LinkedModule module, WasiConfig config, RunLimits limits) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        WasiContext context = config.withStdout(output).withStderr(errors).open();
        int code = Preview1.run(module, context, limits);
        return new Outcome(code, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    }
}
