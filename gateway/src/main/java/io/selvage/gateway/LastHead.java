package io.selvage.gateway;

import io.selvage.node.Headers;
import java.util.Arrays;

/**
 * The field lines of the last head that has come over a connection. The next one holds nearly the same lines in the same order, and
 * what is the same is neither checked nor made into texts again. Not thread-safe.
 */
final class LastHead {
    private static final int MOST_LINES = 32;
    private static final int MOST_BYTES = 8 << 10;

    private byte[] bytes;
    /** Where each line begins and ends in the bytes. */
    private final int[] bounds = new int[2 * MOST_LINES];
    /** The name and the value of each line. */
    private final String[] texts = new String[2 * MOST_LINES];

    private int lines;
    /** How many of them can still be compared with, while the next head is read. */
    private int known;

    /**
     * None yet.
     *
     * @param spare an array for the head after the next
     */
    LastHead(byte[] spare) {
        bytes = spare;
    }

    /** The next head is going to be read. */
    void begin() {
        known = lines;
        lines = 0;
    }

    /** Adds a line of the next head, if it is that of the last in the same place; whether it is. */
    boolean add(byte[] head, int start, int end, Headers fields) {
        int line = fields.size();
        if (line >= known || !Arrays.equals(head, start, end, bytes, bounds[2 * line], bounds[2 * line + 1])) {
            return false;
        }
        fields.add(texts[2 * line], texts[2 * line + 1]);
        bounds[2 * line] = start;
        bounds[2 * line + 1] = end;
        return true;
    }

    /** Remembers the line that has just been added, which was another. */
    void note(int start, int end, Headers fields) {
        int line = fields.size() - 1;
        if (line < MOST_LINES) {
            bounds[2 * line] = start;
            bounds[2 * line + 1] = end;
            texts[2 * line] = fields.name(line);
            texts[2 * line + 1] = fields.value(line);
        }
    }

    /** The head is read and is the last from now on; an array for the next one. */
    byte[] end(byte[] head, Headers fields) {
        if (head.length > MOST_BYTES) {
            return head;
        }
        byte[] spare = bytes;
        bytes = head;
        lines = Math.min(MOST_LINES, fields.size());
        return spare;
    }
}
