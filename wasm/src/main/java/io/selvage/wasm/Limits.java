package io.selvage.wasm;

import java.util.OptionalLong;

/**
 * The size range of a table (in elements) or a memory (in pages of 64 KiB), as unsigned numbers (core spec
 * §2.3.7).
 *
 * @param minimum the size to begin with
 * @param maximum the size that growth may reach, if one is given
 */
public record Limits(long minimum, OptionalLong maximum) {
    /** From {@code minimum}, without a maximum of the module's own. */
    public static Limits atLeast(long minimum) {
        return new Limits(minimum, OptionalLong.empty());
    }

    /** From {@code minimum} to {@code maximum}. */
    public static Limits between(long minimum, long maximum) {
        return new Limits(minimum, OptionalLong.of(maximum));
    }

    /** Whether something of {@code size} now, with these limits, can stand where {@code wanted} is imported (§4.5.3). */
    boolean matches(long size, Limits wanted) {
        return Long.compareUnsigned(size, wanted.minimum) >= 0
                && (wanted.maximum.isEmpty()
                        || (maximum.isPresent()
                                && Long.compareUnsigned(maximum.getAsLong(), wanted.maximum.getAsLong()) <= 0));
    }
}
