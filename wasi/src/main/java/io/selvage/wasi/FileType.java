package io.selvage.wasi;

/** What kind of thing a descriptor or a name stands for (WASI preview 1, {@code filetype}). */
public enum FileType {
    UNKNOWN,
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    DIRECTORY,
    REGULAR_FILE,
    SOCKET_DGRAM,
    SOCKET_STREAM,
    SYMBOLIC_LINK;

    /** The number of preview 1. */
    public int code() {
        return ordinal();
    }
}
