package io.selvage.wasi;

import java.util.OptionalLong;

/** An open regular file and the position in it. */
final class FileDescriptor extends Descriptor {
    private final OpenFile file;
    private long position;

    FileDescriptor(OpenFile file, long rights, int flags) {
        super(rights, 0, flags);
        this.file = file;
    }

    @Override
    FileType type() {
        return FileType.REGULAR_FILE;
    }

    @Override
    boolean mayWait() {
        return !(file instanceof MemoryFile.Open);
    }

    @Override
    FileStat stat() {
        return file.stat();
    }

    @Override
    int read(byte[] target, int offset, int length) {
        int count = file.read(target, offset, length, position);
        position += count;
        return count;
    }

    @Override
    int readAt(byte[] target, int offset, int length, long at) {
        return file.read(target, offset, length, notNegative(at));
    }

    @Override
    int write(byte[] source, int offset, int length) {
        int count;
        if ((flags() & DescriptorFlags.APPEND) != 0) {
            position = file.append(source, offset, length);
            count = length;
        } else {
            count = file.write(source, offset, length, position);
            position += count;
        }
        syncIfAsked();
        return count;
    }

    @Override
    int writeAt(byte[] source, int offset, int length, long at) {
        int count = file.write(source, offset, length, notNegative(at));
        syncIfAsked();
        return count;
    }

    private void syncIfAsked() {
        if ((flags() & (DescriptorFlags.SYNC | DescriptorFlags.DSYNC)) != 0) {
            file.sync((flags() & DescriptorFlags.SYNC) != 0);
        }
    }

    @Override
    long awaitReadable(long nanos) {
        return Math.max(0, file.stat().size() - position);
    }

    @Override
    long seek(long offset, Whence whence) {
        long from = switch (whence) {
            case SET -> 0;
            case CUR -> position;
            case END -> file.stat().size();
        };
        long to = from + offset;
        if (offset > 0 && to < 0) {
            throw new WasiException(Errno.OVERFLOW);
        }
        position = notNegative(to);
        return position;
    }

    @Override
    void resize(long size) {
        file.resize(notNegative(size));
    }

    @Override
    void allocate(long size) {
        if (file.stat().size() < size) {
            file.resize(size);
        }
    }

    @Override
    void advise() {}

    @Override
    void setTimes(OptionalLong accessed, OptionalLong modified) {
        file.setTimes(accessed, modified);
    }

    @Override
    void sync(boolean metadata) {
        file.sync(metadata);
    }

    @Override
    void close() {
        file.close();
    }

    @Override
    void discard() {
        file.discard();
    }

    private static long notNegative(long number) {
        if (number < 0) {
            throw new WasiException(Errno.INVAL);
        }
        return number;
    }
}
