package io.selvage.wasm;

/** A module's import is missing or of another type (core spec §4.5.4); the message names it and what would fit. */
public final class LinkException extends WasmException {
    private static final long serialVersionUID = 1L;

    LinkException(String message) {
        super(message, null, false);
    }
}
