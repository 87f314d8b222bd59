package io.selvage.wasi;

import io.selvage.wasm.HostName;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The functions on descriptors whose form is the same in both modules. */
final class DescriptorFunctions {
    private static final int ADVICES = 6;

    /** The head of a directory entry: next cookie u64, inode u64, name length u32, type u8, 3 bytes of padding. */
    private static final int ENTRY_HEAD = 24;

    private DescriptorFunctions() {}

    @HostName("fd_advise")
    static int advise(Instance caller, int fd, long offset, long length, int advice) {
        return Guest.answer(() -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd);
            if (Integer.compareUnsigned(advice, ADVICES) >= 0) {
                throw new WasiException(Errno.INVAL);
            }
            descriptor.advise();
        });
    }

    @HostName("fd_allocate")
    static int allocate(Instance caller, int fd, long offset, long length) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd);
            if (offset < 0 || length <= 0) {
                throw new WasiException(Errno.INVAL);
            }
            long size = offset + length;
            if (size < 0) {
                throw new WasiException(Errno.FBIG);
            }
            if (descriptor.type() == FileType.REGULAR_FILE) {
                descriptor.require(Rights.FD_WRITE | Rights.FD_ALLOCATE);
            }
            descriptor.allocate(size);
        });
    }

    @HostName("fd_close")
    static int close(Instance caller, int fd) {
        return Guest.answer(caller, fd, () -> Guest.descriptors(caller).close(fd));
    }

    @HostName("fd_datasync")
    static int dataSync(Instance caller, int fd) {
        return Guest.answer(caller, fd, () -> Guest.descriptors(caller).get(fd).sync(false));
    }

    @HostName("fd_sync")
    static int sync(Instance caller, int fd) {
        return Guest.answer(caller, fd, () -> Guest.descriptors(caller).get(fd).sync(true));
    }

    @HostName("fd_fdstat_get")
    static int fdstatGet(Instance caller, int fd, int result) {
        return Guest.answer(() -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd);
            Memory memory = caller.memory();
            memory.check(result, 24);
            memory.writeLong(result, 0);
            memory.writeByte(result, descriptor.type().code());
            memory.writeShort(result + 2, descriptor.flags());
            memory.writeLong(result + 8, descriptor.rights());
            memory.writeLong(result + 16, descriptor.inheriting());
        });
    }

    @HostName("fd_fdstat_set_flags")
    static int fdstatSetFlags(Instance caller, int fd, int flags) {
        return Guest.answer(() -> Guest.descriptors(caller).get(fd).setFlags(Guest.flags(flags, DescriptorFlags.ALL)));
    }

    @HostName("fd_fdstat_set_rights")
    static int fdstatSetRights(Instance caller, int fd, long rights, long inheriting) {
        return Guest.answer(() -> Guest.descriptors(caller).get(fd).narrow(rights, inheriting));
    }

    @HostName("fd_filestat_set_size")
    static int filestatSetSize(Instance caller, int fd, long size) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd);
            if (descriptor.type() == FileType.REGULAR_FILE) {
                descriptor.require(Rights.FD_WRITE | Rights.FD_FILESTAT_SET_SIZE);
            }
            descriptor.resize(size);
        });
    }

    @HostName("fd_filestat_set_times")
    static int filestatSetTimes(Instance caller, int fd, long accessed, long modified, int flags) {
        return Guest.answer(caller, fd, () -> {
            TimeChange change = TimeChange.of(WasiContext.of(caller).clocks(), accessed, modified, flags);
            Guest.descriptors(caller)
                    .get(fd, Rights.FD_FILESTAT_SET_TIMES)
                    .setTimes(change.accessed(), change.modified());
        });
    }

    @HostName("fd_prestat_get")
    static int prestatGet(Instance caller, int fd, int result) {
        return Guest.answer(() -> {
            byte[] name = mountName(caller, fd);
            Memory memory = caller.memory();
            memory.writeLong(result, 0);
            memory.writeInt(result + 4, name.length);
        });
    }

    @HostName("fd_prestat_dir_name")
    static int prestatDirName(Instance caller, int fd, int path, int length) {
        return Guest.answer(() -> {
            byte[] name = mountName(caller, fd);
            if (Integer.compareUnsigned(length, name.length) < 0) {
                throw new WasiException(Errno.NAMETOOLONG);
            }
            caller.memory().write(path, name);
        });
    }

    private static byte[] mountName(Instance caller, int fd) {
        Optional<String> name = Guest.descriptors(caller).get(fd) instanceof DirectoryDescriptor directory
                ? directory.mountName()
                : Optional.empty();
        return name.orElseThrow(() -> new WasiException(Errno.BADF)).getBytes(StandardCharsets.UTF_8);
    }

    @HostName("fd_read")
    static int read(Instance caller, int fd, int iovs, int count, int result) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd, Rights.FD_READ);
            caller.memory().writeInt(result, Vectors.read(caller, descriptor, iovs, count));
        });
    }

    @HostName("fd_pread")
    static int readAt(Instance caller, int fd, int iovs, int count, long offset, int result) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd, Rights.FD_READ);
            caller.memory().writeInt(result, Vectors.readAt(caller, descriptor, iovs, count, offset));
        });
    }

    @HostName("fd_write")
    static int write(Instance caller, int fd, int iovs, int count, int result) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd, Rights.FD_WRITE);
            caller.memory().writeInt(result, Vectors.write(caller, descriptor, iovs, count));
        });
    }

    @HostName("fd_pwrite")
    static int writeAt(Instance caller, int fd, int iovs, int count, long offset, int result) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd, Rights.FD_WRITE);
            caller.memory().writeInt(result, Vectors.writeAt(caller, descriptor, iovs, count, offset));
        });
    }

    @HostName("fd_renumber")
    static int renumber(Instance caller, int from, int to) {
        return Guest.answer(caller, from, () -> Guest.descriptors(caller).renumber(from, to));
    }

    @HostName("fd_tell")
    static int tell(Instance caller, int fd, int result) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd);
            caller.memory().writeLong(result, descriptor.seek(0, Whence.CUR));
        });
    }

    static int seek(Instance caller, int fd, long offset, @Nullable Whence whence, int result) {
        return Guest.answer(caller, fd, () -> {
            Descriptor descriptor = Guest.descriptors(caller).get(fd);
            if (whence == null) {
                throw new WasiException(Errno.INVAL);
            }
            if (descriptor.type() == FileType.REGULAR_FILE) {
                descriptor.require(Rights.FD_SEEK);
            }
            caller.memory().writeLong(result, descriptor.seek(offset, whence));
        });
    }

    @HostName("fd_readdir")
    static int readDir(Instance caller, int fd, int buffer, int length, long cookie, int result) {
        return Guest.answer(caller, fd, () -> {
            DirectoryDescriptor directory = Guest.descriptors(caller).directory(fd, Rights.FD_READDIR);
            Memory memory = caller.memory();
            memory.check(buffer, length);
            if (cookie < 0) {
                throw new WasiException(Errno.INVAL);
            }
            memory.writeInt(result, fill(memory.bytes(), buffer, length, directory, cookie));
        });
    }

    /** Writes entries until they end or the buffer is full, the last one perhaps cut off; answers the bytes used. */
    private static int fill(byte[] bytes, int start, int length, DirectoryDescriptor directory, long cookie) {
        int used = 0;
        long place = cookie;
        while (used < length) {
            Optional<DirectoryEntry> entry = directory.entry(place);
            if (entry.isEmpty()) {
                break;
            }
            place++;
            byte[] encoded = encode(entry.get(), place);
            int count = Math.min(encoded.length, length - used);
            System.arraycopy(encoded, 0, bytes, start + used, count);
            used += count;
        }
        return used;
    }

    private static byte[] encode(DirectoryEntry entry, long next) {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        byte[] encoded = new byte[ENTRY_HEAD + name.length];
        ByteBuffer.wrap(encoded)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(next)
                .putLong(entry.inode())
                .putInt(name.length)
                .put((byte) entry.type().code())
                .put(ENTRY_HEAD, name);
        return encoded;
    }
}
