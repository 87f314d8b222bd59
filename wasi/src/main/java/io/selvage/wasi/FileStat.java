package io.selvage.wasi;

/**
 * What is known of a file, folder or symbolic link.
 *
 * @param device tells the mounts of a host apart
 * @param inode tells the files of a device apart: two names with the same device and inode are one file
 * @param links how many names it has
 * @param size in bytes; of a symbolic link: the length of its target
 * @param accessed nanoseconds since 1970-01-01T00:00Z
 * @param modified nanoseconds since 1970-01-01T00:00Z
 * @param changed when content or attributes last changed, in nanoseconds since 1970-01-01T00:00Z
 */
public record FileStat(
        long device, long inode, FileType type, long links, long size, long accessed, long modified, long changed) {}
