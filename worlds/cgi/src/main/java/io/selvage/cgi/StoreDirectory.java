package io.selvage.cgi;

import io.selvage.node.KeyValueStore;
import io.selvage.wasi.Directory;
import io.selvage.wasi.DirectoryEntry;
import io.selvage.wasi.Errno;
import io.selvage.wasi.FileStat;
import io.selvage.wasi.FileType;
import io.selvage.wasi.OpenFile;
import io.selvage.wasi.OpenOptions;
import io.selvage.wasi.WasiException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;

/** The keys of a store that begin alike, as a folder; {@link StoreMount} says by which rules. */
final class StoreDirectory implements Directory {
    private final StoreMount mount;

    /** What the keys begin with: empty, or ends with a slash. */
    private final String prefix;

    StoreDirectory(StoreMount mount, String prefix) {
        this.mount = mount;
        this.prefix = prefix;
    }

    @Override
    public FileStat stat() {
        return stat(mount, prefix, FileType.DIRECTORY, 0);
    }

    @Override
    public FileStat stat(String name) {
        String key = key(name);
        Optional<Long> size = mount.call(store -> store.size(key));
        if (size.isPresent()) {
            return stat(mount, key, FileType.REGULAR_FILE, size.get());
        }
        if (mount.holds(key + "/")) {
            return stat(mount, key + "/", FileType.DIRECTORY, 0);
        }
        throw new WasiException(Errno.NOENT);
    }

    static FileStat stat(StoreMount mount, String key, FileType type, long size) {
        return new FileStat(mount.device(), inode(key), type, 1, size, 0, 0, 0);
    }

    @Override
    public Directory openDirectory(String name) {
        return new StoreDirectory(mount, key(name) + "/");
    }

    @Override
    public OpenFile openFile(String name, OpenOptions options) {
        return StoreFile.open(mount, key(name), options);
    }

    @Override
    public Iterator<DirectoryEntry> list() {
        return new StoreListing(mount, prefix);
    }

    /** There are no symbolic links. */
    @Override
    public String readLink(String name) {
        throw new WasiException(Errno.INVAL);
    }

    @Override
    public void createDirectory(String name) {
        String key = key(name);
        if (mount.call(store -> store.exists(key)) || mount.holds(key + "/")) {
            throw new WasiException(Errno.EXIST);
        }
    }

    @Override
    public void removeDirectory(String name) {
        String key = key(name);
        if (mount.holds(key + "/")) {
            throw new WasiException(Errno.NOTEMPTY);
        }
        if (mount.call(store -> store.exists(key))) {
            throw new WasiException(Errno.NOTDIR);
        }
    }

    @Override
    public void unlink(String name) {
        String key = key(name);
        if (!mount.call(store -> store.delete(key))) {
            throw new WasiException(mount.holds(key + "/") ? Errno.ISDIR : Errno.NOENT);
        }
    }

    @Override
    public void rename(String name, Directory targetFolder, String targetName) {
        if (!(targetFolder instanceof StoreDirectory target) || target.mount != mount) {
            throw new WasiException(Errno.XDEV);
        }
        String from = key(name);
        String to = target.key(targetName);
        mount.call(store -> {
            KeyValueStore.Entry entry = store.get(from)
                    .orElseThrow(() -> new WasiException(mount.holds(from + "/") ? Errno.NOTSUP : Errno.NOENT));
            if (!from.equals(to)) {
                store.set(to, entry.value(), entry.expiresIn());
                store.delete(from);
            }
            return to;
        });
    }

    private String key(String name) {
        String key = prefix + name;
        if (key.length() * 3L > KeyValueStore.MAX_KEY
                && key.getBytes(StandardCharsets.UTF_8).length > KeyValueStore.MAX_KEY) {
            throw new WasiException(Errno.NAMETOOLONG);
        }
        return key;
    }

    /** A number that is nearly always another for another key. */
    static long inode(String key) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
