package io.selvage.wasi;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** A file, folder or link in memory. It lives as long as it has a name or someone has it open. */
abstract sealed class MemoryNode permits MemoryDirectory, MemoryFile, MemoryLink {
    /** What a node costs besides its content, in bytes: roughly its objects. */
    private static final int OVERHEAD = 256;

    /** One tree: its number of a device, the inodes given out, the bytes that are left. */
    static final class Tree {
        private static final AtomicLong DEVICES = new AtomicLong(1L << 32);

        private final long device = DEVICES.incrementAndGet();
        private long inodes;
        private long left;

        Tree(long limit) {
            left = limit;
        }

        long left() {
            return left;
        }

        void charge(long bytes) {
            if (bytes > left) {
                throw new WasiException(Errno.NOSPC);
            }
            left -= bytes;
        }

        void release(long bytes) {
            left += bytes;
        }
    }

    private final Tree tree;
    private final long inode;
    private long accessed = Clocks.SYSTEM.realtime();
    private long modified = accessed;
    private long changed = accessed;
    private int names;
    private int holders;
    private boolean gone;

    MemoryNode(Tree tree, long content) {
        tree.charge(OVERHEAD + content);
        this.tree = tree;
        inode = ++tree.inodes;
    }

    abstract FileType type();

    abstract long size();

    /** How many bytes the content has been charged with. */
    abstract long charged();

    final Tree tree() {
        return tree;
    }

    final long inode() {
        return inode;
    }

    final int names() {
        return names;
    }

    public final FileStat stat() {
        return new FileStat(tree.device, inode, type(), names, size(), accessed, modified, changed);
    }

    final void touched() {
        modified = Clocks.SYSTEM.realtime();
        changed = modified;
    }

    void setTimes(OptionalLong accessed, OptionalLong modified) {
        this.accessed = accessed.orElse(this.accessed);
        this.modified = modified.orElse(this.modified);
        changed = Clocks.SYSTEM.realtime();
    }

    final void named() {
        names++;
    }

    final void unnamed() {
        names--;
        releaseIfGone();
    }

    final void held() {
        holders++;
    }

    final void letGo() {
        holders--;
        releaseIfGone();
    }

    private void releaseIfGone() {
        if (names == 0 && holders == 0 && !gone) {
            gone = true;
            tree.release(OVERHEAD + charged());
        }
    }
}
