package io.selvage.wasi;

import java.util.OptionalLong;

/** What a number in a guest's descriptor table stands for. What a kind cannot do answers the number of POSIX. */
abstract sealed class Descriptor permits InputDescriptor, OutputDescriptor, FileDescriptor, DirectoryDescriptor {
    private long rights;
    private long inheriting;
    private int flags;

    Descriptor(long rights, long inheriting, int flags) {
        this.rights = rights;
        this.inheriting = inheriting;
        this.flags = flags;
    }

    abstract FileType type();

    abstract FileStat stat();

    /** Whether work on it may wait for something outside the process: a client, a disk, a store. */
    boolean mayWait() {
        return true;
    }

    final long rights() {
        return rights;
    }

    final long inheriting() {
        return inheriting;
    }

    final int flags() {
        return flags;
    }

    final void setFlags(int flags) {
        require(Rights.FD_FDSTAT_SET_FLAGS);
        this.flags = flags;
    }

    /** Gives rights up; none ever comes back. */
    final void narrow(long rights, long inheriting) {
        if ((rights & ~this.rights) != 0 || (inheriting & ~this.inheriting) != 0) {
            throw new WasiException(Errno.NOTCAPABLE);
        }
        this.rights = rights;
        this.inheriting = inheriting;
    }

    /** Throws unless all {@code wanted} rights are there; without those to read and write it says, as POSIX, EBADF. */
    final void require(long wanted) {
        long missing = wanted & ~rights;
        if (missing != 0) {
            boolean access = (missing & (Rights.FD_READ | Rights.FD_WRITE)) != 0;
            throw new WasiException(access ? Errno.BADF : Errno.NOTCAPABLE);
        }
    }

    /** Reads from the present position on; 0 at the end. */
    int read(byte[] target, int offset, int length) {
        throw new WasiException(Errno.BADF);
    }

    int readAt(byte[] target, int offset, int length, long position) {
        throw new WasiException(Errno.SPIPE);
    }

    /** Writes at the present position, or at the end when {@link DescriptorFlags#APPEND} is set. */
    int write(byte[] source, int offset, int length) {
        throw new WasiException(Errno.BADF);
    }

    int writeAt(byte[] source, int offset, int length, long position) {
        throw new WasiException(Errno.SPIPE);
    }

    /** Passes on what a {@link #write} may have left in a buffer of the host. */
    void flush() {}

    /** Whether another {@link #read} right after one would not wait. */
    boolean moreToRead() {
        return true;
    }

    /** How many bytes can be read now without waiting; -1 if it is not ready. Waits at most so long for readiness. */
    long awaitReadable(long nanos) throws InterruptedException {
        throw new WasiException(Errno.BADF);
    }

    /** Whether nothing will ever come again: what poll calls a hang-up. */
    boolean hungUp() {
        return false;
    }

    /** Moves the position and answers the new one. */
    long seek(long offset, Whence whence) {
        throw new WasiException(Errno.SPIPE);
    }

    void resize(long size) {
        throw new WasiException(Errno.INVAL);
    }

    /** Makes the file at least so long. */
    void allocate(long size) {
        throw new WasiException(Errno.SPIPE);
    }

    void advise() {
        throw new WasiException(Errno.SPIPE);
    }

    void setTimes(OptionalLong accessed, OptionalLong modified) {
        throw new WasiException(Errno.INVAL);
    }

    void sync(boolean metadata) {
        throw new WasiException(Errno.INVAL);
    }

    /** The folder that it is; throws if it is none. */
    DirectoryDescriptor asDirectory() {
        throw new WasiException(Errno.NOTDIR);
    }

    /** Lets it go; throws what the guest's {@code fd_close} is to answer. */
    void close() {}

    /** Lets it go without committing anything. */
    void discard() {
        close();
    }
}
