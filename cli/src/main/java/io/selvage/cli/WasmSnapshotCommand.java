package io.selvage.cli;

import io.selvage.wasi.GuestExit;
import io.selvage.wasi.Preview1;
import io.selvage.wasi.WasiConfig;
import io.selvage.wasi.WasiContext;
import io.selvage.wasi.WasiException;
import io.selvage.wasm.Engine;
import io.selvage.wasm.Function;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Module;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.Trap;
import io.selvage.wasm.WasmException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage wasm snapshot}: runs a module's initializer now, so that it need not run in each new instance. */
@Command(
        name = "snapshot",
        description = {
            "Run a module's initializer and write a module that begins where it has ended, as Wizer does.",
            "The initializer may use WASI, with no folders and no environment."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the module is written", "1:it is not"})
final class WasmSnapshotCommand implements Callable<Integer> {
    /** What Wizer calls the initializer, now and in its first versions. */
    private static final List<String> INITIALIZERS = List.of("wizer-initialize", "wizer.initialize");

    @Parameters(paramLabel = "FILE", description = "A module in the binary format or the text format.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "Where to write the new module.")
    @SuppressWarnings("NullAway.Init")
    private Path output;

    @Option(
            names = "--init",
            paramLabel = "NAME",
            description = "The export to call; it takes nothing. Without this, wizer-initialize or wizer.initialize.")
    private @Nullable String initializer;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Give up after this time, for example 500ms or 10s.")
    private @Nullable String timeout;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        try {
            byte[] snapshot = snapshot();
            Files.write(output, snapshot);
            return 0;
        } catch (GuestExit e) {
            return fail("the initializer has ended the program with code " + e.code());
        } catch (Trap e) {
            return fail("the initializer trapped: " + e.getMessage());
        } catch (WasmException | WasiException | UncheckedIOException | IllegalArgumentException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return fail("cannot write the snapshot: " + Failures.explain(e));
        }
    }

    private int fail(String message) {
        spec.commandLine().getErr().println("selvage: " + file + ": " + Visible.message(message));
        spec.commandLine().getErr().flush();
        return 1;
    }

    private RunLimits limits() {
        return timeout == null
                ? RunLimits.none()
                : RunLimits.none().withWall(Quantities.option(spec, "--timeout", timeout, Quantities::time));
    }

    private byte[] snapshot() {
        RunLimits limits = limits();
        Module module = Engine.create().load(WasmFile.read(file));
        WasiContext guest = WasiConfig.none()
                .withArguments(List.of(String.valueOf(file.getFileName())))
                .withStdin(new FileInputStream(FileDescriptor.in))
                .withStdout(new FileOutputStream(FileDescriptor.out))
                .withStderr(new FileOutputStream(FileDescriptor.err))
                .open();
        Imports imports =
                Imports.builder().addAll(Preview1.imports()).stubMissing().build();
        Instance instance = module.link(imports).instantiate(limits, guest);
        Set<String> called = new HashSet<>();
        Optional<Function> reactor = instance.function("_initialize");
        if (reactor.isPresent()) {
            reactor.get().call();
            called.add("_initialize");
        }
        String name = initializer(instance);
        if (called.add(name)) {
            instance.function(name).orElseThrow().call();
        }
        guest.close();
        return instance.snapshot(called);
    }

    private String initializer(Instance instance) {
        Stream<String> names = initializer == null ? INITIALIZERS.stream() : Stream.of(initializer);
        return names.filter(name -> instance.function(name).isPresent())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        initializer == null
                                ? "it exports no wizer-initialize; name the initializer with --init"
                                : "it exports no function " + initializer));
    }
}
