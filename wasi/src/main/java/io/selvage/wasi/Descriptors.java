package io.selvage.wasi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The descriptor table of one run: small numbers, the lowest free one first. */
final class Descriptors {
    private final int limit;
    private @Nullable Descriptor[] table;

    /** Number 0 to {@code first.length - 1} are taken by {@code first}; {@code limit} is the most there may be. */
    Descriptors(Descriptor[] first, int limit) {
        table = first;
        this.limit = Math.max(limit, first.length);
    }

    Descriptor get(int number) {
        if (number >= 0 && number < table.length) {
            Descriptor found = table[number];
            if (found != null) {
                return found;
            }
        }
        throw new WasiException(Errno.BADF);
    }

    /** Whether work on this number may wait for something outside the process; false if it stands for nothing. */
    boolean mayWait(int number) {
        if (number < 0 || number >= table.length) {
            return false;
        }
        Descriptor found = table[number];
        return found != null && found.mayWait();
    }

    /** The descriptor, if it has all {@code rights}. */
    Descriptor get(int number, long rights) {
        Descriptor found = get(number);
        found.require(rights);
        return found;
    }

    /** The folder of this number, if it has all {@code rights}. */
    DirectoryDescriptor directory(int number, long rights) {
        DirectoryDescriptor found = get(number).asDirectory();
        found.require(rights);
        return found;
    }

    /** Throws {@link Errno#MFILE} if there is no number left. */
    void reserve() {
        free();
    }

    int add(Descriptor descriptor) {
        int number = free();
        if (number == table.length) {
            table = Arrays.copyOf(table, Math.min(limit, table.length + 16));
        }
        table[number] = descriptor;
        return number;
    }

    private int free() {
        for (int i = 0; i < table.length; i++) {
            if (table[i] == null) {
                return i;
            }
        }
        if (table.length == limit) {
            throw new WasiException(Errno.MFILE);
        }
        return table.length;
    }

    void close(int number) {
        Descriptor descriptor = get(number);
        table[number] = null;
        descriptor.close();
    }

    /** Moves a descriptor over another, which is closed. */
    void renumber(int from, int to) {
        Descriptor moved = get(from);
        Descriptor replaced = get(to);
        if (from != to) {
            table[to] = moved;
            table[from] = null;
            replaced.close();
        }
    }

    /** Closes all of them; throws the first failure when it is done. */
    void closeAll() {
        WasiException failure = null;
        for (int i = 0; i < table.length; i++) {
            Descriptor descriptor = table[i];
            table[i] = null;
            try {
                if (descriptor != null) {
                    descriptor.close();
                }
            } catch (WasiException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Lets all of them go without committing anything. */
    void discardAll() {
        for (int i = 0; i < table.length; i++) {
            Descriptor descriptor = table[i];
            table[i] = null;
            try {
                if (descriptor != null) {
                    descriptor.discard();
                }
            } catch (WasiException _) {
                // There is nobody left to tell: the guest is gone and nothing was to be kept.
            }
        }
    }
}
