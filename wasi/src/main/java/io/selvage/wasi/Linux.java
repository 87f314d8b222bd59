package io.selvage.wasi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The calls of 64-bit Linux that work on a name relative to an open folder, which Java has no other way to: {@code
 * openat(2)} and its relatives. None of them follows a symbolic link. Everything that works on an open descriptor goes
 * through {@code /proc/self/fd} with Java's own classes.
 */
final class Linux {
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_REMOVEDIR = 0x200;

    /** These two are numbered otherwise on ARM and POWER. */
    private static final boolean SWAPPED =
            Set.of("aarch64", "arm", "ppc64le", "ppc64").contains(System.getProperty("os.arch"));

    private static final int O_DIRECTORY = SWAPPED ? 0x4000 : 0x10000;
    private static final int O_NOFOLLOW = SWAPPED ? 0x8000 : 0x20000;
    private static final int O_CREAT = 0x40;
    private static final int O_EXCL = 0x80;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_PATH = 0x200000;

    private static final int FOLDER_MODE = 0777;
    private static final int FILE_MODE = 0666;

    /** In place of the nanoseconds of a time: leave it as it is. */
    private static final long UTIME_OMIT = (1L << 30) - 2;

    private static final int LONGEST_TARGET = 4_096;

    /** Of {@code struct dirent}: inode u64, offset u64, record length u16, type u8, name. */
    private static final int DIRENT_TYPE = 18;

    private static final int DIRENT_NAME = 19;

    private static final NativeCall OPENAT =
            new NativeCall("openat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 3);
    private static final NativeCall CLOSE = new NativeCall("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final NativeCall MKDIRAT =
            new NativeCall("mkdirat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final NativeCall UNLINKAT =
            new NativeCall("unlinkat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final NativeCall SYMLINKAT =
            new NativeCall("symlinkat", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    private static final NativeCall READLINKAT =
            new NativeCall("readlinkat", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    private static final NativeCall LINKAT =
            new NativeCall("linkat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
    private static final NativeCall RENAMEAT =
            new NativeCall("renameat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    private static final NativeCall UTIMENSAT =
            new NativeCall("utimensat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final NativeCall FDOPENDIR = new NativeCall("fdopendir", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final NativeCall READDIR = new NativeCall("readdir", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final NativeCall CLOSEDIR = new NativeCall("closedir", FunctionDescriptor.of(JAVA_INT, ADDRESS));

    private Linux() {}

    /** Whether this is a system that these calls fit. */
    static boolean isUsable() {
        return System.getProperty("os.name").equals("Linux")
                && ADDRESS.byteSize() == Long.BYTES
                && Files.isDirectory(Path.of("/proc/self/fd"));
    }

    /** The path that leads to an open descriptor's file, whatever its name is by now. */
    static Path path(int descriptor) {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /** Opens a folder by the host's path, links included. */
    static int openFolder(String path) {
        return openAt(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }

    /** Opens a folder in another. */
    static int openFolder(int folder, String name) {
        return openAt(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }

    /** Opens whatever has this name, a link itself included, for nothing but {@link #stat} and {@link #path}. */
    static int openEntry(int folder, String name) {
        return openAt(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }

    /** Makes an empty file. */
    static int createFile(int folder, String name) {
        return openAt(folder, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC);
    }

    private static int openAt(int folder, String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return OPENAT.callInt(arena, folder, arena.allocateFrom(name), flags, FILE_MODE);
        }
    }

    /** Closes a descriptor; Linux does so even when it reports an error. */
    static void close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            CLOSE.callInt(arena, descriptor);
        } catch (WasiException e) {
            if (e.errno() == Errno.BADF) {
                throw new IllegalStateException("descriptor " + descriptor + " was closed twice", e);
            }
        }
    }

    static void makeFolder(int folder, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MKDIRAT.callInt(arena, folder, arena.allocateFrom(name), FOLDER_MODE);
        }
    }

    static void removeFolder(int folder, String name) {
        try (Arena arena = Arena.ofConfined()) {
            UNLINKAT.callInt(arena, folder, arena.allocateFrom(name), AT_REMOVEDIR);
        }
    }

    static void unlink(int folder, String name) {
        try (Arena arena = Arena.ofConfined()) {
            UNLINKAT.callInt(arena, folder, arena.allocateFrom(name), 0);
        }
    }

    static void makeLink(int folder, String name, String target) {
        try (Arena arena = Arena.ofConfined()) {
            SYMLINKAT.callInt(arena, arena.allocateFrom(target), folder, arena.allocateFrom(name));
        }
    }

    static String readLink(int folder, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(LONGEST_TARGET);
            long length = READLINKAT.callLong(arena, folder, arena.allocateFrom(name), target, (long) LONGEST_TARGET);
            return new String(target.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    /** Gives what has the first name, be it a link, the second name too. */
    static void link(int folder, String name, int newFolder, String newName) {
        try (Arena arena = Arena.ofConfined()) {
            LINKAT.callInt(arena, folder, arena.allocateFrom(name), newFolder, arena.allocateFrom(newName), 0);
        }
    }

    static void rename(int folder, String name, int newFolder, String newName) {
        try (Arena arena = Arena.ofConfined()) {
            RENAMEAT.callInt(arena, folder, arena.allocateFrom(name), newFolder, arena.allocateFrom(newName));
        }
    }

    static void setTimes(int folder, String name, OptionalLong accessed, OptionalLong modified) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment times = times(arena, accessed, modified);
            UTIMENSAT.callInt(arena, folder, arena.allocateFrom(name), times, AT_SYMLINK_NOFOLLOW);
        }
    }

    /** Sets the times of what a descriptor stands for. */
    static void setTimes(int descriptor, OptionalLong accessed, OptionalLong modified) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(path(descriptor).toString());
            UTIMENSAT.callInt(arena, AT_FDCWD, path, times(arena, accessed, modified), 0);
        }
    }

    /** Two {@code struct timespec}: seconds and nanoseconds, 8 bytes each. */
    private static MemorySegment times(Arena arena, OptionalLong accessed, OptionalLong modified) {
        MemorySegment times = arena.allocate(JAVA_LONG, 4);
        setTime(times, 0, accessed);
        setTime(times, 2, modified);
        return times;
    }

    private static void setTime(MemorySegment times, int index, OptionalLong time) {
        long nanos = time.orElse(0);
        times.setAtIndex(JAVA_LONG, index, Math.floorDiv(nanos, 1_000_000_000L));
        times.setAtIndex(JAVA_LONG, index + 1, time.isPresent() ? Math.floorMod(nanos, 1_000_000_000L) : UTIME_OMIT);
    }

    /** What is known of what a descriptor stands for, which may be a link. */
    static FileStat stat(int descriptor) {
        try {
            Map<String, Object> known = Files.readAttributes(
                    path(descriptor), "unix:dev,ino,mode,nlink,size,lastAccessTime,lastModifiedTime,ctime");
            return new FileStat(
                    number(known, "dev"),
                    number(known, "ino"),
                    type((int) number(known, "mode")),
                    number(known, "nlink"),
                    number(known, "size"),
                    time(known, "lastAccessTime"),
                    time(known, "lastModifiedTime"),
                    time(known, "ctime"));
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    private static long number(Map<String, Object> known, String name) {
        return known.get(name) instanceof Number number ? number.longValue() : 0;
    }

    private static long time(Map<String, Object> known, String name) {
        return known.get(name) instanceof FileTime time ? time.to(TimeUnit.NANOSECONDS) : 0;
    }

    /** From the upper bits of {@code st_mode}. */
    private static FileType type(int mode) {
        return typeOfListing((mode >> 12) & 0xf);
    }

    /** From {@code d_type}, which has the same numbers as the upper bits of {@code st_mode}; 0 if it is not known. */
    private static FileType typeOfListing(int type) {
        return switch (type) {
            case 0x2 -> FileType.CHARACTER_DEVICE;
            case 0x4 -> FileType.DIRECTORY;
            case 0x6 -> FileType.BLOCK_DEVICE;
            case 0x8 -> FileType.REGULAR_FILE;
            case 0xa -> FileType.SYMBOLIC_LINK;
            case 0xc -> FileType.SOCKET_STREAM;
            default -> FileType.UNKNOWN;
        };
    }

    /** The entries of a folder but {@code .} and {@code ..}. Names that are not UTF-8 come with U+FFFD in them. */
    static List<DirectoryEntry> list(int folder) {
        List<DirectoryEntry> entries = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            int readable = openAt(folder, ".", O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            MemorySegment stream = FDOPENDIR.callAddress(arena, readable);
            if (stream.equals(MemorySegment.NULL)) {
                close(readable);
                throw new WasiException(Errno.NOMEM);
            }
            try {
                MemorySegment entry = READDIR.callAddress(arena, stream);
                while (!entry.equals(MemorySegment.NULL)) {
                    addEntry(entries, entry);
                    entry = READDIR.callAddress(arena, stream);
                }
            } finally {
                CLOSEDIR.callInt(arena, stream);
            }
        }
        return entries;
    }

    @SuppressWarnings("restricted")
    private static void addEntry(List<DirectoryEntry> entries, MemorySegment address) {
        int length = Short.toUnsignedInt(address.reinterpret(DIRENT_NAME).get(JAVA_SHORT_UNALIGNED, 16));
        MemorySegment entry = address.reinterpret(length);
        String name = entry.getString(DIRENT_NAME, StandardCharsets.UTF_8);
        if (!name.equals(".") && !name.equals("..")) {
            FileType type = typeOfListing(entry.get(JAVA_BYTE, DIRENT_TYPE));
            entries.add(new DirectoryEntry(name, entry.get(JAVA_LONG, 0), type));
        }
    }

    /** Makes a folder's entries durable. */
    static void sync(int folder) {
        try (FileChannel channel = FileChannel.open(path(folder))) {
            channel.force(true);
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }
}
