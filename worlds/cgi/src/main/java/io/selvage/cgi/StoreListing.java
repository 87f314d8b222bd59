package io.selvage.cgi;

import io.selvage.node.KeyValueStore;
import io.selvage.wasi.DirectoryEntry;
import io.selvage.wasi.FileType;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The entries of a {@link StoreDirectory}, fetched from the store part by part. */
final class StoreListing implements Iterator<DirectoryEntry> {
    private static final int PART = 1_000;

    private final StoreMount mount;
    private final String prefix;
    private List<String> keys = List.of();
    private int position;
    private Optional<String> cursor = Optional.empty();
    private boolean begun;
    private String lastFolder = "";
    private @Nullable DirectoryEntry next;

    StoreListing(StoreMount mount, String prefix) {
        this.mount = mount;
        this.prefix = prefix;
    }

    @Override
    public boolean hasNext() {
        while (next == null) {
            if (position == keys.size()) {
                if (begun && cursor.isEmpty()) {
                    return false;
                }
                fetch();
            } else {
                next = entry(keys.get(position++).substring(prefix.length()));
            }
        }
        return true;
    }

    @Override
    public DirectoryEntry next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        DirectoryEntry entry = next;
        next = null;
        return entry;
    }

    private void fetch() {
        KeyValueStore.Page page = mount.call(store -> store.list(prefix, cursor, PART));
        begun = true;
        keys = page.keys();
        cursor = page.cursor();
        position = 0;
    }

    /** What the rest of a key means in this folder, or null: a key that is no path, or a folder that was there. */
    private @Nullable DirectoryEntry entry(String rest) {
        int slash = rest.indexOf('/');
        String name = slash < 0 ? rest : rest.substring(0, slash);
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
            return null;
        }
        String key = prefix + name;
        if (slash < 0) {
            return new DirectoryEntry(name, StoreDirectory.inode(key), FileType.REGULAR_FILE);
        }
        if (name.equals(lastFolder)) {
            return null;
        }
        lastFolder = name;
        if (mount.call(store -> store.exists(key))) {
            return null;
        }
        return new DirectoryEntry(name, StoreDirectory.inode(key + "/"), FileType.DIRECTORY);
    }
}
