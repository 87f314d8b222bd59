package io.selvage.wasm;

/** The code grew past what one method can have. */
final class MethodTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MethodTooLargeException() {
        super(null, null, false, false);
    }
}
