package io.selvage.wasi;

import java.util.Iterator;
import java.util.OptionalLong;

/** Another directory, in which nothing can be changed. */
final class ReadOnlyDirectory implements Directory {
    private final Directory directory;

    ReadOnlyDirectory(Directory directory) {
        this.directory = directory;
    }

    @Override
    public FileStat stat() {
        return directory.stat();
    }

    @Override
    public FileStat stat(String name) {
        return directory.stat(name);
    }

    @Override
    public Directory openDirectory(String name) {
        return new ReadOnlyDirectory(directory.openDirectory(name));
    }

    @Override
    public OpenFile openFile(String name, OpenOptions options) {
        if (options.write() || options.truncate()) {
            throw refusal();
        }
        if (options.create()) {
            return openExisting(name, options);
        }
        return directory.openFile(name, options);
    }

    private OpenFile openExisting(String name, OpenOptions options) {
        try {
            directory.stat(name);
        } catch (WasiException e) {
            throw e.errno() == Errno.NOENT ? refusal() : e;
        }
        if (options.exclusive()) {
            throw new WasiException(Errno.EXIST);
        }
        return directory.openFile(name, new OpenOptions(options.read(), false, false, false, false));
    }

    @Override
    public Iterator<DirectoryEntry> list() {
        return directory.list();
    }

    @Override
    public String readLink(String name) {
        return directory.readLink(name);
    }

    @Override
    public void createDirectory(String name) {
        throw refusal();
    }

    @Override
    public void removeDirectory(String name) {
        throw refusal();
    }

    @Override
    public void unlink(String name) {
        throw refusal();
    }

    @Override
    public void createSymbolicLink(String name, String target) {
        throw refusal();
    }

    @Override
    public void link(String name, Directory targetFolder, String targetName) {
        throw refusal();
    }

    @Override
    public void rename(String name, Directory targetFolder, String targetName) {
        throw refusal();
    }

    @Override
    public void setTimes(String name, OptionalLong accessed, OptionalLong modified) {
        throw refusal();
    }

    @Override
    public void setTimes(OptionalLong accessed, OptionalLong modified) {
        throw refusal();
    }

    @Override
    public void sync() {
        directory.sync();
    }

    @Override
    public void close() {
        directory.close();
    }

    private static WasiException refusal() {
        return new WasiException(Errno.ROFS);
    }
}
