package io.selvage.wasi;

/**
 * One name in a folder; {@code .} and {@code ..} are none of them.
 *
 * @param name without a slash
 * @param inode as in {@link FileStat}
 */
public record DirectoryEntry(String name, long inode, FileType type) {}
