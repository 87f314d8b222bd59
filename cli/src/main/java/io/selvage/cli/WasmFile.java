package io.selvage.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the module that a command line names. */
final class WasmFile {
    private WasmFile() {}

    /**
     * All bytes of the file.
     *
     * @throws UncheckedIOException if it cannot be read; the message is for a person
     */
    static byte[] read(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new IOException("it is a folder, not a module");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException("cannot read " + file + ": there is no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
