package io.selvage.wasm.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What an object of a guest knows of its type, so that casts are quick. One for each defined type in the process. */
public final class RuntimeType {
    /** The supertypes from the highest to this type itself: one look at the right place tells of a subtype. */
    private final RuntimeType[] display;

    /** A type below {@code supertype}, if there is one. */
    public RuntimeType(@Nullable RuntimeType supertype) {
        int depth = supertype == null ? 0 : supertype.display.length;
        display = supertype == null ? new RuntimeType[1] : Arrays.copyOf(supertype.display, depth + 1);
        display[depth] = this;
    }

    /** Whether every object of this type is one of {@code other} too (core spec §3.3.3). */
    public boolean isSubtypeOf(RuntimeType other) {
        int depth = other.display.length - 1;
        return this == other || (depth < display.length && display[depth] == other);
    }

    /** How many supertypes it has. */
    public int depth() {
        return display.length - 1;
    }
}
