package io.selvage.wasi;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;

/** An open folder of the host: a descriptor of the operating system, to which every name is relative. */
final class HostDirectory implements Directory {
    /** How often something may come and go under our hands before that is an error. */
    private static final int ATTEMPTS = 16;

    private final int descriptor;
    private boolean closed;

    HostDirectory(int descriptor) {
        this.descriptor = descriptor;
    }

    @Override
    public FileStat stat() {
        return Linux.stat(open());
    }

    @Override
    public FileStat stat(String name) {
        int entry = Linux.openEntry(open(), name);
        try {
            return Linux.stat(entry);
        } finally {
            Linux.close(entry);
        }
    }

    @Override
    public Directory openDirectory(String name) {
        return new HostDirectory(Linux.openFolder(open(), name));
    }

    @Override
    public OpenFile openFile(String name, OpenOptions options) {
        if (!options.create()) {
            return existing(name, options);
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                if (!options.exclusive()) {
                    return existing(name, options);
                }
            } catch (WasiException e) {
                if (e.errno() != Errno.NOENT) {
                    throw e;
                }
            }
            try {
                return HostFile.open(Linux.createFile(open(), name), options);
            } catch (WasiException e) {
                if (e.errno() != Errno.EXIST || options.exclusive()) {
                    throw e;
                }
            }
        }
        throw new WasiException(Errno.BUSY);
    }

    private OpenFile existing(String name, OpenOptions options) {
        int entry = Linux.openEntry(open(), name);
        FileType type = typeOrClose(entry);
        if (type == FileType.REGULAR_FILE) {
            return HostFile.open(entry, options);
        }
        Linux.close(entry);
        throw new WasiException(
                switch (type) {
                    case DIRECTORY -> Errno.ISDIR;
                    case SYMBOLIC_LINK -> Errno.LOOP;
                    default -> Errno.ACCES;
                });
    }

    private static FileType typeOrClose(int entry) {
        try {
            return Linux.stat(entry).type();
        } catch (WasiException e) {
            Linux.close(entry);
            throw e;
        }
    }

    @Override
    public Iterator<DirectoryEntry> list() {
        List<DirectoryEntry> entries = new ArrayList<>();
        for (DirectoryEntry entry : Linux.list(open())) {
            entries.add(entry.type() == FileType.UNKNOWN ? withType(entry) : entry);
        }
        return entries.iterator();
    }

    /** Some file systems do not tell the types in a listing. */
    private DirectoryEntry withType(DirectoryEntry entry) {
        try {
            return new DirectoryEntry(
                    entry.name(), entry.inode(), stat(entry.name()).type());
        } catch (WasiException _) {
            return entry;
        }
    }

    @Override
    public String readLink(String name) {
        return Linux.readLink(open(), name);
    }

    @Override
    public void createDirectory(String name) {
        Linux.makeFolder(open(), name);
    }

    @Override
    public void removeDirectory(String name) {
        Linux.removeFolder(open(), name);
    }

    @Override
    public void unlink(String name) {
        Linux.unlink(open(), name);
    }

    @Override
    public void createSymbolicLink(String name, String target) {
        Linux.makeLink(open(), name, target);
    }

    @Override
    public void link(String name, Directory targetFolder, String targetName) {
        Linux.link(open(), name, host(targetFolder).open(), targetName);
    }

    @Override
    public void rename(String name, Directory targetFolder, String targetName) {
        Linux.rename(open(), name, host(targetFolder).open(), targetName);
    }

    private static HostDirectory host(Directory directory) {
        if (directory instanceof HostDirectory host) {
            return host;
        }
        throw new WasiException(directory instanceof ReadOnlyDirectory ? Errno.ROFS : Errno.XDEV);
    }

    @Override
    public void setTimes(String name, OptionalLong accessed, OptionalLong modified) {
        Linux.setTimes(open(), name, accessed, modified);
    }

    @Override
    public void setTimes(OptionalLong accessed, OptionalLong modified) {
        Linux.setTimes(open(), accessed, modified);
    }

    @Override
    public void sync() {
        Linux.sync(open());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Linux.close(descriptor);
        }
    }

    /** The descriptor; a number that was closed may already be someone else's. */
    private int open() {
        if (closed) {
            throw new WasiException(Errno.BADF);
        }
        return descriptor;
    }
}
