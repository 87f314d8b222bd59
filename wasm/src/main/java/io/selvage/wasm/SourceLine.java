package io.selvage.wasm;

/**
 * A place in the source that a module was made of.
 *
 * @param file the file, with its folder as the compiler knew it
 * @param line the line, from 1
 */
public record SourceLine(String file, int line) {
    /** For people: {@code input.c:42}. */
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
