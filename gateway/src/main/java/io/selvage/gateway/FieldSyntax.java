package io.selvage.gateway;

import java.nio.charset.StandardCharsets;

/** Tells what may be the name, and what the value, of a field (RFC 9110 §5.1, §5.5). */
final class FieldSyntax {
    private static final int BYTES = 256;
    private static final boolean[] TOKEN = new boolean[BYTES];
    private static final boolean[] VALUE = new boolean[BYTES];

    static {
        for (char c = 0; c < BYTES; c++) {
            TOKEN[c] = c < 127 && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
            VALUE[c] = (c >= ' ' || c == '\t') && c != 0x7f;
        }
    }

    private FieldSyntax() {}

    /** Whether a character may be part of a token (RFC 9110 §5.6.2). */
    static boolean isToken(char c) {
        return c < BYTES && TOKEN[c];
    }

    /** Whether a text is a token, as a field's name and a method are. */
    static boolean isToken(String text) {
        return !text.isEmpty() && isOf(TOKEN, text);
    }

    /** Whether a text can be a field's value: no character of it ends a line, or has more than one byte. */
    static boolean isValue(String text) {
        return isOf(VALUE, text);
    }

    /** Whether a text can stand as a target in a request line (RFC 9112 §3.2): as a value, and without blanks. */
    static boolean isTarget(String text) {
        return isValue(text) && text.indexOf(' ') < 0 && text.indexOf('\t') < 0;
    }

    private static boolean isOf(boolean[] allowed, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        boolean is = bytes.length == text.length();
        for (int i = 0; i < bytes.length && is; i++) {
            is = allowed[bytes[i] & 0xff] && (bytes[i] != '?' || text.charAt(i) == '?');
        }
        return is;
    }

    /**
     * Writes a name, a byte for each character.
     *
     * @return where the next byte goes
     * @throws IllegalArgumentException if it is no token
     */
    static int putToken(String text, byte[] to, int at) {
        if (text.isEmpty()) {
            throw cannotBeSent();
        }
        return put(TOKEN, text, to, at);
    }

    /**
     * Writes a value, a byte for each character.
     *
     * @return where the next byte goes
     * @throws IllegalArgumentException if it can be none
     */
    static int putValue(String text, byte[] to, int at) {
        return put(VALUE, text, to, at);
    }

    /** A character that has more than one byte becomes a question mark; to look at the bytes is several times as fast. */
    private static int put(boolean[] allowed, String text, byte[] to, int at) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length != text.length()) {
            throw cannotBeSent();
        }
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (!allowed[b & 0xff] || (b == '?' && text.charAt(i) != '?')) {
                throw cannotBeSent();
            }
            to[at + i] = b;
        }
        return at + bytes.length;
    }

    private static IllegalArgumentException cannotBeSent() {
        return new IllegalArgumentException("there is a character that cannot be sent");
    }
}
