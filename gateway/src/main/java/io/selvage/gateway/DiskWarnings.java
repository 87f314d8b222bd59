package io.selvage.gateway;

import io.selvage.node.EventLog;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Logs what is wrong with the cache's disk: the same thing at most once a second, for it may be so of every file. */
final class DiskWarnings {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EventLog log;
    private final Map<String, Long> last = new ConcurrentHashMap<>();

    DiskWarnings(EventLog log) {
        this.log = log;
    }

    void warn(String message, IOException cause) {
        long now = System.nanoTime();
        String kind = message.split(":", 2)[0];
        boolean[] first = {false};
        last.compute(kind, (_, before) -> {
            first[0] = before == null || now - before > PAUSE_NANOS;
            return first[0] ? Long.valueOf(now) : before;
        });
        if (first[0]) {
            log.warn("cache", message, "reason", String.valueOf(cause.getMessage()));
        }
    }
}
