package io.selvage.node;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A W3C trace context (https://www.w3.org/TR/trace-context/).
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero
 * @param spanId 16 lower-case hexadecimal digits, not all zero: the node's own span of this request
 * @param sampled whether the caller records this trace
 * @param state the {@code tracestate} field as it came; empty if it did not
 */
public record TraceContext(String traceId, String spanId, boolean sampled, String state) {
    private static final int LENGTH = 55;
    private static final int MOST_MEMBERS = 32;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

    /** As a {@code traceparent} field value. */
    public String traceparent() {
        return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
    }

    /** A trace that begins here. */
    public static TraceContext begin() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] trace = new byte[32];
        putHex(nonZero(random), trace, 0);
        putHex(random.nextLong(), trace, 16);
        return new TraceContext(new String(trace, StandardCharsets.ISO_8859_1), span(random), false, "");
    }

    /**
     * The caller's trace with a new span, or a trace that begins here if the caller sent none that is valid (§3.2, §4.3).
     *
     * @param traceparent every {@code traceparent} field of the request
     * @param tracestate every {@code tracestate} field of the request, in order
     */
    public static TraceContext from(List<String> traceparent, List<String> tracestate) {
        if (traceparent.size() != 1 || !isValid(traceparent.getFirst())) {
            return begin();
        }
        String parent = traceparent.getFirst();
        boolean sampled = (Character.digit(parent.charAt(54), 16) & 1) == 1;
        return new TraceContext(parent.substring(3, 35), span(ThreadLocalRandom.current()), sampled, state(tracestate));
    }

    private static boolean isValid(String parent) {
        int length = parent.length();
        if (length < LENGTH
                || !isHex(parent, 0, 2)
                || !isHex(parent, 3, 35)
                || !isHex(parent, 36, 52)
                || !isHex(parent, 53, LENGTH)
                || parent.charAt(2) != '-'
                || parent.charAt(35) != '-'
                || parent.charAt(52) != '-') {
            return false;
        }
        boolean lengthFits =
                parent.startsWith("00") ? length == LENGTH : length == LENGTH || parent.charAt(LENGTH) == '-';
        return lengthFits && !parent.startsWith("ff") && !isZero(parent, 3, 35) && !isZero(parent, 36, 52);
    }

    /** The members of the state, joined; nothing if they break the rules (§3.3.1). */
    private static String state(List<String> fields) {
        if (fields.isEmpty()) {
            return "";
        }
        String state = String.join(",", fields);
        int members = 0;
        for (String member : state.split(",", -1)) {
            String text = member.strip();
            int equals = text.indexOf('=');
            if (!text.isEmpty() && (equals < 1 || equals > 256 || text.length() - equals - 1 > 256)) {
                return "";
            }
            members += text.isEmpty() ? 0 : 1;
        }
        return members > MOST_MEMBERS ? "" : state;
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }

    private static long nonZero(ThreadLocalRandom random) {
        long value = random.nextLong();
        return value == 0 ? 1 : value;
    }

    private static String span(ThreadLocalRandom random) {
        byte[] span = new byte[16];
        putHex(nonZero(random), span, 0);
        return new String(span, StandardCharsets.ISO_8859_1);
    }

    private static void putHex(long value, byte[] to, int at) {
        long rest = value;
        for (int i = at + 15; i >= at; i--) {
            to[i] = HEX[(int) rest & 15];
            rest >>>= 4;
        }
    }
}
