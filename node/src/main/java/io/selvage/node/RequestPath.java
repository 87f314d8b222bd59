package io.selvage.node;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * A request's path in the one form that routing, logs and guests see, so that no two of them can read it differently
 * (RFC 3986 §6.2.2).
 *
 * <ul>
 *   <li>It begins with {@code /}. Controls, spaces, {@code \} and bytes above ASCII must be percent-encoded.
 *   <li>A percent-encoded letter, digit, {@code -}, {@code .}, {@code _} or {@code ~} becomes the character itself; other
 *       encodings stay, with capital digits. So {@code %2F} never separates segments.
 *   <li>Then {@code .} and {@code ..} segments are resolved. A path that climbs above its root is refused.
 *   <li>Wholly decoded, the path must be UTF-8 without NUL, and must hold no {@code .} or {@code ..} between any
 *       slashes or backslashes: {@code /a/..%2fb} is refused, for a guest that decodes it would see {@code /a/../b}.
 *   <li>Empty segments and a trailing slash stay and mean what they say.
 * </ul>
 *
 * @param text the path, still percent-encoded where it has to be
 */
public record RequestPath(String text) {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    /**
     * Brings a path as it came into its one form.
     *
     * @throws IllegalArgumentException with a message for people, if there is none
     */
    public static RequestPath normalize(String raw) {
        if (isPlain(raw)) {
            return new RequestPath(raw);
        }
        if (!raw.startsWith("/")) {
            throw new IllegalArgumentException("the path does not begin with \"/\"");
        }
        String unreserved = decodeUnreserved(raw);
        String path = removeDotSegments(unreserved);
        if (path.indexOf('%') >= 0) {
            checkDecoded(decode(path));
        }
        return new RequestPath(path);
    }

    /**
     * Decodes percent-encodings; {@code text} comes out of {@link #normalize}.
     *
     * @throws IllegalArgumentException if the result is not UTF-8
     */
    public static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes[length++] = (byte) octet(text, i);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException _) {
            throw new IllegalArgumentException("the path is not UTF-8 when its percent-encodings are decoded");
        }
    }

    /**
     * A path as a careless reader may take it: encoded slashes and backslashes as slashes, without empty segments and what
     * follows a {@code ;}; the path itself if there is nothing of the kind.
     *
     * @param path as it comes out of {@link #normalize}
     */
    public static String plainer(String path) {
        if (path.indexOf("//") < 0 && path.indexOf(';') < 0 && path.indexOf('%') < 0) {
            return path;
        }
        String text = path.replace("%2F", "/")
                .replace("%5C", "/")
                .replace("%3B", ";")
                .replaceAll(";[^/]*", "")
                .replaceAll("/{2,}", "/");
        try {
            return normalize(text.isEmpty() ? "/" : text).text();
        } catch (IllegalArgumentException _) {
            return path;
        }
    }

    /** Nearly all paths: nothing to decode, no segment that begins with a dot, no character that is refused. */
    private static boolean isPlain(String raw) {
        if (raw.isEmpty() || raw.charAt(0) != '/') {
            return false;
        }
        char before = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%' || c <= ' ' || c >= 0x7f || c == '\\' || (c == '.' && before == '/')) {
                return false;
            }
            before = c;
        }
        return true;
    }

    private static String decodeUnreserved(String raw) {
        StringBuilder text = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '\\') {
                throw new IllegalArgumentException(
                        "the path holds a character that must be percent-encoded: " + name(c));
            }
            if (c != '%') {
                text.append(c);
                continue;
            }
            int octet = octet(raw, i);
            i += 2;
            if (octet == 0) {
                throw new IllegalArgumentException("the path holds %00");
            }
            if (octet < 0x80 && isUnreserved((char) octet)) {
                text.append((char) octet);
            } else {
                text.append('%').append(HEX[octet >> 4]).append(HEX[octet & 15]);
            }
        }
        return text.toString();
    }

    private static String removeDotSegments(String path) {
        if (!path.contains("/.")) {
            return path;
        }
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            switch (segments[i]) {
                case "." -> {
                    if (last) {
                        kept.addLast("");
                    }
                }
                case ".." -> {
                    if (kept.pollLast() == null) {
                        throw new IllegalArgumentException("the path climbs above its root with \"..\"");
                    }
                    if (last) {
                        kept.addLast("");
                    }
                }
                default -> kept.addLast(segments[i]);
            }
        }
        StringBuilder text = new StringBuilder();
        for (Iterator<String> it = kept.iterator(); it.hasNext(); ) {
            text.append('/').append(it.next());
        }
        return text.isEmpty() ? "/" : text.toString();
    }

    private static void checkDecoded(String decoded) {
        int start = 0;
        for (int i = 0; i <= decoded.length(); i++) {
            if (i == decoded.length() || decoded.charAt(i) == '/' || decoded.charAt(i) == '\\') {
                int length = i - start;
                if ((length == 1 && decoded.charAt(start) == '.') || (length == 2 && decoded.startsWith("..", start))) {
                    throw new IllegalArgumentException(
                            "the path holds \".\" or \"..\" next to a percent-encoded slash");
                }
                start = i + 1;
            }
        }
    }

    private static int octet(String text, int percent) {
        int high = percent + 2 < text.length() ? Character.digit(text.charAt(percent + 1), 16) : -1;
        int low = percent + 2 < text.length() ? Character.digit(text.charAt(percent + 2), 16) : -1;
        if (high < 0 || low < 0) {
            throw new IllegalArgumentException("the path holds a \"%\" without two hexadecimal digits");
        }
        return high << 4 | low;
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
    }

    private static String name(char c) {
        return c > ' ' && c != 0x7f ? "\"" + c + "\"" : String.format("U+%04X", (int) c);
    }
}
