package io.selvage.gateway;

/** Tells what may be the name, and what the value, of a field (RFC 9110 §5.1, §5.5). */
final class FieldSyntax {
    private static final boolean[] TOKEN = new boolean[128];

    static {
        for (char c = '!'; c < 127; c++) {
            TOKEN[c] = Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }
    }

    private FieldSyntax() {}

    /** Whether a character may be part of a token (RFC 9110 §5.6.2). */
    static boolean isToken(char c) {
        return c < 128 && TOKEN[c];
    }

    /** Whether a text is a token, as a field's name and a method are. */
    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isToken(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether a text can be a field's value: no character of it ends a line, or has more than one byte. */
    static boolean isValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }
}
