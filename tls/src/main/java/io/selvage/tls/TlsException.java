package io.selvage.tls;

/** A certificate or a key that cannot be used; the message says which, why, and what to do. */
public final class TlsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message for people. */
    public TlsException(String message) {
        super(message);
    }
}
