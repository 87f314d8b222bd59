package io.selvage.wasi;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** Finds the number that tells a guest what an {@link IOException} means. */
final class HostErrors {
    private HostErrors() {}

    /** The same failure for a guest; the cause is kept for the host. */
    static WasiException of(IOException e) {
        if (e.getCause() instanceof WasiException told) {
            return told;
        }
        return new WasiException(errno(e), String.valueOf(e.getMessage()), e);
    }

    private static Errno errno(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> Errno.NOENT;
            case FileAlreadyExistsException _ -> Errno.EXIST;
            case AccessDeniedException _ -> Errno.ACCES;
            case DirectoryNotEmptyException _ -> Errno.NOTEMPTY;
            case InterruptedIOException _ -> Errno.INTR;
            case ClosedByInterruptException _ -> Errno.INTR;
            default -> byMessage(String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
        };
    }

    /** The JDK passes what {@code strerror} says and keeps the number to itself. */
    private static Errno byMessage(String message) {
        if (message.contains("no space left")) {
            return Errno.NOSPC;
        }
        if (message.contains("quota exceeded")) {
            return Errno.DQUOT;
        }
        if (message.contains("file too large")) {
            return Errno.FBIG;
        }
        if (message.contains("read-only file system")) {
            return Errno.ROFS;
        }
        if (message.contains("broken pipe") || message.contains("stream closed")) {
            return Errno.PIPE;
        }
        if (message.contains("invalid argument")) {
            return Errno.INVAL;
        }
        return message.contains("too many open files") ? Errno.NFILE : Errno.IO;
    }
}
