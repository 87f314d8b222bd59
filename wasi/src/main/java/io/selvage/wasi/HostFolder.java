package io.selvage.wasi;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder of the host, for reading and writing; {@link #readOnly} gives one for reading.
 *
 * <p>No name in it leads out of it: every component of a path is opened relative to the folder before it, without
 * following links, and stays open while the next is looked up ({@code openat} with {@code O_NOFOLLOW}), so that nothing
 * that another process or guest renames or replaces meanwhile can redirect it. Devices, sockets and pipes in it cannot
 * be opened. New files and folders get the access rights that the process' {@code umask} leaves.
 */
public final class HostFolder implements Mount {
    private final Path path;

    private HostFolder(Path path) {
        this.path = path;
    }

    /**
     * The folder at {@code path}. It is looked up anew for each run of a guest; links in {@code path} itself are
     * followed.
     *
     * @throws WasiException {@link Errno#NOTDIR} or {@link Errno#NOENT} if it is no folder, {@link Errno#NOTSUP} on a
     *     system that has no way to keep a guest inside (it needs Linux with {@code /proc})
     */
    public static HostFolder of(Path path) {
        if (!Linux.isUsable()) {
            throw new WasiException(
                    Errno.NOTSUP,
                    "folders of this machine cannot be mounted: that needs Linux with /proc; use a store, or a folder"
                            + " in memory",
                    null);
        }
        if (!Files.isDirectory(path)) {
            boolean exists = Files.exists(path);
            throw new WasiException(
                    exists ? Errno.NOTDIR : Errno.NOENT,
                    path + (exists ? " is not a folder" : " does not exist") + "; name a folder to mount",
                    null);
        }
        return new HostFolder(path.toAbsolutePath());
    }

    @Override
    public Directory open() {
        return new HostDirectory(Linux.openFolder(path.toString()));
    }
}
