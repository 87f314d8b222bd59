package io.selvage.wasi;

/**
 * A tree of files that guests can be given. It is prepared once and shared: immutable and thread-safe.
 *
 * <p>The node's own mounts are {@link HostFolder} and {@link MemoryFolder}; a store becomes one by implementing this
 * and {@link Directory}.
 */
@FunctionalInterface
public interface Mount {
    /**
     * The root folder for one run of a guest. It is called when the guest first touches the mount, and the answer is
     * {@linkplain Directory#close closed} at the end of the run.
     *
     * @throws WasiException if the tree cannot be reached
     */
    Directory open();

    /** The same tree, in which nothing can be changed: what tries gets {@link Errno#ROFS}. */
    default Mount readOnly() {
        return () -> new ReadOnlyDirectory(open());
    }
}
