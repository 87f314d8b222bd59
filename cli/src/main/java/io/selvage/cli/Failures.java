package io.selvage.cli;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Says in people's words why a file could not be read or written. */
final class Failures {
    private Failures() {}

    static String explain(Exception e) {
        Throwable cause = e instanceof UncheckedIOException
                        && e.getMessage() != null
                        && e.getMessage().contains(" ")
                        && !e.getMessage().startsWith("java.")
                ? e
                : e instanceof UncheckedIOException io && io.getCause() != null ? io.getCause() : e;
        return cause instanceof FileSystemException named && !reason(cause).equals(cause.getMessage())
                ? named.getFile() + ": " + reason(cause)
                : reason(cause);
    }

    /** The same without the file's name, where that is said already. */
    static String reason(@Nullable Throwable cause) {
        return switch (cause) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "this user may not read or write it";
            case FileAlreadyExistsException _ -> "it is there already";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case null -> "it failed";
            default -> String.valueOf(cause.getMessage());
        };
    }
}
