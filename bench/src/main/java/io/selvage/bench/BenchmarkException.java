package io.selvage.bench;

/** A benchmark cannot go on; the message says why and what to do. */
final class BenchmarkException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchmarkException(String message) {
        super(message);
    }

    BenchmarkException(String message, Throwable cause) {
        super(message, cause);
    }
}
