package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.selvage.node.Headers;
import java.util.Arrays;

/**
 * The field lines of the last head that an event loop has sent in HTTP/1.1. The next one has nearly the same lines in the same order,
 * and what is the same is neither checked nor encoded again. Belongs to its event loop.
 */
final class SentLines {
    private static final int MOST_LINES = 32;
    private static final int MOST_BYTES = 8 << 10;

    /** The name and the value of each line. */
    private final String[] texts = new String[2 * MOST_LINES];
    /** Where each line ends in the bytes, and the next begins. */
    private final int[] ends = new int[MOST_LINES];

    private byte[] bytes = new byte[512];
    private int known;

    /**
     * Writes a line for each field, as {@link HeadEncoder#fields} does.
     *
     * @throws IllegalArgumentException if one cannot be sent
     */
    void write(ByteBuf out, Headers fields) {
        int lines = fields.size();
        int at = 0;
        for (int line = 0; line < lines; line++) {
            String name = fields.name(line);
            String value = fields.value(line);
            if (line < known && value.equals(texts[2 * line + 1]) && name.equals(texts[2 * line])) {
                at = ends[line];
                continue;
            }
            int end = at + HeadEncoder.length(name, value);
            if (line == MOST_LINES || end > MOST_BYTES) {
                HeadEncoder.fields(out, fields);
                return;
            }
            replace(line, name, value, at, end);
            at = end;
        }
        out.writeBytes(bytes, 0, at);
    }

    /** Puts a line in the place of another; those behind it stay if it is as long. */
    private void replace(int line, String name, String value, int at, int end) {
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
        }
        int stay = line < known && ends[line] == end ? known : line + 1;
        known = line;
        HeadEncoder.put(name, value, bytes, at);
        texts[2 * line] = name;
        texts[2 * line + 1] = value;
        ends[line] = end;
        known = stay;
    }
}
