package io.selvage.node;

/** A guest ended without a usable response; the message says what it did and what was expected of it. */
public final class GuestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what the guest did and what was expected. */
    public GuestException(String message) {
        super(message, null, false, false);
    }
}
