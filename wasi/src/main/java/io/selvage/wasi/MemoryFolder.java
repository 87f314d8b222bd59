package io.selvage.wasi;

/**
 * A folder in memory, for {@code /tmp}: every run of a guest begins with an empty one of its own, which goes with it.
 * It costs nothing before it is used.
 */
public final class MemoryFolder implements Mount {
    private final long limit;

    private MemoryFolder(long limit) {
        this.limit = limit;
    }

    /**
     * A folder that holds no more than {@code bytes} in each run, names and a few hundred bytes for each file or folder
     * included; past that a guest gets {@link Errno#NOSPC}.
     */
    public static MemoryFolder ofSize(long bytes) {
        return new MemoryFolder(bytes);
    }

    @Override
    public Directory open() {
        return MemoryDirectory.root(limit);
    }
}
