package io.selvage.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code selvage wasm}: the engine without a node. */
@Command(
        name = "wasm",
        description = "Run, inspect, validate and prepare WebAssembly modules without a node.",
        subcommands = {
            WasmRunCommand.class,
            WasmInspectCommand.class,
            WasmValidateCommand.class,
            WasmSnapshotCommand.class,
            WasmSpectestCommand.class
        })
final class WasmCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "selvage wasm needs one of: run, inspect, validate, snapshot, spectest");
    }
}
