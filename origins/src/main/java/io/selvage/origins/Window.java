package io.selvage.origins;

import java.time.Duration;

/** Two counts of what happened in the last while, forgotten a tenth of it at a time. Thread-safe. */
final class Window {
    private static final int SLOTS = 10;

    private final long slotNanos;
    private final long[] all = new long[SLOTS];
    private final long[] marked = new long[SLOTS];
    private long current;
    private long allSum;
    private long markedSum;

    Window(Duration length) {
        slotNanos = Math.max(1, length.toNanos() / SLOTS);
    }

    /** Something happened, and may be of the marked kind. */
    synchronized void add(boolean isMarked, long now) {
        forget(now);
        int slot = (int) Math.floorMod(current, (long) SLOTS);
        all[slot]++;
        allSum++;
        if (isMarked) {
            marked[slot]++;
            markedSum++;
        }
    }

    /** How much happened. */
    synchronized long all(long now) {
        forget(now);
        return allSum;
    }

    /** How much of it was of the marked kind. */
    synchronized long marked(long now) {
        forget(now);
        return markedSum;
    }

    synchronized void clear() {
        java.util.Arrays.fill(all, 0);
        java.util.Arrays.fill(marked, 0);
        allSum = 0;
        markedSum = 0;
    }

    private void forget(long now) {
        long slot = Math.floorDiv(now, slotNanos);
        long steps = slot - current;
        if (steps <= 0) {
            return;
        }
        for (long i = Math.max(current + 1, slot - SLOTS + 1); i <= slot; i++) {
            int old = (int) Math.floorMod(i, (long) SLOTS);
            allSum -= all[old];
            markedSum -= marked[old];
            all[old] = 0;
            marked[old] = 0;
        }
        current = slot;
    }
}
