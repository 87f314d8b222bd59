package io.selvage.wasm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The compiled code of modules in a folder, so that the next process need neither validate nor compile them. A file's
 * name is the module's SHA-256 and a mark of this very engine; another engine does not see it.
 *
 * <p>A file begins with {@link #MAGIC} and the module's length, and says thereby that the module is valid; then come
 * classes, each with a checksum. What does not fit its checksum ends the file. Processes append under a lock and never
 * wait for it: a cache that cannot be written or read is as if it were empty. Whoever can write to the folder decides what
 * guests do, so it is made for its owner alone. Thread-safe.
 */
final class CodeCache {
    private static final long MAGIC = 0x53454c5641474531L;
    private static final int HEADER = 20;
    private static final long MAXIMUM_BYTES = 512L << 20;

    private final Path folder;
    private final String engine;

    private CodeCache(Path folder, String engine) {
        this.folder = folder;
        this.engine = engine;
    }

    /** A cache in {@code folder}, which is made if it is not there; nothing if that cannot be. */
    static Optional<CodeCache> in(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder.toAbsolutePath().getParent());
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return Optional.of(new CodeCache(folder, engineMark()));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    /** What tells this build of the engine from any other: the sizes and times of its classes. */
    private static String engineMark() throws IOException {
        CodeSource source = CodeCache.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IOException("the engine does not know where it is from");
        }
        StringBuilder mark = new StringBuilder().append(ChunkedFunction.chunkBytes());
        try {
            Path place = Path.of(source.getLocation().toURI());
            try (Stream<Path> files = Files.walk(place)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                    mark.append(place.relativize(file))
                            .append(attributes.size())
                            .append(attributes.lastModifiedTime());
                }
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException(e);
        }
        byte[] digest = sha256().digest(mark.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest, 0, 8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** What is stored of a module; takes the time of a digest. */
    Stored find(byte[] binary) {
        MessageDigest digest = sha256();
        // In pieces, so that the JIT compiler can replace the digest's loop while it runs.
        for (int from = 0; from < binary.length; from += 16_384) {
            digest.update(binary, from, Math.min(16_384, binary.length - from));
        }
        String name = HexFormat.of().formatHex(digest.digest()) + "-" + engine + ".code";
        Stored stored = new Stored(folder.resolve(name), binary.length);
        stored.read();
        return stored;
    }

    /** Deletes what was used longest ago, until what is left is no more than half of what is allowed. */
    private void makeRoom() throws IOException {
        record Entry(Path path, long size, Instant used) {}
        List<Entry> entries;
        try (Stream<Path> files = Files.list(folder)) {
            entries = files.filter(file -> file.toString().endsWith(".code"))
                    .flatMap(file -> {
                        try {
                            BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
                            return Stream.of(new Entry(
                                    file, a.size(), a.lastModifiedTime().toInstant()));
                        } catch (IOException _) {
                            return Stream.empty(); // another process has just deleted it
                        }
                    })
                    .sorted(Comparator.comparing(Entry::used))
                    .toList();
        }
        long total = entries.stream().mapToLong(Entry::size).sum();
        if (total > MAXIMUM_BYTES) {
            for (Entry entry : entries) {
                if (total > MAXIMUM_BYTES / 2) {
                    Files.deleteIfExists(entry.path);
                    total -= entry.size;
                }
            }
        }
    }

    /** What the cache has of one module. Thread-safe. */
    final class Stored {
        private final Path file;
        private final int moduleLength;
        private final Map<String, byte[]> classes = new ConcurrentHashMap<>();
        private volatile boolean valid;
        /** How much of the file is known to be in order, and how long it was when it was last looked at. */
        private long length;

        private long knownSize;

        private Stored(Path file, int moduleLength) {
            this.file = file;
            this.moduleLength = moduleLength;
        }

        /** Whether the module has been found valid before. */
        boolean isValid() {
            return valid;
        }

        /** Takes a class out, named without its package; nothing if there is none. */
        byte @Nullable [] take(String name) {
            return classes.remove(name);
        }

        private synchronized void read() {
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readAllBytes();
                knownSize = bytes.length;
                parse(ByteBuffer.wrap(bytes));
                if (valid) {
                    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
                }
            } catch (IOException _) {
                // As if there were none.
            }
        }

        private void parse(ByteBuffer bytes) {
            if (bytes.remaining() < HEADER
                    || bytes.getLong() != MAGIC
                    || bytes.getLong() != moduleLength
                    || bytes.getInt() != checksum(bytes.array(), 0, HEADER - 4)) {
                return;
            }
            valid = true;
            length = HEADER;
            while (bytes.remaining() >= 12) {
                int nameLength = bytes.getInt();
                int codeLength = bytes.getInt();
                int sum = bytes.getInt();
                int at = bytes.position();
                long both = (long) nameLength + codeLength;
                if (nameLength <= 0
                        || codeLength <= 0
                        || both > bytes.remaining()
                        || checksum(bytes.array(), at, (int) both) != sum) {
                    return;
                }
                classes.put(
                        new String(bytes.array(), at, nameLength, StandardCharsets.UTF_8),
                        Arrays.copyOfRange(bytes.array(), at + nameLength, at + (int) both));
                bytes.position(at + (int) both);
                length = bytes.position();
            }
        }

        /** Notes that the module is valid. */
        void keepValid() {
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            header.putLong(MAGIC).putLong(moduleLength);
            header.putInt(checksum(header.array(), 0, HEADER - 4)).flip();
            try {
                makeRoom();
            } catch (IOException _) {
                // Then there is less room.
            }
            append(header);
        }

        /** Keeps classes for the next process: all or none of them, and the last only after the others. */
        void keep(Map<String, byte[]> made) {
            ByteArrayOutputStream entries = new ByteArrayOutputStream();
            made.forEach((name, code) -> {
                byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
                ByteBuffer entry = ByteBuffer.allocate(12 + nameBytes.length + code.length);
                entry.putInt(nameBytes.length).putInt(code.length).putInt(0);
                entry.put(nameBytes).put(code);
                entry.putInt(8, checksum(entry.array(), 12, nameBytes.length + code.length));
                entries.writeBytes(entry.array());
            });
            append(ByteBuffer.wrap(entries.toByteArray()));
        }

        /** Appends if the file is as this process knows it and no other process is at it. */
        private synchronized void append(ByteBuffer bytes) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock == null || channel.size() != knownSize) {
                    return;
                }
                channel.truncate(length).position(length);
                knownSize = length;
                int count = bytes.remaining();
                try {
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                } catch (IOException e) {
                    channel.truncate(length);
                    throw e;
                }
                length += count;
                knownSize = length;
            } catch (IOException | OverlappingFileLockException _) {
                // Then the next process compiles it again.
            }
        }
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, length);
        return (int) sum.getValue();
    }
}
