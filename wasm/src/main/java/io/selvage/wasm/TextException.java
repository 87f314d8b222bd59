package io.selvage.wasm;

/** The text is not a WebAssembly module or script (core spec §6). */
public final class TextException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    /**
     * Says what is wrong and where.
     *
     * @param message what is wrong, beginning with the words of the specification's test suite where it has some
     * @param line the line at which it was found, from 1
     * @param column the character of that line, from 1; a character beyond the basic plane counts as one
     */
    public TextException(String message, int line, int column) {
        super(message + " (at " + line + ":" + column + ")", null, false);
        this.line = line;
        this.column = column;
    }

    /** The line at which this was found, from 1. */
    public int line() {
        return line;
    }

    /** The character of the line at which this was found, from 1. */
    public int column() {
        return column;
    }
}
