package io.selvage.gateway;

import io.selvage.cache.DiskStore;
import io.selvage.cache.TieredCache;
import io.selvage.node.ConfigurationException;
import io.selvage.node.EventLog;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the cache that a node's settings ask for. */
final class CacheTiers {
    private CacheTiers() {}

    static TieredCache open(Settings settings, EventLog log) {
        long memory = settings.get(Setting.CACHE_MEMORY);
        return new TieredCache(memory, settings.get(Setting.CACHE_OBJECT), disk(settings, log, memory));
    }

    /**
     * Looks whether the settings of the cache go together.
     *
     * @throws ConfigurationException if they do not
     */
    static void check(Settings settings) {
        long disk = settings.get(Setting.CACHE_DISK);
        if (disk > 0
                && settings.isSet(Setting.CACHE_DISK_OBJECT)
                && settings.get(Setting.CACHE_DISK_OBJECT) > disk / 2) {
            throw new ConfigurationException(Setting.CACHE_DISK_OBJECT.key() + " must be at most half of "
                    + Setting.CACHE_DISK.key() + ": two answers have to fit");
        }
    }

    private static Optional<DiskStore> disk(Settings settings, EventLog log, long memory) {
        long disk = settings.get(Setting.CACHE_DISK);
        if (disk == 0) {
            return Optional.empty();
        }
        check(settings);
        Path folder = settings.get(Setting.STATE).resolve(settings.get(Setting.CACHE_DISK_FOLDER));
        DiskWarnings warnings = new DiskWarnings(log);
        return Optional.of(
                new DiskStore(folder, disk, settings.get(Setting.CACHE_DISK_OBJECT), memory / 4, warnings::warn));
    }
}
