package io.selvage.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The files of stored responses: where they are, and what stands in them. Its methods wait for the disk, and fail with a
 * {@link DamagedException} where a file holds something else than was written. Thread-safe.
 */
final class DiskFiles {
    /** The ending of a file that is being written. */
    static final String BEGUN = ".part";

    /** The ending of a whole file. */
    static final String WHOLE = ".obj";

    /** What the file system gives to files at a time, bytes. */
    private static final int UNIT = 4 << 10;

    /** A disk with less than this left is full, bytes. */
    private static final long FULL = 1 << 20;

    private final Path folder;

    DiskFiles(Path folder) {
        this.folder = folder;
    }

    /** Where a response is while it is written. */
    Path begun(DiskEntry entry) {
        return path(entry, BEGUN);
    }

    /** Where a response is when it is whole. */
    Path whole(DiskEntry entry) {
        return path(entry, WHOLE);
    }

    private Path path(DiskEntry entry, String ending) {
        String name = HexFormat.of().toHexDigits(entry.id());
        return folder.resolve(name.substring(0, 2)).resolve(name + ending);
    }

    FileChannel open(DiskEntry entry) throws IOException {
        return FileChannel.open(whole(entry), StandardOpenOption.READ);
    }

    /**
     * Reads a response.
     *
     * @param largestWhole up to which length the content is read too, bytes; -1 for never
     */
    CachedResponse read(DiskEntry entry, long largestWhole) throws IOException {
        try (FileChannel file = open(entry)) {
            CachedResponse head = head(entry, file);
            CachedResponse response = head.length() <= largestWhole ? head.with(content(file, head)) : head;
            return entry.now(response);
        }
    }

    private static CachedResponse head(DiskEntry entry, FileChannel file) throws IOException {
        synchronized (entry) {
            StoredHead head = StoredHead.read(file);
            if (!head.key().equals(entry.key()) || head.response().id() != entry.id()) {
                throw new DamagedException("it is another response's");
            }
            return head.response();
        }
    }

    private static Content content(FileChannel file, CachedResponse response) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        for (long at = 0; at < response.length(); at += Blocks.SIZE) {
            int length = (int) Math.min(Blocks.SIZE, response.length() - at);
            byte[] block = Blocks.read(file, response.id(), at / Blocks.SIZE, length);
            parts.add(Arrays.copyOf(block, length));
        }
        return Content.InMemory.of(parts);
    }

    /** Writes a response's newer fields; its content stays. */
    void writeHead(DiskEntry entry, CachedResponse fresh) throws IOException {
        synchronized (entry) {
            try (FileChannel file = FileChannel.open(whole(entry), StandardOpenOption.WRITE)) {
                new StoredHead(entry.key(), fresh.with(new Content.OnDisk(entry.length))).write(file);
            }
        }
    }

    void delete(DiskEntry entry) throws IOException {
        Files.deleteIfExists(whole(entry));
    }

    /** Whether so many bytes could not be written because the disk is full. */
    boolean isFull(long wanted) {
        try {
            return Files.getFileStore(folder).getUsableSpace() < FULL + wanted;
        } catch (IOException _) {
            return false;
        }
    }

    /** How much of the disk a file of so many bytes takes. */
    static long rounded(long bytes) {
        return (bytes + UNIT - 1) / UNIT * UNIT;
    }
}
