package io.selvage.wasi;

import java.io.IOException;
import java.io.OutputStream;

/** A stream of the host that the guest writes to. */
final class OutputDescriptor extends Descriptor {
    private final OutputStream stream;
    private final boolean terminal;

    OutputDescriptor(OutputStream stream, boolean terminal) {
        super(Rights.STREAM | Rights.FD_WRITE, 0, 0);
        this.stream = stream;
        this.terminal = terminal;
    }

    @Override
    FileType type() {
        return terminal ? FileType.CHARACTER_DEVICE : FileType.UNKNOWN;
    }

    @Override
    FileStat stat() {
        return new FileStat(0, 0, type(), 1, 0, 0, 0, 0);
    }

    @Override
    int write(byte[] source, int offset, int length) {
        try {
            stream.write(source, offset, length);
            return length;
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    @Override
    void flush() {
        try {
            stream.flush();
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }
}
