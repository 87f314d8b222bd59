package io.selvage.node;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Follows the files of an app: the folders that hold them are watched, and when something in them has moved and then
 * rested for a moment, and it was one of these files, the app is read again. Digests decide what has really changed.
 */
final class Watcher implements AutoCloseable {
    /** How long files must rest: a compiler writes its output in pieces. */
    private static final long REST_MILLIS = 60;

    /** How long a change may be put off because files never rest. */
    private static final long LONGEST_MILLIS = 2_000;

    /** How often folders that could not be watched are tried again. */
    private static final long RETRY_MILLIS = 1_000;

    private final Path app;
    private final Node node;
    private final WatchService service;
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private final FileStamps stamps = new FileStamps();

    Watcher(Path app, Node node) {
        this.app = app;
        this.node = node;
        try {
            service = FileSystems.getDefault().newWatchService();
        } catch (IOException e) {
            throw new ConfigurationException(
                    "the app's files cannot be watched: " + e.getMessage() + "; switch it off with node.watch = false");
        }
        register();
        Thread.ofPlatform().daemon().name("selvage-watch").start(this::watch);
    }

    private void watch() {
        try {
            while (true) {
                WatchKey key = service.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                if (key != null) {
                    drain(key);
                }
                boolean appeared = register();
                if ((key != null || appeared) && isForApp()) {
                    node.reload(app, false);
                    register();
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException _) {
            // closed
        }
    }

    /**
     * Whether what has happened concerns the app: a log in the same folder does not. What a change wants that was refused is not
     * known, so then everything does.
     */
    private boolean isForApp() {
        return stamps.changed(node.release().manifest().files())
                || node.reloadFailure().isPresent();
    }

    /** Takes events until nothing has happened for a moment. */
    private void drain(WatchKey first) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);
        WatchKey key = first;
        while (key != null) {
            key.pollEvents();
            key.reset();
            if (System.nanoTime() > end) {
                return;
            }
            key = service.poll(REST_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Watches the folders of the files that the app is made of now; whether one is watched that was not before. */
    private boolean register() {
        Set<Path> folders = new HashSet<>();
        folders.add(folder(app));
        for (Path file : node.release().manifest().files()) {
            folders.add(folder(file));
        }
        keys.entrySet().removeIf(e -> {
            boolean stale = !folders.contains(e.getKey()) || !e.getValue().isValid();
            if (stale) {
                e.getValue().cancel();
            }
            return stale;
        });
        boolean added = false;
        for (Path folder : folders) {
            if (!keys.containsKey(folder) && Files.isDirectory(folder)) {
                try {
                    keys.put(
                            folder,
                            folder.register(
                                    service,
                                    StandardWatchEventKinds.ENTRY_CREATE,
                                    StandardWatchEventKinds.ENTRY_MODIFY,
                                    StandardWatchEventKinds.ENTRY_DELETE));
                    added = true;
                } catch (IOException e) {
                    node.log().debug("watch", "cannot watch " + folder + ": " + e.getMessage());
                }
            }
        }
        return added;
    }

    private static Path folder(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            node.log().debug("watch", "closing: " + e.getMessage());
        }
    }
}
