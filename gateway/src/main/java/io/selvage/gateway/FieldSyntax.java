package io.selvage.gateway;

import java.nio.charset.StandardCharsets;

/** Tells what may be the name, and what the value, of a field (RFC 9110 §5.1, §5.5), and of a length. */
final class FieldSyntax {
    private static final int BYTES = 256;
    private static final int LENGTH_DIGITS = 18;

    /** For each byte 0 if it may be there, else 1; for a question mark, which may stand for what has no byte, 2. */
    private static final byte[] TOKEN = new byte[BYTES];

    private static final byte[] VALUE = new byte[BYTES];
    private static final byte UNSURE = 2;

    static {
        for (char c = 0; c < BYTES; c++) {
            boolean isToken = c < 127 && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
            boolean isValue = (c >= ' ' || c == '\t') && c != 0x7f;
            TOKEN[c] = (byte) (isToken ? 0 : 1);
            VALUE[c] = (byte) (isValue ? 0 : 1);
        }
        VALUE['?'] = UNSURE;
    }

    private FieldSyntax() {}

    /** Whether a character may be part of a token (RFC 9110 §5.6.2). */
    static boolean isToken(char c) {
        return c < BYTES && TOKEN[c] == 0;
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

    /** Whether a text is one number of bytes (RFC 9110 §8.6), of less than 10^18. */
    static boolean isLength(String text) {
        boolean is = !text.isEmpty() && text.length() <= LENGTH_DIGITS;
        for (int i = 0; i < text.length() && is; i++) {
            is = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return is;
    }

    /**
     * Sees to it that a method and a target can stand in a request line.
     *
     * @throws IllegalArgumentException if they cannot
     */
    static void checkRequestLine(String method, String target) {
        if (!isToken(method) || !isTarget(target)) {
            throw cannotBeSent();
        }
    }

    private static boolean isOf(byte[] table, String text) {
        return isOf(table, text, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Without a jump for each byte, for nearly all texts are as they should be. */
    private static boolean isOf(byte[] table, String text, byte[] bytes) {
        int found = 0;
        for (byte b : bytes) {
            found |= table[b & 0xff];
        }
        return bytes.length == text.length() && (found == 0 || (found == UNSURE && isLatin1(text)));
    }

    private static boolean isLatin1(String text) {
        boolean is = true;
        for (int i = 0; i < text.length() && is; i++) {
            is = text.charAt(i) < BYTES;
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
    private static int put(byte[] table, String text, byte[] to, int at) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (!isOf(table, text, bytes)) {
            throw cannotBeSent();
        }
        System.arraycopy(bytes, 0, to, at, bytes.length);
        return at + bytes.length;
    }

    /** Says that something cannot be sent as it is. */
    static IllegalArgumentException cannotBeSent() {
        return new IllegalArgumentException("there is a character that cannot be sent");
    }
}
