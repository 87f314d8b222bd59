package io.selvage.cli;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

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
        return switch (cause) {
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file or folder";
            case AccessDeniedException denied -> denied.getFile() + ": this user may not read or write it";
            case FileAlreadyExistsException there -> there.getFile() + ": it is there already";
            case FileSystemException other when other.getReason() != null -> other.getFile() + ": " + other.getReason();
            default -> String.valueOf(cause.getMessage());
        };
    }
}
