package io.selvage.wasi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open file of the host: a descriptor that stands for the file whatever becomes of its name, and a channel that was
 * opened through it.
 */
final class HostFile implements OpenFile {
    /** The most that one call moves, in bytes: a channel copies by way of a buffer outside the heap, and keeps that. */
    private static final int PIECE = 1 << 18;

    private final int descriptor;
    private final FileChannel channel;
    private @Nullable FileChannel appending;
    private boolean closed;

    private HostFile(int descriptor, FileChannel channel) {
        this.descriptor = descriptor;
        this.channel = channel;
    }

    /** Opens the regular file that {@code descriptor} stands for; from now on the descriptor belongs to the answer. */
    static HostFile open(int descriptor, OpenOptions options) {
        Set<OpenOption> wanted = new HashSet<>();
        if (options.read() || !options.write()) {
            wanted.add(StandardOpenOption.READ);
        }
        if (options.write()) {
            wanted.add(StandardOpenOption.WRITE);
        }
        if (options.truncate()) {
            wanted.add(StandardOpenOption.TRUNCATE_EXISTING);
        }
        try {
            return new HostFile(descriptor, FileChannel.open(Linux.path(descriptor), wanted));
        } catch (IOException e) {
            Linux.close(descriptor);
            throw HostErrors.of(e);
        }
    }

    @Override
    public FileStat stat() {
        return Linux.stat(descriptor());
    }

    @Override
    public int read(byte[] target, int offset, int length, long position) {
        try {
            int count = 0;
            while (count < length) {
                int piece = Math.min(PIECE, length - count);
                int got = channel.read(ByteBuffer.wrap(target, offset + count, piece), position + count);
                if (got <= 0) {
                    break;
                }
                count += got;
            }
            return count;
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    @Override
    public int write(byte[] source, int offset, int length, long position) {
        int done = 0;
        try {
            while (done < length) {
                int piece = Math.min(PIECE, length - done);
                done += channel.write(ByteBuffer.wrap(source, offset + done, piece), position + done);
            }
        } catch (IOException e) {
            // What was written counts; the next call will meet the same obstacle and say so.
            if (done == 0) {
                throw HostErrors.of(e);
            }
        }
        return done;
    }

    @Override
    public long append(byte[] source, int offset, int length) {
        try {
            FileChannel end = appending;
            if (end == null) {
                end = FileChannel.open(Linux.path(descriptor()), StandardOpenOption.APPEND);
                appending = end;
            }
            int done = 0;
            while (done < length) {
                done += end.write(ByteBuffer.wrap(source, offset + done, Math.min(PIECE, length - done)));
            }
            return end.position();
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    @Override
    public void resize(long size) {
        try {
            long now = channel.size();
            if (size < now) {
                channel.truncate(size);
            } else if (size > now) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    @Override
    public void setTimes(OptionalLong accessed, OptionalLong modified) {
        Linux.setTimes(descriptor(), accessed, modified);
    }

    @Override
    public void sync(boolean metadata) {
        try {
            channel.force(metadata);
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Linux.close(descriptor);
        try (FileChannel _ = appending) {
            channel.close();
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    /** The descriptor; a number that was closed may already be someone else's. */
    private int descriptor() {
        if (closed) {
            throw new WasiException(Errno.BADF);
        }
        return descriptor;
    }
}
