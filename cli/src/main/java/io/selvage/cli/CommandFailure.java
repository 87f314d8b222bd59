package io.selvage.cli;

/** A command could not do what it was asked to; the message tells a person why and what to do. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailure(String message) {
        super(message, null, false, false);
    }
}
