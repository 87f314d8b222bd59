package io.selvage.wasi;

import io.selvage.wasm.HostName;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;

/** The functions whose form {@code wasi_unstable} has alone. */
final class UnstableFunctions {
    private static final Whence[] WHENCES = {Whence.CUR, Whence.END, Whence.SET};

    private UnstableFunctions() {}

    @HostName("fd_filestat_get")
    static int fdFilestatGet(Instance caller, int fd, int result) {
        return Guest.answer(caller, fd, () -> {
            FileStat stat =
                    Guest.descriptors(caller).get(fd, Rights.FD_FILESTAT_GET).stat();
            write(caller.memory(), result, stat);
        });
    }

    @HostName("path_filestat_get")
    static int pathFilestatGet(Instance caller, int fd, int flags, int path, int length, int result) {
        return Guest.answer(
                caller, fd, () -> write(caller.memory(), result, PathFunctions.stat(caller, fd, flags, path, length)));
    }

    /** The number of links has 4 bytes here, next to the type. */
    private static void write(Memory memory, int address, FileStat stat) {
        memory.check(address, 56);
        memory.writeLong(address, stat.device());
        memory.writeLong(address + 8, stat.inode());
        memory.writeInt(address + 16, stat.type().code());
        memory.writeInt(address + 20, (int) Math.min(stat.links(), 0xffff_ffffL));
        memory.writeLong(address + 24, stat.size());
        memory.writeLong(address + 32, stat.accessed());
        memory.writeLong(address + 40, stat.modified());
        memory.writeLong(address + 48, stat.changed());
    }

    @HostName("fd_seek")
    static int fdSeek(Instance caller, int fd, long offset, int whence, int result) {
        Whence from = whence >= 0 && whence < WHENCES.length ? WHENCES[whence] : null;
        return DescriptorFunctions.seek(caller, fd, offset, from, result);
    }

    @HostName("poll_oneoff")
    static int pollOneoff(Instance caller, int subscriptions, int events, int count, int result) {
        return Guest.answer(() -> {
            Polling polling = new Polling(caller, SubscriptionLayout.UNSTABLE, subscriptions, events, count);
            caller.memory().writeInt(result, polling.run());
        });
    }
}
