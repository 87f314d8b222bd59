package io.selvage.wasm;

/** The bytes are not a WebAssembly module (core spec §5). */
public final class MalformedException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    /**
     * Says what is wrong and where.
     *
     * @param message what is wrong, beginning with the words of the specification's test suite where it has some
     * @param offset the byte of the module at which it was found, from 0
     */
    MalformedException(String message, long offset) {
        super(message + " (at byte " + offset + ")", null, false);
        this.offset = offset;
    }

    /** The byte of the module at which this was found, from 0. */
    public long offset() {
        return offset;
    }
}
