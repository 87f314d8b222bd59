package io.selvage.wasm;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What compiling one module has used up of its {@link CompileLimits}. Thread-safe. */
final class CompileBudget {
    private final CompileLimits limits;
    private long codeBytes;
    private Duration time = Duration.ZERO;
    private volatile @Nullable String exceeded;

    CompileBudget(CompileLimits limits) {
        this.limits = limits;
    }

    /**
     * Before something is compiled.
     *
     * @throws Trap if a limit was passed before
     */
    void check() {
        String reason = exceeded;
        if (reason != null) {
            // Not an error of linking: the JVM would remember that one, and throw it again without its words.
            throw new Trap(Trap.Kind.COMPILE_LIMIT, reason);
        }
    }

    /**
     * Counts code that was made, and how long that took.
     *
     * @throws Trap if a limit is now passed
     */
    void charge(long bytes, long nanos) {
        synchronized (this) {
            codeBytes += bytes;
            time = time.plusNanos(nanos);
            if (exceeded == null && codeBytes > limits.codeBytes()) {
                exceeded = explain(String.format(
                        Locale.ROOT,
                        "the functions called so far take %,d bytes of code, and the module may have %,d",
                        codeBytes,
                        limits.codeBytes()));
            } else if (exceeded == null && time.compareTo(limits.time()) > 0) {
                exceeded = explain(String.format(
                        Locale.ROOT,
                        "translating the functions called so far took %,d ms, and the module may take %,d ms",
                        time.toMillis(),
                        limits.time().toMillis()));
            }
        }
        check();
    }

    private static String explain(String what) {
        return Trap.Kind.COMPILE_LIMIT.text() + ": " + what + "; allow it more, or make it smaller";
    }
}
