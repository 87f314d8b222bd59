package io.selvage.cgi;

import io.selvage.node.KeyValueStore;
import io.selvage.wasi.Directory;
import io.selvage.wasi.Errno;
import io.selvage.wasi.Mount;
import io.selvage.wasi.WasiException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A key-value store as a folder, for one run of a program.
 *
 * <ul>
 *   <li>A file's path below the folder is its key: {@code user/42} is the key {@code user/42}. Folders are not kept: one
 *       is there while a key begins with it, opening a folder that is not there finds it empty, and making or removing
 *       an empty one changes nothing. A key that is no path (with an empty segment, {@code .} or {@code ..} between
 *       slashes) cannot be seen here. A name that is both a key and the beginning of others is a file in listings, and
 *       the others can still be opened.
 *   <li>Opening a file for reading reads the value as it is then; later writes do not change what the program reads.
 *   <li>What is written is committed as a whole by {@code close} (and by {@code fsync}), which fails if the commit does;
 *       a file left open is committed when the program ends by itself, and left as it was if the program is ended. The
 *       last to close wins. A commit takes the value's expiry away.
 *   <li>{@code O_CREAT | O_EXCL} decides when it opens: it makes the key at once, with an empty value, so that of many who
 *       try at the same time one succeeds and the others get {@code EEXIST}. If the program is then ended before it
 *       closes the file, the key is removed again.
 *   <li>A file opened with {@code O_APPEND}, and neither cut nor written at a place, adds what was written to whatever the
 *       value is when it is closed, in one step, and leaves the expiry as it is.
 *   <li>{@code unlink} deletes; {@code rename} of a file sets the new key and then deletes the old one, and whoever reads
 *       the new key sees either its old or its new value.
 * </ul>
 *
 * <p>Values have no times: they read as 1970. All files that one program has open hold at most 64 MiB ({@code ENOMEM}
 * beyond). A value past 25 MiB is {@code EFBIG}, a key past 512 bytes {@code ENAMETOOLONG}; when the state cannot be
 * read or written it is {@code EIO}, and a line in the log says why.
 */
final class StoreMount implements Mount {
    /** The most that one program's open files may hold, in bytes. */
    private static final long BUDGET = 64L << 20;

    /** Something that is asked of the store. */
    @FunctionalInterface
    interface Call<T> {
        T run(KeyValueStore store) throws IOException;
    }

    private final KeyValueStore store;
    private final String name;
    private final Consumer<String> log;
    private long held;

    /**
     * The folder for {@code store}.
     *
     * @param name the store's, for messages
     * @param log takes a line when the state cannot be read or written
     */
    StoreMount(KeyValueStore store, String name, Consumer<String> log) {
        this.store = store;
        this.name = name;
        this.log = log;
    }

    @Override
    public Directory open() {
        return new StoreDirectory(this, "");
    }

    /** Does {@code call} and tells the program how it failed. */
    <T> T call(Call<T> call) {
        try {
            return call.run(store);
        } catch (IOException e) {
            log.accept("key-value store \"" + name + "\": " + e.getMessage());
            throw new WasiException(Errno.IO, String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether keys begin with {@code prefix}. */
    boolean holds(String prefix) {
        return prefix.isEmpty()
                || !call(s -> s.list(prefix, Optional.empty(), 1)).keys().isEmpty();
    }

    /** An open file holds {@code more} bytes more, or fewer. */
    void hold(long more) {
        if (held + more > BUDGET) {
            throw new WasiException(Errno.NOMEM);
        }
        held += more;
    }

    /** Tells stores apart in {@link io.selvage.wasi.FileStat}. */
    long device() {
        return 0x6b76_0000_0000L + Integer.toUnsignedLong(name.hashCode());
    }
}
