package io.selvage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One small program whose speed is compared: {@code NAME.wasm} exports {@code run(n) -> i64}, a checksum.
 *
 * @param name the file's name without {@code .wasm}
 * @param file the module
 * @param n what {@code run} is called with: enough work for some milliseconds
 * @param checksum what {@code run(n)} answers in an instance that has not run before, and every time after
 */
record Kernel(String name, Path file, int n, long checksum) implements Workload {
    /** The list in a folder of kernels: a line has a name, n and the checksum in hexadecimal. */
    static final String LIST = "kernels.txt";

    @Override
    public String loadCommand() {
        return "load %s %d %016x".formatted(file, n, checksum);
    }

    /** Reads the list of {@code folder}. */
    static List<Kernel> readAll(Path folder) throws IOException {
        return Files.readAllLines(folder.resolve(LIST)).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.strip().split("\\s+"))
                .map(parts -> new Kernel(
                        parts[0],
                        folder.resolve(parts[0] + ".wasm"),
                        Integer.parseInt(parts[1]),
                        Long.parseUnsignedLong(parts[2], 16)))
                .toList();
    }
}
