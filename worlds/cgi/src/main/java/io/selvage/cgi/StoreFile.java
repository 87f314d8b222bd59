package io.selvage.cgi;

import io.selvage.node.KeyValueStore;
import io.selvage.wasi.Errno;
import io.selvage.wasi.FileStat;
import io.selvage.wasi.FileType;
import io.selvage.wasi.OpenFile;
import io.selvage.wasi.OpenOptions;
import io.selvage.wasi.WasiException;
import java.util.Arrays;
import java.util.Optional;

/** A value of a store that a program has open; {@link StoreMount} says by which rules. */
final class StoreFile implements OpenFile {
    private static final byte[] NOTHING = {};

    /** What {@link #close} has to do. */
    private enum Change {
        NONE,
        /** Add what is in {@link #content} behind {@link #base} to the value, or begin one with it. */
        APPEND,
        /** Set the value to {@link #content}. */
        SET
    }

    private final StoreMount mount;
    private final String key;

    /** Whether {@link #content} is the value; else it is what is to be added to one that was not read. */
    private boolean loaded;

    /** The size of the value when it was opened, where it is not loaded. */
    private long unloadedSize;

    private byte[] content = NOTHING;
    private int size;

    /** How much of {@link #content} was read from the store. */
    private int base;

    private Change change = Change.NONE;

    /** The version that this file made by exclusive creation, or 0. */
    private long created;

    private StoreFile(StoreMount mount, String key) {
        this.mount = mount;
        this.key = key;
    }

    static StoreFile open(StoreMount mount, String key, OpenOptions options) {
        StoreFile file = new StoreFile(mount, key);
        if (options.create() && options.exclusive()) {
            file.create();
        } else if (options.truncate() || !options.read()) {
            file.openWithoutReading(options);
        } else {
            file.openReading(options.create());
        }
        return file;
    }

    private void create() {
        if (mount.holds(key + "/") || !mount.call(store -> store.create(key, NOTHING))) {
            throw new WasiException(Errno.EXIST);
        }
        created = mount.call(
                store -> store.get(key).map(KeyValueStore.Entry::version).orElse(0L));
        loaded = true;
    }

    private void openWithoutReading(OpenOptions options) {
        Optional<Long> found = mount.call(store -> store.size(key));
        if (found.isEmpty()) {
            missing(options.create());
        } else if (options.truncate()) {
            loaded = true;
            change = Change.SET;
        } else {
            unloadedSize = found.get();
        }
    }

    private void openReading(boolean create) {
        Optional<KeyValueStore.Entry> found = mount.call(store -> store.get(key));
        if (found.isEmpty()) {
            missing(create);
        } else {
            take(found.get().value());
        }
    }

    /** Begins a new value, if that was asked for. */
    private void missing(boolean create) {
        if (!create) {
            throw new WasiException(mount.holds(key + "/") ? Errno.ISDIR : Errno.NOENT);
        }
        loaded = true;
        change = Change.APPEND;
    }

    private void take(byte[] value) {
        mount.hold(value.length - content.length);
        content = value;
        size = value.length;
        base = value.length;
        loaded = true;
    }

    /** Reads the value, before something is done for which it must be known; what was appended stays at its end. */
    private void load() {
        if (loaded) {
            return;
        }
        byte[] appended = Arrays.copyOf(content, size);
        take(mount.call(store -> store.get(key)).map(KeyValueStore.Entry::value).orElse(NOTHING));
        if (appended.length > 0) {
            put(appended, 0, appended.length, size);
        }
    }

    @Override
    public FileStat stat() {
        return StoreDirectory.stat(mount, key, FileType.REGULAR_FILE, loaded ? size : unloadedSize + size);
    }

    @Override
    public int read(byte[] target, int offset, int length, long position) {
        load();
        if (position >= size) {
            return 0;
        }
        int count = Math.min(length, size - (int) position);
        System.arraycopy(content, (int) position, target, offset, count);
        return count;
    }

    @Override
    public int write(byte[] source, int offset, int length, long position) {
        load();
        put(source, offset, length, position);
        change = Change.SET;
        return length;
    }

    @Override
    public long append(byte[] source, int offset, int length) {
        put(source, offset, length, size);
        if (change == Change.NONE) {
            change = Change.APPEND;
        }
        return stat().size();
    }

    @Override
    public void resize(long newSize) {
        load();
        room(newSize);
        if (newSize < size) {
            Arrays.fill(content, (int) newSize, size, (byte) 0);
        }
        size = (int) newSize;
        change = Change.SET;
    }

    private void put(byte[] source, int offset, int length, long position) {
        room(Math.min(position, KeyValueStore.MAX_VALUE) + length);
        System.arraycopy(source, offset, content, (int) position, length);
        size = Math.max(size, (int) position + length);
    }

    private void room(long needed) {
        if (needed > KeyValueStore.MAX_VALUE) {
            throw new WasiException(Errno.FBIG);
        }
        if (needed > content.length) {
            int capacity = (int) Math.min(Math.max(needed, 2L * content.length), KeyValueStore.MAX_VALUE);
            mount.hold(capacity - content.length);
            content = Arrays.copyOf(content, capacity);
        }
    }

    @Override
    public void sync(boolean metadata) {
        commit();
    }

    @Override
    public void close() {
        try {
            commit();
        } finally {
            mount.hold(-content.length);
            content = NOTHING;
        }
    }

    @Override
    public void discard() {
        mount.hold(-content.length);
        content = NOTHING;
        if (created != 0) {
            mount.call(store -> store.compareAndSet(key, created, null));
        }
    }

    private void commit() {
        switch (change) {
            case SET -> {
                byte[] value = Arrays.copyOf(content, size);
                mount.call(store -> {
                    store.set(key, value);
                    return key;
                });
            }
            case APPEND -> append(Arrays.copyOfRange(content, base, size));
            case NONE -> {}
        }
        change = Change.NONE;
        created = 0;
    }

    private void append(byte[] tail) {
        try {
            mount.call(store -> {
                store.append(key, tail);
                return key;
            });
        } catch (IllegalArgumentException _) {
            throw new WasiException(Errno.FBIG);
        }
        // From here on those bytes are part of the value.
        if (loaded) {
            base = size;
        } else {
            unloadedSize += size;
            size = 0;
        }
    }
}
