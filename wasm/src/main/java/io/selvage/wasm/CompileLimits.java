package io.selvage.wasm;

import java.time.Duration;

/**
 * What compiling one module may cost, over all its instances and for as long as it lives. Functions are compiled when they are
 * first called, so a module is charged for those alone that its guests have called, and their neighbours. The call that needs a
 * function beyond a limit is a {@link Trap} of kind {@link Trap.Kind#COMPILE_LIMIT}, and so is every later one that
 * needs a function which is not compiled yet; those that are compiled run on, and other modules notice nothing.
 *
 * <p>The defaults are meant to be far above what programs need.
 *
 * @param codeBytes the most code of the JVM that may be made of the module's functions or be taken from the cache, in bytes of
 *     class files; by default 256 MiB. It is looked at whenever a class is made, also within a large function
 * @param time the most time that translating may take in sum, as the wall clock measures it; by default two minutes. It
 *     is looked at after each group of functions. What the JVM's JIT compiler does is not counted
 */
public record CompileLimits(long codeBytes, Duration time) {
    /** What holds for an engine that was told nothing else: 256 MiB, two minutes. */
    public static final CompileLimits DEFAULT = new CompileLimits(256L << 20, Duration.ofMinutes(2));

    /**
     * Limits of compilation.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public CompileLimits {
        if (codeBytes < 0 || time.isNegative()) {
            throw new IllegalArgumentException(
                    "a limit of compilation cannot be negative: " + codeBytes + " bytes, " + time.toMillis() + " ms");
        }
    }

    /** With another limit for the code, in bytes. */
    public CompileLimits withCodeBytes(long bytes) {
        return new CompileLimits(bytes, time);
    }

    /** With another limit for the time. */
    public CompileLimits withTime(Duration time) {
        return new CompileLimits(codeBytes, time);
    }
}
