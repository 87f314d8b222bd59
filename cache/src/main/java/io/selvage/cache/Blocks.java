package io.selvage.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * How a content stands in a file: in blocks of {@value #SIZE} bytes, the last one shorter, each followed by a checksum
 * (CRC-32C) of the response's number, the block's and its bytes. So a part is read without what is before it, and is
 * checked before it is used.
 */
final class Blocks {
    /** How many bytes of a content a block has. */
    static final int SIZE = 64 << 10;

    private static final int CHECK = 4;

    private Blocks() {}

    /** Where a content of {@code length} bytes ends in its file. */
    static long end(long length) {
        return length + (length + SIZE - 1) / SIZE * CHECK;
    }

    /** Writes a block. */
    static void write(FileChannel channel, long id, long index, byte[] block, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length + CHECK);
        bytes.put(block, 0, length).putInt(check(id, index, block, length));
        write(channel, bytes.flip(), index * (SIZE + CHECK));
    }

    /**
     * Reads a block of {@code length} bytes.
     *
     * @return the block, and some bytes behind it
     * @throws DamagedException if it is not what was written
     */
    static byte[] read(FileChannel channel, long id, long index, int length) throws IOException {
        ByteBuffer bytes = read(channel, index * (SIZE + CHECK), length + CHECK);
        if (bytes.getInt(length) != check(id, index, bytes.array(), length)) {
            throw new DamagedException("the checksum of block " + index + " is wrong");
        }
        return bytes.array();
    }

    private static int check(long id, long index, byte[] block, int length) {
        CRC32C check = new CRC32C();
        check.update(ByteBuffer.allocate(16).putLong(id).putLong(index).flip());
        check.update(block, 0, length);
        return (int) check.getValue();
    }

    /** Writes all of {@code bytes} at a place. */
    static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        long next = at;
        while (bytes.hasRemaining()) {
            next += channel.write(bytes, next);
        }
    }

    /** Reads {@code length} bytes at a place. */
    static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new DamagedException("it ends too early");
            }
        }
        return bytes.flip();
    }
}
