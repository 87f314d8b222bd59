package io.selvage.node;

import java.nio.file.Path;

/**
 * A place in a file that a person wrote.
 *
 * @param file the file, as it was named
 * @param line the line, from 1; 0 for the file as a whole
 * @param column the column, from 1
 */
public record Place(Path file, int line, int column) {
    /** As compilers write it, for example {@code selvage.toml:3:1}. */
    @Override
    public String toString() {
        return line == 0 ? file.toString() : file + ":" + line + ":" + column;
    }
}
