package io.selvage.kv;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Says in a person's words why the state cannot be used, where it is, and what to do. */
final class Failures {
    private Failures() {}

    /**
     * For an error of SQLite.
     *
     * @param verb what was tried: {@code open}, {@code read} or {@code write}
     */
    static IOException explain(String verb, Path file, SQLException e) {
        if (!(e instanceof SQLiteException failure)) {
            return new IOException("cannot " + verb + " the key-value state: " + e.getMessage(), e);
        }
        SQLiteErrorCode code = failure.getResultCode();
        String advice = switch (code.code & 0xff) {
            case 13 /* SQLITE_FULL */ ->
                "the disk is full. Nothing of this write was kept; free some space on" + " the file system of "
                        + file.getParent();
            case 8 /* SQLITE_READONLY */ ->
                "it is read-only. Let the user that runs Selvage write " + file.getParent() + " and everything in it";
            case 14 /* SQLITE_CANTOPEN */ ->
                "it cannot be opened. Let the user that runs Selvage write " + file.getParent()
                        + " and everything in it";
            case 11, 26 /* SQLITE_CORRUPT, SQLITE_NOTADB */ ->
                "the file is damaged. Stop the node, move "
                        + file + " with its -wal and -shm away, and put a backup in its place, or what"
                        + " \"sqlite3 " + file.getFileName() + " .recover\" can save";
            case 5, 6 /* SQLITE_BUSY, SQLITE_LOCKED */ ->
                "another process has kept it locked for " + Session.BUSY_TIMEOUT / 1000 + " s. Find out which (fuser "
                        + file + ") and end it";
            case 10 /* SQLITE_IOERR */ ->
                "the disk reported an error (" + code + "). Look at the system's log, and at the free space of "
                        + file.getParent();
            default -> failure.getMessage();
        };
        return new IOException("cannot " + verb + " the key-value state " + file + ": " + advice, e);
    }

    /** For an error while the state's folder is made. */
    static IOException explain(Path folder, IOException e) {
        String advice = switch (e) {
            case AccessDeniedException _ ->
                "permission denied. Let the user that runs Selvage write there, or choose another folder";
            case FileAlreadyExistsException _ ->
                "there is a file of that name. Choose another folder, or move the file away";
            case FileSystemException failure when failure.getReason() != null -> failure.getReason();
            default -> e.toString();
        };
        return new IOException("cannot make the state folder " + folder + ": " + advice, e);
    }
}
