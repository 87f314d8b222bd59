package io.selvage.wasi;

/** What can be done at a resolved path. */
final class Paths {
    private Paths() {}

    static FileStat stat(PathResolver at, boolean follow) {
        while (true) {
            if (at.isSelf()) {
                return at.directory().stat();
            }
            FileStat stat = at.directory().stat(at.name());
            boolean link = stat.type() == FileType.SYMBOLIC_LINK && (follow || at.mustBeFolder());
            if (!link || !at.followLast()) {
                if (at.mustBeFolder() && stat.type() != FileType.DIRECTORY) {
                    throw new WasiException(Errno.NOTDIR);
                }
                return stat;
            }
        }
    }

    static void setTimes(PathResolver at, boolean follow, TimeChange change) {
        stat(at, follow);
        if (at.isSelf()) {
            at.directory().setTimes(change.accessed(), change.modified());
        } else {
            at.directory().setTimes(at.name(), change.accessed(), change.modified());
        }
    }

    static String readLink(PathResolver at) {
        if (at.isSelf() || at.mustBeFolder()) {
            stat(at, false);
            throw new WasiException(Errno.INVAL);
        }
        return at.directory().readLink(at.name());
    }

    static void createDirectory(PathResolver at) {
        if (at.isSelf()) {
            throw new WasiException(Errno.EXIST);
        }
        at.directory().createDirectory(at.name());
    }

    static void removeDirectory(PathResolver at) {
        if (at.isSelf()) {
            throw new WasiException(Errno.INVAL);
        }
        at.directory().removeDirectory(at.name());
    }

    static void unlink(PathResolver at) {
        if (at.isSelf()) {
            throw new WasiException(Errno.ISDIR);
        }
        if (at.mustBeFolder()) {
            boolean folder = at.directory().stat(at.name()).type() == FileType.DIRECTORY;
            throw new WasiException(folder ? Errno.ISDIR : Errno.NOTDIR);
        }
        at.directory().unlink(at.name());
    }

    static void createSymbolicLink(PathResolver at, String target) {
        if (target.isEmpty()) {
            throw new WasiException(Errno.NOENT);
        }
        if (target.indexOf('\0') >= 0) {
            throw new WasiException(Errno.INVAL);
        }
        if (target.charAt(0) == '/') {
            throw new WasiException(Errno.NOTCAPABLE);
        }
        refuseFolderName(at);
        at.directory().createSymbolicLink(at.name(), target);
    }

    static void link(PathResolver from, PathResolver to) {
        if (from.isSelf()) {
            throw new WasiException(Errno.PERM);
        }
        if (from.mustBeFolder() && from.directory().stat(from.name()).type() != FileType.DIRECTORY) {
            throw new WasiException(Errno.NOTDIR);
        }
        refuseFolderName(to);
        from.directory().link(from.name(), to.directory(), to.name());
    }

    /** A name that ends like a folder's is none for what is not a folder; says so as POSIX does. */
    private static void refuseFolderName(PathResolver at) {
        if (at.isSelf()) {
            throw new WasiException(Errno.EXIST);
        }
        if (at.mustBeFolder()) {
            boolean folder = at.directory().stat(at.name()).type() == FileType.DIRECTORY;
            throw new WasiException(folder ? Errno.EXIST : Errno.NOTDIR);
        }
    }

    static void rename(PathResolver from, PathResolver to) {
        if (from.isSelf() || to.isSelf()) {
            throw new WasiException(Errno.BUSY);
        }
        if ((from.mustBeFolder() || to.mustBeFolder())
                && from.directory().stat(from.name()).type() != FileType.DIRECTORY) {
            throw new WasiException(Errno.NOTDIR);
        }
        from.directory().rename(from.name(), to.directory(), to.name());
    }

    /**
     * Opens what is at the path.
     *
     * @param allowed the rights that the folder which the path began in hands down
     */
    static Descriptor open(PathResolver at, boolean follow, OpenRequest request, long allowed) {
        while (true) {
            try {
                return openHere(at, request, allowed);
            } catch (WasiException e) {
                boolean perhapsLink = e.errno() == Errno.LOOP || e.errno() == Errno.NOTDIR;
                boolean wanted = (follow && !request.exclusive()) || at.mustBeFolder();
                if (!perhapsLink || !wanted || !at.followLast()) {
                    throw e;
                }
            }
        }
    }

    private static Descriptor openHere(PathResolver at, OpenRequest request, long allowed) {
        if (at.isSelf()) {
            refuseFolder(request);
            return directory(at.handle().retain(), request, allowed);
        }
        if (request.directory() || at.mustBeFolder()) {
            return openDirectory(at, request, allowed);
        }
        try {
            long rights = Rights.FILE & allowed;
            rights &= request.read() ? rights : ~Rights.FD_READ;
            rights &= request.write() ? rights : ~Rights.FD_WRITE;
            OpenFile file = at.directory().openFile(at.name(), request.options());
            return new FileDescriptor(file, rights, request.flags());
        } catch (WasiException e) {
            if (e.errno() != Errno.ISDIR) {
                throw e;
            }
            return openDirectory(at, request, allowed);
        }
    }

    private static Descriptor openDirectory(PathResolver at, OpenRequest request, long allowed) {
        DirectoryHandle handle = new DirectoryHandle(at.directory().openDirectory(at.name()));
        try {
            refuseFolder(request);
            return directory(handle, request, allowed);
        } catch (WasiException e) {
            handle.release();
            throw e;
        }
    }

    private static Descriptor directory(DirectoryHandle handle, OpenRequest request, long allowed) {
        return new DirectoryDescriptor(handle, null, allowed, request.flags());
    }

    private static void refuseFolder(OpenRequest request) {
        if (request.exclusive()) {
            throw new WasiException(Errno.EXIST);
        }
        if (request.write() || request.truncate() || request.create()) {
            throw new WasiException(Errno.ISDIR);
        }
    }
}
