package io.selvage.wasm;

/** The module breaks a rule of validation (core spec §3). */
public final class InvalidException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    /**
     * Says what is wrong and where.
     *
     * @param message what is wrong, beginning with the words of the specification's test suite where it has some
     * @param offset the byte of the module at which it was found, from 0
     */
    InvalidException(String message, long offset) {
        super(message + " (at byte " + offset + ")", null, false);
        this.offset = offset;
    }

    /** The byte of the module at which this was found, from 0. */
    public long offset() {
        return offset;
    }
}
