package io.selvage.cli;

/** Texts of modules that others have made, for a terminal: what would steer it, or begin a line, is shown as an escape. */
final class Visible {
    private Visible() {}

    /** A name, as part of a line. */
    static String name(String name) {
        return shown(name, false);
    }

    /** A message, of one line or more, in which names may stand. */
    static String message(String message) {
        return shown(message, true);
    }

    private static String shown(String text, boolean withLines) {
        StringBuilder shown = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean steers = Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
            if (steers && !(withLines && c == '\n')) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.toString();
    }
}
