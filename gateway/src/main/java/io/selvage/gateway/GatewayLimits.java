package io.selvage.gateway;

import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.util.concurrent.atomic.AtomicInteger;

/** What the settings allow clients, in the units of the hot path, and how many connections there are. Thread-safe. */
final class GatewayLimits {
    private final long headerNanos;
    private final long idleNanos;
    private final long bodyRate;
    private final long bodyGraceNanos;
    private final long sendNanos;
    private final int connections;
    private final AtomicInteger open = new AtomicInteger();

    GatewayLimits(Settings settings) {
        headerNanos = settings.get(Setting.HEADER_TIMEOUT).toNanos();
        idleNanos = settings.get(Setting.IDLE_TIMEOUT).toNanos();
        bodyRate = settings.get(Setting.BODY_RATE);
        bodyGraceNanos = settings.get(Setting.BODY_GRACE).toNanos();
        sendNanos = settings.get(Setting.SEND_TIMEOUT).toNanos();
        connections = settings.get(Setting.CONNECTIONS);
    }

    long headerNanos() {
        return headerNanos;
    }

    long idleNanos() {
        return idleNanos;
    }

    /** Bytes a second. */
    long bodyRate() {
        return bodyRate;
    }

    long bodyGraceNanos() {
        return bodyGraceNanos;
    }

    /** How long a client may take for what waits for it. */
    long sendNanos() {
        return sendNanos;
    }

    /** How many connections are open. */
    int open() {
        return open.get();
    }

    /** Counts a connection; whether there is room for it. */
    boolean tryOpen() {
        if (open.incrementAndGet() <= connections) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    /** A counted connection is gone. */
    void closed() {
        open.decrementAndGet();
    }
}
