package io.selvage.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What files were when they were last looked at: when they were changed, their size, and which file stood there, behind symbolic
 * links. Costs one system call a file. Not thread-safe.
 */
final class FileStamps {
    /** The coarsest clock of a file system that matters here. */
    private static final long TICK_MILLIS = 1_000;

    private record Stamp(
            FileTime changed, long size, @Nullable Object file) {}

    private Map<Path, Optional<Stamp>> last = Map.of();
    private long lastMillis;

    /**
     * Whether these files are others than those of the last look, or have changed since; the next time, since now. A file that
     * was changed just before the last look may have been changed again within the same tick of its clock, and counts as changed.
     */
    boolean changed(Collection<Path> files) {
        long fresh = lastMillis - TICK_MILLIS;
        lastMillis = System.currentTimeMillis();
        Map<Path, Optional<Stamp>> now = new HashMap<>();
        for (Path file : files) {
            now.put(file, stamp(file));
        }
        boolean changed = !now.equals(last)
                || now.values().stream()
                        .flatMap(Optional::stream)
                        .anyMatch(stamp -> stamp.changed().toMillis() >= fresh);
        last = now;
        return changed;
    }

    /** A text that is another one when one of these files has changed. */
    static String of(Collection<Path> files) {
        return files.stream().map(file -> stamp(file).toString()).collect(Collectors.joining(" "));
    }

    private static Optional<Stamp> stamp(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Stamp(found.lastModifiedTime(), found.size(), found.fileKey()));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
