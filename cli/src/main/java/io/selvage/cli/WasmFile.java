package io.selvage.cli;

import io.selvage.wasm.TextException;
import io.selvage.wasm.text.WebAssemblyText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the module that a command line names. */
final class WasmFile {
    private WasmFile() {}

    /**
     * The module in the binary format, which it is turned into if the file holds text.
     *
     * @throws TextException if it is text, but not a module
     * @throws UncheckedIOException if it cannot be read; the message is for a person
     */
    static byte[] read(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new IOException("it is a folder, not a module");
            }
            return WebAssemblyText.binary(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + Failures.reason(e), e);
        }
    }
}
