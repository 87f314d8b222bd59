package io.selvage.wasi;

import java.util.Arrays;
import java.util.OptionalLong;

/** A file in memory: one array that grows by half, charged as a whole. */
final class MemoryFile extends MemoryNode {
    private static final int MAXIMUM = Integer.MAX_VALUE - 16;

    private byte[] content = new byte[0];
    private int size;

    MemoryFile(Tree tree) {
        super(tree, 0);
    }

    @Override
    FileType type() {
        return FileType.REGULAR_FILE;
    }

    @Override
    long size() {
        return size;
    }

    @Override
    long charged() {
        return content.length;
    }

    OpenFile open() {
        held();
        return new Open();
    }

    void resize(long to) {
        if (to < size) {
            Arrays.fill(content, (int) to, size, (byte) 0);
        } else {
            ensure(to);
        }
        size = (int) to;
        touched();
    }

    private void ensure(long capacity) {
        if (capacity <= content.length) {
            return;
        }
        if (capacity > MAXIMUM) {
            throw new WasiException(Errno.FBIG);
        }
        long comfortable = Math.min(MAXIMUM, Math.max(capacity, content.length + (long) content.length / 2));
        long grown = Math.max(capacity, Math.min(comfortable, content.length + tree().left()));
        tree().charge(grown - content.length);
        try {
            content = Arrays.copyOf(content, (int) grown);
        } catch (OutOfMemoryError _) {
            tree().release(grown - content.length);
            throw new WasiException(Errno.NOSPC);
        }
    }

    /** One opening of the file. */
    final class Open implements OpenFile {
        @Override
        public FileStat stat() {
            return MemoryFile.this.stat();
        }

        @Override
        public int read(byte[] target, int offset, int length, long position) {
            int count = (int) Math.min(length, Math.max(0, size - position));
            if (count > 0) {
                System.arraycopy(content, (int) position, target, offset, count);
            }
            return count;
        }

        @Override
        public int write(byte[] source, int offset, int length, long position) {
            if (length > 0) {
                if (position > MAXIMUM - length) {
                    throw new WasiException(Errno.FBIG);
                }
                ensure(position + length);
                System.arraycopy(source, offset, content, (int) position, length);
                size = Math.max(size, (int) position + length);
                touched();
            }
            return length;
        }

        @Override
        public void resize(long to) {
            MemoryFile.this.resize(to);
        }

        @Override
        public void setTimes(OptionalLong accessed, OptionalLong modified) {
            MemoryFile.this.setTimes(accessed, modified);
        }

        @Override
        public void close() {
            letGo();
        }
    }
}
