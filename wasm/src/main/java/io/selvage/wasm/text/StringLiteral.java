package io.selvage.wasm.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Reads strings with their escapes (core spec §6.3.3). */
final class StringLiteral {
    private StringLiteral() {}

    /** How long the escape at {@code at} is, which begins with a backslash; 0 if it is none. */
    static int escapeLength(byte[] source, int at, int end) {
        if (at + 1 >= end) {
            return 0;
        }
        return switch (source[at + 1]) {
            case 'n', 'r', 't', '\\', '\'', '"' -> 2;
            case 'u' -> unicodeLength(source, at, end);
            default -> at + 2 < end && digit(source[at + 1]) >= 0 && digit(source[at + 2]) >= 0 ? 3 : 0;
        };
    }

    private static int unicodeLength(byte[] source, int at, int end) {
        int i = at + 3;
        if (i > end || source[at + 2] != '{') {
            return 0;
        }
        int value = 0;
        boolean digitBefore = false;
        while (i < end && (digit(source[i]) >= 0 || source[i] == '_' && digitBefore)) {
            digitBefore = source[i] != '_';
            value = digitBefore ? Math.min(value << 4 | digit(source[i]), 0x110000) : value;
            i++;
        }
        boolean fits = digitBefore && value < 0x110000 && (value < 0xd800 || value >= 0xe000);
        return fits && i < end && source[i] == '}' ? i + 1 - at : 0;
    }

    /** Where the string that begins at {@code start} ends; it is well-formed. */
    static int end(byte[] source, int start) {
        int at = start + 1;
        while (source[at] != '"') {
            at += source[at] == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    /** The bytes of the string from {@code start} to {@code end}, its quotation marks. */
    static byte[] bytes(byte[] source, int start, int end) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(end - start);
        int at = start + 1;
        while (at < end - 1) {
            if (source[at] != '\\') {
                bytes.write(source[at++]);
                continue;
            }
            int length = escapeLength(source, at, end);
            unescape(source, at, length, bytes);
            at += length;
        }
        return bytes.toByteArray();
    }

    private static void unescape(byte[] source, int at, int length, ByteArrayOutputStream bytes) {
        switch (source[at + 1]) {
            case 'n' -> bytes.write('\n');
            case 'r' -> bytes.write('\r');
            case 't' -> bytes.write('\t');
            case '\\', '\'', '"' -> bytes.write(source[at + 1]);
            case 'u' -> {
                String digits = new String(source, at + 3, length - 4, StandardCharsets.US_ASCII).replace("_", "");
                bytes.writeBytes(
                        Character.toString(Integer.parseInt(digits, 16)).getBytes(StandardCharsets.UTF_8));
            }
            default -> bytes.write(digit(source[at + 1]) << 4 | digit(source[at + 2]));
        }
    }

    private static int digit(byte c) {
        return Character.digit(c, 16);
    }
}
