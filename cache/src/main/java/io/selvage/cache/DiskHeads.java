package io.selvage.cache;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/** Writes newer fields of responses whose content is on disk already, the newest if there are several. Thread-safe. */
final class DiskHeads {
    private final DiskStore store;
    private final DiskFiles files;

    DiskHeads(DiskStore store, DiskFiles files) {
        this.store = store;
        this.files = files;
    }

    /** Writes a response's newer fields a little later, and behind its content if that is still written. */
    void refresh(DiskEntry entry, CachedResponse fresh) {
        entry.refreshed = Optional.of(fresh);
        entry.outdated = fresh.isOutdated();
        if (entry.isWhole()) {
            store.execute(() -> write(entry));
        }
    }

    /** The content is written now; {@code response} is what its file says of it. */
    void written(DiskEntry entry, CachedResponse response) {
        CachedResponse newest = entry.refreshed.orElse(response);
        if (newest != response || entry.outdated) {
            refresh(entry, entry.outdated ? newest.asOutdated() : newest);
        }
    }

    /** Writes that responses are outdated; waits for the disk. */
    void writeOutdated(List<DiskEntry> entries) {
        for (DiskEntry entry : entries) {
            store.readHead(entry).ifPresent(response -> {
                entry.refreshed = Optional.of(response);
                write(entry);
            });
        }
    }

    private void write(DiskEntry entry) {
        synchronized (entry) {
            Optional<CachedResponse> fresh = entry.refreshed;
            entry.refreshed = Optional.empty();
            if (fresh.isEmpty() || !entry.isWhole()) {
                return;
            }
            try {
                files.writeHead(entry, fresh.get());
            } catch (IOException e) {
                store.remove(entry);
                if (!(e instanceof NoSuchFileException)) {
                    store.failed(entry, e);
                }
            }
        }
    }
}
