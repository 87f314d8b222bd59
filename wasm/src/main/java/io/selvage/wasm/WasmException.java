package io.selvage.wasm;

import org.jspecify.annotations.Nullable;

/** What can go wrong with a WebAssembly module, from its bytes to its run. Its message is written for a person. */
public abstract sealed class WasmException extends RuntimeException
        permits MalformedException,
                TextException,
                InvalidException,
                UnsupportedException,
                LinkException,
                Trap,
                GuestException {
    private static final long serialVersionUID = 1L;

    WasmException(String message, @Nullable Throwable cause, boolean writableStackTrace) {
        super(message, cause, false, writableStackTrace);
    }
}
