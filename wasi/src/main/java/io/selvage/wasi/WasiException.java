package io.selvage.wasi;

import org.jspecify.annotations.Nullable;

/**
 * A call of a guest failed in a way that the guest is told of. It has no stack trace: a missing file is everyday
 * business.
 */
public final class WasiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    /** A failure that its number says enough about. */
    public WasiException(Errno errno) {
        this(errno, errno.text(), null);
    }

    /**
     * A failure of the host; the guest sees the number only.
     *
     * @param message what happened, for a person who runs the host
     */
    public WasiException(Errno errno, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.errno = errno;
    }

    /** What the guest is told. */
    public Errno errno() {
        return errno;
    }
}
