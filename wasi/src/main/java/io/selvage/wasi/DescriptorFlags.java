package io.selvage.wasi;

/** How a descriptor behaves (WASI preview 1, {@code fdflags}), as bits. */
final class DescriptorFlags {
    static final int APPEND = 1;
    static final int DSYNC = 1 << 1;
    static final int NONBLOCK = 1 << 2;
    static final int RSYNC = 1 << 3;
    static final int SYNC = 1 << 4;
    static final int ALL = APPEND | DSYNC | NONBLOCK | RSYNC | SYNC;

    private DescriptorFlags() {}
}
