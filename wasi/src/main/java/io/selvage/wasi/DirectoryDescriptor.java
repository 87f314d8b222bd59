package io.selvage.wasi;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An open folder, the name it was mounted under if it is a mount, and a listing in progress. */
final class DirectoryDescriptor extends Descriptor {
    /** Entries that a guest may ask for again because its buffer was too small for the last of them. */
    private static final int WINDOW = 4_096;

    private final DirectoryHandle handle;
    private final @Nullable String mountName;
    private @Nullable Iterator<DirectoryEntry> listing;
    private final List<DirectoryEntry> window = new ArrayList<>(0);
    private long windowStart;

    DirectoryDescriptor(DirectoryHandle handle, @Nullable String mountName, long inheriting, int flags) {
        super(Rights.DIRECTORY & inheriting, inheriting, flags);
        this.handle = handle;
        this.mountName = mountName;
    }

    DirectoryHandle handle() {
        return handle;
    }

    Optional<String> mountName() {
        return Optional.ofNullable(mountName);
    }

    @Override
    FileType type() {
        return FileType.DIRECTORY;
    }

    @Override
    boolean mayWait() {
        return !handle.isInMemory();
    }

    @Override
    FileStat stat() {
        return handle.directory().stat();
    }

    /**
     * The entry at this place of the listing, where 0 and 1 are {@code .} and {@code ..}. A listing that goes on where
     * it was sees the folder as it was when it began; place 0 begins anew.
     */
    Optional<DirectoryEntry> entry(long place) {
        if (place == 0) {
            listing = null;
        }
        if (place < 2) {
            String name = place == 0 ? "." : "..";
            return Optional.of(new DirectoryEntry(name, stat().inode(), FileType.DIRECTORY));
        }
        return listed(place - 2);
    }

    private Optional<DirectoryEntry> listed(long index) {
        Iterator<DirectoryEntry> entries = listing;
        if (entries == null || index < windowStart) {
            entries = handle.directory().list();
            listing = entries;
            window.clear();
            windowStart = 0;
        }
        while (index >= windowStart + window.size()) {
            if (!entries.hasNext()) {
                return Optional.empty();
            }
            if (window.size() == WINDOW) {
                window.subList(0, WINDOW / 2).clear();
                windowStart += WINDOW / 2;
            }
            window.add(entries.next());
        }
        return Optional.of(window.get((int) (index - windowStart)));
    }

    @Override
    int read(byte[] target, int offset, int length) {
        throw new WasiException(Errno.ISDIR);
    }

    @Override
    int readAt(byte[] target, int offset, int length, long position) {
        throw new WasiException(Errno.ISDIR);
    }

    @Override
    int writeAt(byte[] source, int offset, int length, long position) {
        throw new WasiException(Errno.BADF);
    }

    @Override
    long seek(long offset, Whence whence) {
        throw new WasiException(Errno.ISDIR);
    }

    @Override
    void resize(long size) {
        throw new WasiException(Errno.ISDIR);
    }

    @Override
    void allocate(long size) {
        throw new WasiException(Errno.ISDIR);
    }

    @Override
    void advise() {
        throw new WasiException(Errno.ISDIR);
    }

    @Override
    void setTimes(OptionalLong accessed, OptionalLong modified) {
        handle.directory().setTimes(accessed, modified);
    }

    @Override
    void sync(boolean metadata) {
        handle.directory().sync();
    }

    @Override
    DirectoryDescriptor asDirectory() {
        return this;
    }

    @Override
    void close() {
        handle.release();
    }
}
