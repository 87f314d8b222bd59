package io.selvage.cache;

import java.io.IOException;

/** A file holds something else than was written. */
final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
        super(message);
    }
}
