package io.selvage.wasi;

/**
 * How a file is to be opened.
 *
 * @param read it will be read
 * @param write it will be written, appended to or resized
 * @param create make it if it is missing; {@link Errno#ISDIR} if the name is that of a folder
 * @param exclusive with {@code create}: {@link Errno#EXIST} if there is anything of that name, even a symbolic link
 * @param truncate begin with size 0; comes with {@code write} only
 */
public record OpenOptions(boolean read, boolean write, boolean create, boolean exclusive, boolean truncate) {
    /** An existing file, for reading. */
    public static final OpenOptions READ = new OpenOptions(true, false, false, false, false);
}
