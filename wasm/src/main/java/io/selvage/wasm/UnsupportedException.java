package io.selvage.wasm;

/** The module uses a feature that the engine does not run; the message names it. */
public final class UnsupportedException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    /**
     * Says what is wrong and where.
     *
     * @param message what is wrong, beginning with the words of the specification's test suite where it has some
     * @param offset the byte of the module at which it was found, from 0
     */
    UnsupportedException(String message, long offset) {
        super(message + " (at byte " + offset + ")", null, false);
        this.offset = offset;
    }

    /** Says what is wrong with the module as a whole. */
    UnsupportedException(String message) {
        super(message, null, false);
        offset = 0;
    }

    /** The byte of the module at which this was found, from 0; 0 if it is not of one place. */
    public long offset() {
        return offset;
    }
}
