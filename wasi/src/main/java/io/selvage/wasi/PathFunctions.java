package io.selvage.wasi;

import io.selvage.wasm.HostName;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;
import java.nio.charset.StandardCharsets;

/** The functions on paths whose form is the same in both modules. */
final class PathFunctions {
    private static final int FOLLOW = 1;

    private PathFunctions() {}

    @HostName("path_create_directory")
    static int createDirectory(Instance caller, int fd, int path, int length) {
        return Guest.answer(caller, fd, () -> {
            try (PathResolver at = resolve(caller, fd, Rights.PATH_CREATE_DIRECTORY, path, length)) {
                Paths.createDirectory(at);
            }
        });
    }

    /** What {@code path_filestat_get} is to write. */
    static FileStat stat(Instance caller, int fd, int flags, int path, int length) {
        boolean follow = follow(flags);
        try (PathResolver at = resolve(caller, fd, Rights.PATH_FILESTAT_GET, path, length)) {
            return Paths.stat(at, follow);
        }
    }

    @HostName("path_filestat_set_times")
    static int setTimes(
            Instance caller, int fd, int flags, int path, int length, long accessed, long modified, int timeFlags) {
        return Guest.answer(caller, fd, () -> {
            boolean follow = follow(flags);
            TimeChange change = TimeChange.of(WasiContext.of(caller).clocks(), accessed, modified, timeFlags);
            try (PathResolver at = resolve(caller, fd, Rights.PATH_FILESTAT_SET_TIMES, path, length)) {
                Paths.setTimes(at, follow, change);
            }
        });
    }

    @HostName("path_link")
    static int link(
            Instance caller,
            int oldFd,
            int oldFlags,
            int oldPath,
            int oldLength,
            int newFd,
            int newPath,
            int newLength) {
        return Guest.answer(caller, oldFd, () -> {
            if (follow(oldFlags)) {
                throw new WasiException(Errno.INVAL);
            }
            try (PathResolver from = resolve(caller, oldFd, Rights.PATH_LINK_SOURCE, oldPath, oldLength);
                    PathResolver to = resolve(caller, newFd, Rights.PATH_LINK_TARGET, newPath, newLength)) {
                Paths.link(from, to);
            }
        });
    }

    @HostName("path_open")
    static int open(
            Instance caller,
            int fd,
            int lookupFlags,
            int path,
            int length,
            int openFlags,
            long rights,
            long inheriting,
            int flags,
            int result) {
        return Guest.answer(caller, fd, () -> {
            boolean follow = follow(lookupFlags);
            OpenRequest request = OpenRequest.of(
                    Guest.flags(openFlags, OpenRequest.ALL), rights, Guest.flags(flags, DescriptorFlags.ALL));
            Descriptors descriptors = Guest.descriptors(caller);
            DirectoryDescriptor base = descriptors.directory(fd, request.rightsOfFolder());
            Memory memory = caller.memory();
            memory.check(result, 4);
            descriptors.reserve();
            String name = Guest.string(memory, path, length);
            try (PathResolver at = new PathResolver(base.handle(), name)) {
                memory.writeInt(result, descriptors.add(Paths.open(at, follow, request, base.inheriting())));
            }
        });
    }

    @HostName("path_readlink")
    static int readLink(Instance caller, int fd, int path, int length, int buffer, int bufferLength, int result) {
        return Guest.answer(caller, fd, () -> {
            try (PathResolver at = resolve(caller, fd, Rights.PATH_READLINK, path, length)) {
                Memory memory = caller.memory();
                memory.check(buffer, bufferLength);
                byte[] target = Paths.readLink(at).getBytes(StandardCharsets.UTF_8);
                int count = Math.min(target.length, bufferLength);
                memory.write(buffer, target, 0, count);
                memory.writeInt(result, count);
            }
        });
    }

    @HostName("path_remove_directory")
    static int removeDirectory(Instance caller, int fd, int path, int length) {
        return Guest.answer(caller, fd, () -> {
            try (PathResolver at = resolve(caller, fd, Rights.PATH_REMOVE_DIRECTORY, path, length)) {
                Paths.removeDirectory(at);
            }
        });
    }

    @HostName("path_rename")
    static int rename(Instance caller, int oldFd, int oldPath, int oldLength, int newFd, int newPath, int newLength) {
        return Guest.answer(caller, oldFd, () -> {
            try (PathResolver from = resolve(caller, oldFd, Rights.PATH_RENAME_SOURCE, oldPath, oldLength);
                    PathResolver to = resolve(caller, newFd, Rights.PATH_RENAME_TARGET, newPath, newLength)) {
                Paths.rename(from, to);
            }
        });
    }

    @HostName("path_symlink")
    static int symlink(Instance caller, int target, int targetLength, int fd, int path, int length) {
        return Guest.answer(caller, fd, () -> {
            String to = Guest.string(caller.memory(), target, targetLength);
            try (PathResolver at = resolve(caller, fd, Rights.PATH_SYMLINK, path, length)) {
                Paths.createSymbolicLink(at, to);
            }
        });
    }

    @HostName("path_unlink_file")
    static int unlinkFile(Instance caller, int fd, int path, int length) {
        return Guest.answer(caller, fd, () -> {
            try (PathResolver at = resolve(caller, fd, Rights.PATH_UNLINK_FILE, path, length)) {
                Paths.unlink(at);
            }
        });
    }

    private static PathResolver resolve(Instance caller, int fd, long right, int path, int length) {
        DirectoryDescriptor base = Guest.descriptors(caller).directory(fd, right);
        return new PathResolver(base.handle(), Guest.string(caller.memory(), path, length));
    }

    private static boolean follow(int lookupFlags) {
        return Guest.flags(lookupFlags, FOLLOW) != 0;
    }
}
