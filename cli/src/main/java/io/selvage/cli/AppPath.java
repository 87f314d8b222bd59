package io.selvage.cli;

import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The app that a command is about: its parameter. */
final class AppPath {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PATH",
            description = "A folder with a selvage.toml, such a file, or a .wasm file. Default: this folder.")
    private Path path = Path.of(".");

    /** The folder, manifest or module. */
    Path path() {
        return path;
    }
}
