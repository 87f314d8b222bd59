package io.selvage.wasi;

import org.jspecify.annotations.Nullable;

/** An open folder that several hold; a mount's root is opened when someone first looks into it. */
final class DirectoryHandle {
    private final @Nullable Mount mount;
    private @Nullable Directory directory;
    private int holders = 1;

    DirectoryHandle(Mount mount) {
        this.mount = mount;
    }

    DirectoryHandle(Directory directory) {
        this.mount = null;
        this.directory = directory;
    }

    Directory directory() {
        Directory open = directory;
        if (open == null) {
            if (mount == null) {
                throw new WasiException(Errno.BADF);
            }
            open = mount.open();
            directory = open;
        }
        return open;
    }

    boolean isInMemory() {
        return directory == null ? mount instanceof MemoryFolder : directory instanceof MemoryDirectory;
    }

    /** One more holder, who will {@link #release} it. */
    DirectoryHandle retain() {
        holders++;
        return this;
    }

    void release() {
        holders--;
        if (holders == 0 && directory != null) {
            directory.close();
        }
    }
}
