package io.selvage.wasi;

import java.util.OptionalLong;

/** Which times of a file a guest sets, and to what; an empty one stays. */
record TimeChange(OptionalLong accessed, OptionalLong modified) {
    private static final int ACCESSED = 1;
    private static final int ACCESSED_NOW = 1 << 1;
    private static final int MODIFIED = 1 << 2;
    private static final int MODIFIED_NOW = 1 << 3;

    /** From the arguments of {@code …_filestat_set_times}. */
    static TimeChange of(Clocks clocks, long accessed, long modified, int flags) {
        Guest.flags(flags, ACCESSED | ACCESSED_NOW | MODIFIED | MODIFIED_NOW);
        return new TimeChange(
                one(clocks, accessed, (flags & ACCESSED) != 0, (flags & ACCESSED_NOW) != 0),
                one(clocks, modified, (flags & MODIFIED) != 0, (flags & MODIFIED_NOW) != 0));
    }

    private static OptionalLong one(Clocks clocks, long given, boolean set, boolean now) {
        if (set && now) {
            throw new WasiException(Errno.INVAL);
        }
        if (now) {
            return OptionalLong.of(clocks.realtime());
        }
        return set ? OptionalLong.of(given) : OptionalLong.empty();
    }
}
