package io.selvage.wasi;

import java.util.OptionalLong;

/**
 * A regular file that one run of a guest holds open. It has no position of its own: the descriptor keeps that. All
 * methods throw {@link WasiException}; a file is used by one thread at a time.
 *
 * <p>Reading is called only if the file was opened for reading, changing only if it was opened for writing; positions
 * and lengths are never negative.
 */
public interface OpenFile extends AutoCloseable {
    /** What is known of it now, with what was written and not yet committed. */
    FileStat stat();

    /**
     * Reads bytes.
     *
     * @return how many, fewer than {@code length} only near the end; 0 at the end
     */
    int read(byte[] target, int offset, int length, long position);

    /**
     * Writes bytes; a gap after the end is filled with zeros.
     *
     * @return how many, at least 1 if {@code length} is
     */
    int write(byte[] source, int offset, int length, long position);

    /**
     * Adds bytes to the end, wherever that is by now.
     *
     * @return the position after them
     */
    default long append(byte[] source, int offset, int length) {
        long end = stat().size();
        return end + write(source, offset, length, end);
    }

    /** Cuts the file, or lengthens it with zeros. */
    void resize(long size);

    /** Sets the times, in nanoseconds since 1970-01-01T00:00Z; an empty one stays. */
    default void setTimes(OptionalLong accessed, OptionalLong modified) {
        throw new WasiException(Errno.NOTSUP);
    }

    /**
     * Makes what was written durable, where the mount knows a way; else nothing.
     *
     * @param metadata the file's attributes too
     */
    default void sync(boolean metadata) {}

    /**
     * Ends the work on the file and commits it where the mount commits on close. It is called once, when the guest
     * closes the last descriptor or ends by itself.
     *
     * @throws WasiException if the commit failed: the guest's {@code close} gets the number; the file is closed anyway
     */
    @Override
    void close();

    /**
     * Ends the work on the file without committing, where the mount commits on close. It is called instead of
     * {@link #close} when the guest was ended by a trap or a limit while it had the file open.
     */
    default void discard() {
        close();
    }
}
