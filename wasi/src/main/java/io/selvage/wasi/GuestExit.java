package io.selvage.wasi;

/** The guest has called {@code proc_exit}. It has no stack trace: this is how a program ends. */
public final class GuestExit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    GuestExit(int code) {
        super("the guest exited with code " + Integer.toUnsignedString(code), null, false, false);
        this.code = code;
    }

    /** The code it gave, an unsigned number; 0 means success. */
    public int code() {
        return code;
    }
}
