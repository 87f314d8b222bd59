package io.selvage.gateway;

/** What an origin sends is no response, or its end cannot be found for certain. */
final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    /** Why: a sentence without its full stop. */
    Malformed(String message) {
        super(message, null, false, false);
    }
}
