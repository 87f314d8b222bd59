package io.selvage.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds what earlier processes have left in the folder of a {@link DiskStore}, beside everything else that goes on: as soon
 * as no other process has it. What has been changed since is not taken up. Thread-safe.
 */
final class DiskLoader implements AutoCloseable {
    private static final String NAME = "[0-9a-f]{16}\\.(part|obj)";

    /** How many changed URLs are remembered; past it nothing of what is found is taken up. */
    private static final int MOST_CHANGED = 100_000;

    private static final long RETRY_MILLIS = 200;

    private static final long JOIN_MILLIS = 2000;

    /** For how long a purge waits until all is known, seconds. */
    private static final int PATIENCE_SECONDS = 20;

    private record Found(Path file, long id, long modified) {}

    private final DiskStore store;
    private final Path folder;
    private final Set<CacheKey> changed = ConcurrentHashMap.newKeySet();
    private final Set<Long> own = ConcurrentHashMap.newKeySet();
    private final List<BiPredicate<CacheKey, Set<String>>> purged = new CopyOnWriteArrayList<>();
    private final CountDownLatch loaded = new CountDownLatch(1);
    private volatile boolean open;
    private volatile boolean closed;
    private final Thread thread;
    private @Nullable FileChannel lock;

    DiskLoader(DiskStore store, Path folder) {
        this.store = store;
        this.folder = folder;
        thread = Thread.ofPlatform().daemon().name("cache-disk-loader").start(this::run);
    }

    /** Whether the folder is this process's. */
    boolean isOpen() {
        return open;
    }

    /** Waits until all is known, unless another process has the folder. */
    void await() {
        try {
            var _ = open && loaded.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether all is known. */
    boolean isLoaded() {
        return loaded.getCount() == 0;
    }

    /** Leaves the file of a response alone, which is this process's. */
    void own(long id) {
        if (!isLoaded()) {
            own.add(id);
        }
    }

    /** Takes up nothing more of a URL. */
    void distrust(CacheKey key) {
        if (!isLoaded() && changed.size() <= MOST_CHANGED) {
            changed.add(key.url());
        }
    }

    /** Takes up nothing more of what a choice fits. */
    void distrust(BiPredicate<CacheKey, Set<String>> chosen) {
        if (!isLoaded()) {
            purged.add(chosen);
        }
    }

    private void run() {
        try {
            boolean told = false;
            while (!closed && !lock()) {
                if (!told) {
                    told = true;
                    store.health()
                            .tell(
                                    "another process has the cache's disk; it is used when that ends: " + folder,
                                    new IOException("locked"));
                }
                Thread.sleep(RETRY_MILLIS);
            }
            if (!closed) {
                open = true;
                load();
            }
        } catch (IOException | UncheckedIOException e) {
            store.health()
                    .tell(
                            "the cache's disk cannot be used: " + folder,
                            e instanceof IOException io ? io : new IOException(e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            loaded.countDown();
            changed.clear();
            own.clear();
            purged.clear();
        }
    }

    private boolean lock() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        FileChannel file =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (file.tryLock() != null) {
                hold(file);
                return true;
            }
        } catch (OverlappingFileLockException _) {
            // another store of this process has it
        }
        file.close();
        return false;
    }

    private synchronized void hold(FileChannel file) {
        lock = file;
    }

    private void load() throws IOException {
        List<Found> all = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, "[0-9a-f][0-9a-f]")) {
            for (Path part : folders) {
                find(part, all);
            }
        }
        all.sort(Comparator.comparingLong(Found::modified));
        for (Found found : all) {
            if (closed) {
                return;
            }
            load(found);
        }
    }

    /** Finds the files of one folder, and removes those that were being written when their process ended. */
    private void find(Path part, List<Found> all) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(part)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (!name.matches(NAME)) {
                    continue;
                }
                long id = HexFormat.fromHexDigitsToLong(name, 0, 16);
                if (name.endsWith(DiskFiles.WHOLE)) {
                    all.add(new Found(file, id, Files.getLastModifiedTime(file).toMillis()));
                } else if (!own.contains(id)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private void load(Found found) {
        try {
            if (own.contains(found.id)) {
                return;
            }
            StoredHead head;
            long size;
            try (FileChannel file = FileChannel.open(found.file, StandardOpenOption.READ)) {
                head = StoredHead.read(file);
                size = file.size();
            }
            if (head.response().id() != found.id) {
                throw new DamagedException("it is another response's");
            }
            DiskEntry entry = new DiskEntry(head.key(), head.response());
            if (!store.found(entry, size, () -> isChanged(entry))) {
                Files.deleteIfExists(found.file);
            }
        } catch (NoSuchFileException _) {
            // it has made place for others meanwhile
        } catch (IOException e) {
            drop(found.file, e);
        }
    }

    private boolean isChanged(DiskEntry entry) {
        return changed.size() > MOST_CHANGED
                || changed.contains(entry.key().url())
                || purged.stream().anyMatch(chosen -> chosen.test(entry.key(), entry.tags()));
    }

    private void drop(Path file, IOException cause) {
        store.damaged(file, cause);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            store.health().tell("a file of the cache cannot be removed", e);
        }
    }

    /** Lets another process have the folder. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(JOIN_MILLIS);
            synchronized (this) {
                if (lock != null) {
                    lock.close();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            store.health().tell("the cache's folder cannot be let go", e);
        }
    }
}
