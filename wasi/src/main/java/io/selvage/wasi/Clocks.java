package io.selvage.wasi;

import java.time.Instant;

/** Where a guest's time comes from. Thread-safe. */
public interface Clocks {
    /** The clocks of the host. */
    Clocks SYSTEM = new Clocks() {
        @Override
        public long realtime() {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000_000L + now.getNano();
        }

        @Override
        public long monotonic() {
            long start = SystemStart.NANOS;
            return System.nanoTime() - start;
        }
    };

    /** Nanoseconds since 1970-01-01T00:00Z. */
    long realtime();

    /** Nanoseconds since some moment; never goes back, never below 0. */
    long monotonic();
}
