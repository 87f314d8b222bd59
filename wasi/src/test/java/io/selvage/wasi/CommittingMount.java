package io.selvage.wasi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Iterator;

/** A store of one file that keeps what is written when it is closed, and remembers how that went. */
final class CommittingMount implements Mount, Directory {
    private final boolean failing;
    private String fate = "nothing";

    CommittingMount(boolean failing) {
        this.failing = failing;
    }

    String fate() {
        return fate;
    }

    @Override
    public Directory open() {
        return this;
    }

    @Override
    public FileStat stat() {
        return new FileStat(1, 1, FileType.DIRECTORY, 1, 0, 0, 0, 0);
    }

    @Override
    public FileStat stat(String name) {
        throw new WasiException(Errno.NOENT);
    }

    @Override
    public Directory openDirectory(String name) {
        throw new WasiException(Errno.NOENT);
    }

    @Override
    public Iterator<DirectoryEntry> list() {
        return Collections.emptyIterator();
    }

    @Override
    public OpenFile openFile(String name, OpenOptions options) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        return new OpenFile() {
            @Override
            public FileStat stat() {
                return new FileStat(1, 2, FileType.REGULAR_FILE, 1, written.size(), 0, 0, 0);
            }

            @Override
            public int read(byte[] target, int offset, int length, long position) {
                return 0;
            }

            @Override
            public int write(byte[] source, int offset, int length, long position) {
                written.write(source, offset, length);
                return length;
            }

            @Override
            public void resize(long size) {
                throw new WasiException(Errno.NOTSUP);
            }

            @Override
            public void close() {
                if (failing) {
                    throw new WasiException(Errno.IO);
                }
                fate = "committed " + written.toString(StandardCharsets.UTF_8);
            }

            @Override
            public void discard() {
                fate = "discarded";
            }
        };
    }
}
