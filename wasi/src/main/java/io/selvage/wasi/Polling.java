package io.selvage.wasi;

import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;
import java.util.concurrent.TimeUnit;

/** One call of {@code poll_oneoff}: waits until at least one of a guest's subscriptions has something to tell. */
final class Polling {
    private static final int CLOCK = 0;
    private static final int READ = 1;
    private static final int WRITE = 2;

    private static final int REALTIME = 0;
    private static final int MONOTONIC = 1;
    private static final int ABSOLUTE = 1;

    /** Of an event: userdata u64, error u16, type u8, then at 16 bytes u64 and flags u16. */
    private static final int EVENT = 32;

    /** The flag of an event on a stream that is at its end. */
    private static final long HANG_UP = 1;

    private static final int MAXIMUM_SUBSCRIPTIONS = 4_096;

    /** How long one of several streams is waited for before the others are looked at again, in nanoseconds. */
    private static final long TURN = TimeUnit.MILLISECONDS.toNanos(1);

    private final Instance caller;
    private final Memory memory;
    private final SubscriptionLayout layout;
    private final int subscriptions;
    private final int events;
    private final int count;
    private int happened;
    private int streams;
    private long firstTimeout = Long.MAX_VALUE;

    Polling(Instance caller, SubscriptionLayout layout, int subscriptions, int events, int count) {
        if (count == 0 || Integer.compareUnsigned(count, MAXIMUM_SUBSCRIPTIONS) > 0) {
            throw new WasiException(Errno.INVAL);
        }
        this.caller = caller;
        this.memory = caller.memory();
        this.layout = layout;
        this.subscriptions = subscriptions;
        this.events = events;
        this.count = count;
        memory.check(subscriptions, count * layout.size());
        memory.check(events, count * EVENT);
    }

    /** Waits and writes the events; answers how many. */
    int run() {
        byte[] copy = memory.read(subscriptions, count * layout.size());
        Subscription[] asked = new Subscription[count];
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            asked[i] = subscription(copy, i * layout.size());
            firstTimeout = Math.min(firstTimeout, asked[i].timeout());
            streams += asked[i].kind() == READ ? 1 : 0;
        }
        caller.beginWait();
        try {
            while (true) {
                long elapsed = System.nanoTime() - start;
                look(asked, elapsed, 0);
                if (happened > 0) {
                    return happened;
                }
                await(asked, elapsed);
                if (happened > 0) {
                    return happened;
                }
                if (caller.remainingWallNanos() <= 0) {
                    throw new WasiException(Errno.INTR);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new WasiException(Errno.INTR);
        } finally {
            caller.endWait();
        }
    }

    /** Sleeps till the first timeout or the first stream that is ready, but no longer than the guest may live. */
    private void await(Subscription[] asked, long elapsed) throws InterruptedException {
        long left = Math.min(
                firstTimeout == Long.MAX_VALUE ? Long.MAX_VALUE : firstTimeout - elapsed,
                Math.max(0, caller.remainingWallNanos()));
        if (streams == 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        } else {
            look(asked, elapsed, streams == 1 ? left : Math.min(left, TURN));
        }
    }

    private void look(Subscription[] asked, long elapsed, long patience) throws InterruptedException {
        for (Subscription one : asked) {
            if (one.kind() == CLOCK) {
                if (elapsed >= one.timeout()) {
                    event(one, Errno.SUCCESS, 0, 0);
                }
            } else {
                look(one, patience);
            }
        }
    }

    private void look(Subscription one, long patience) throws InterruptedException {
        try {
            Descriptor descriptor = Guest.descriptors(caller).get(one.fd(), Rights.POLL_FD_READWRITE);
            if (one.kind() == WRITE) {
                descriptor.require(Rights.FD_WRITE);
                event(one, Errno.SUCCESS, 1, 0);
                return;
            }
            descriptor.require(Rights.FD_READ);
            long bytes = descriptor.awaitReadable(patience);
            if (bytes >= 0) {
                event(one, Errno.SUCCESS, bytes, descriptor.hungUp() ? HANG_UP : 0);
            }
        } catch (WasiException e) {
            event(one, e.errno(), 0, 0);
        }
    }

    private void event(Subscription one, Errno errno, long bytes, long flags) {
        int at = events + happened * EVENT;
        memory.writeLong(at, one.userData());
        memory.writeShort(at + 8, errno.code());
        memory.writeByte(at + 10, one.kind());
        memory.writeLong(at + 16, bytes);
        memory.writeLong(at + 24, flags);
        happened++;
    }

    /** A guest's wish; {@code timeout} counts from now, in nanoseconds. */
    private record Subscription(long userData, int kind, int fd, long timeout) {}

    private Subscription subscription(byte[] bytes, int at) {
        long userData = layout.userData(bytes, at);
        int kind = layout.kind(bytes, at);
        return switch (kind) {
            case CLOCK -> new Subscription(userData, kind, -1, timeout(bytes, at));
            case READ, WRITE -> new Subscription(userData, kind, layout.fd(bytes, at), Long.MAX_VALUE);
            default -> throw new WasiException(Errno.INVAL);
        };
    }

    private long timeout(byte[] bytes, int at) {
        Clocks clocks = WasiContext.of(caller).clocks();
        long now = switch (layout.clock(bytes, at)) {
            case REALTIME -> clocks.realtime();
            case MONOTONIC -> clocks.monotonic();
            default -> throw new WasiException(Errno.INVAL);
        };
        long given = layout.timeout(bytes, at);
        long timeout = given < 0 ? Long.MAX_VALUE : given;
        boolean absolute = (Guest.flags(layout.clockFlags(bytes, at), ABSOLUTE) & ABSOLUTE) != 0;
        return absolute && timeout != Long.MAX_VALUE ? Math.max(0, timeout - now) : timeout;
    }
}
