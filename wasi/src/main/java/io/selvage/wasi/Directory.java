package io.selvage.wasi;

import java.util.Iterator;
import java.util.OptionalLong;

/**
 * A folder that one run of a guest holds open. It stays the same folder when it is renamed or moved.
 *
 * <p>Every {@code name} is one component that {@link PathResolver} has cut from the guest's path: never empty,
 * {@code .}, {@code ..} or with a slash or a zero character, so that a mount need not think of paths. <b>No method
 * follows a symbolic link</b>: the name of one is the link itself. Where links are followed, {@code PathResolver} does
 * it by {@link #readLink}.
 *
 * <p>Everything but reading may be left as it is here: {@link Errno#NOTSUP}. All methods throw {@link WasiException}
 * with the number that POSIX knows for the case; then nothing has changed. A directory is used by one thread at a time.
 */
public interface Directory extends AutoCloseable {
    /** What is known of this folder. */
    FileStat stat();

    /**
     * What is known of an entry.
     *
     * @throws WasiException {@link Errno#NOENT} if there is none
     */
    FileStat stat(String name);

    /**
     * Opens a folder in this one; the caller closes it.
     *
     * @throws WasiException {@link Errno#NOENT} if there is none; {@link Errno#LOOP} or {@link Errno#NOTDIR} if it is a
     *     symbolic link, {@link Errno#NOTDIR} if it is a file
     */
    Directory openDirectory(String name);

    /**
     * Opens a regular file; the caller closes it.
     *
     * @throws WasiException {@link Errno#NOENT}, {@link Errno#EXIST}, {@link Errno#ISDIR} if it is a folder,
     *     {@link Errno#LOOP} if it is a symbolic link, {@link Errno#ACCES}, {@link Errno#ROFS} …
     */
    OpenFile openFile(String name, OpenOptions options);

    /**
     * The entries as they are now, in any order, fetched as they are asked for. The iterator needs no closing and may
     * throw {@link WasiException} from its methods.
     */
    Iterator<DirectoryEntry> list();

    /** The target of a symbolic link; {@link Errno#INVAL} if the entry is none. */
    default String readLink(String name) {
        throw new WasiException(stat(name).type() == FileType.SYMBOLIC_LINK ? Errno.NOTSUP : Errno.INVAL);
    }

    /** Makes an empty folder; {@link Errno#EXIST} if there is anything of that name. */
    default void createDirectory(String name) {
        throw new WasiException(Errno.NOTSUP);
    }

    /** Removes an empty folder; {@link Errno#NOTEMPTY}, {@link Errno#NOTDIR}. */
    default void removeDirectory(String name) {
        throw new WasiException(Errno.NOTSUP);
    }

    /** Removes a name that is not a folder's; {@link Errno#ISDIR}. Who has the file open keeps it. */
    default void unlink(String name) {
        throw new WasiException(Errno.NOTSUP);
    }

    /** Makes a symbolic link; {@code target} is never absolute. */
    default void createSymbolicLink(String name, String target) {
        throw new WasiException(Errno.NOTSUP);
    }

    /**
     * Gives an existing file another name.
     *
     * @param targetFolder another open folder, perhaps of another mount: {@link Errno#XDEV} if this one cannot link
     *     there
     */
    default void link(String name, Directory targetFolder, String targetName) {
        throw new WasiException(Errno.NOTSUP);
    }

    /**
     * Moves a name, replacing a file by a file or an empty folder by a folder, as {@code renameat} of POSIX does.
     *
     * @param targetFolder another open folder, perhaps of another mount: {@link Errno#XDEV} if this one cannot move
     *     there
     */
    default void rename(String name, Directory targetFolder, String targetName) {
        throw new WasiException(Errno.NOTSUP);
    }

    /**
     * Sets the times of an entry, in nanoseconds since 1970-01-01T00:00Z; an empty one stays.
     */
    default void setTimes(String name, OptionalLong accessed, OptionalLong modified) {
        throw new WasiException(Errno.NOTSUP);
    }

    /** Sets the times of this folder; see {@link #setTimes(String, OptionalLong, OptionalLong)}. */
    default void setTimes(OptionalLong accessed, OptionalLong modified) {
        throw new WasiException(Errno.NOTSUP);
    }

    /** Makes what was done to the folder durable, where that means something. */
    default void sync() {}

    /** Lets the folder go. It never fails. */
    @Override
    default void close() {}
}
