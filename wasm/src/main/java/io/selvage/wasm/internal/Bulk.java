package io.selvage.wasm.internal;

import java.util.Arrays;

/**
 * Instructions that take time in proportion to a length. However long that is, the guest looks at the clock as often as one that
 * makes the turns of a loop, so that it keeps its limits and lets others run.
 */
final class Bulk {
    /** So many bytes are moved between two looks at the clock, a fraction of a millisecond. */
    private static final int STRETCH = 1 << 20;

    /** What a longer move is cut into. */
    private static final int PIECE = 4 << 20;

    private Bulk() {}

    /** Counts what is moved, in bytes, and looks at the clock when it is enough. */
    static void moved(InstanceState state, long bytes) {
        long all = state.moved + bytes;
        if (all < STRETCH) {
            state.moved = (int) all;
        } else {
            state.moved = 0;
            Ops.poll(state);
        }
    }

    /** Sets {@code length} bytes, which are inside, from {@code target}. */
    static void fill(byte[] bytes, int target, byte value, int length, InstanceState state) {
        int done = 0;
        while (length - done > PIECE) {
            Arrays.fill(bytes, target + done, target + done + PIECE, value);
            done += PIECE;
            moved(state, PIECE);
        }
        Arrays.fill(bytes, target + done, target + length, value);
        moved(state, length - done);
    }

    /** Copies {@code length} bytes, which are inside; the two places may overlap. */
    static void copy(byte[] from, int source, byte[] to, int target, int length, InstanceState state) {
        boolean backwards = source < target;
        int left = length;
        while (left > PIECE) {
            int at = backwards ? left - PIECE : length - left;
            System.arraycopy(from, source + at, to, target + at, PIECE);
            left -= PIECE;
            moved(state, PIECE);
        }
        int at = backwards ? 0 : length - left;
        System.arraycopy(from, source + at, to, target + at, left);
        moved(state, left);
    }
}
