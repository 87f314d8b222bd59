package io.selvage.node;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the little JSON that the node says: objects of texts, numbers, booleans, lists and maps (RFC 8259). */
public final class Json {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Json() {}

    /** An object of names and values in turn; numbers, booleans, lists and maps stay such, anything else becomes text. */
    public static String object(Object... fields) {
        StringBuilder to = new StringBuilder("{");
        members(to, fields);
        if (to.length() > 1) {
            to.deleteCharAt(1);
        }
        return to.append('}').toString();
    }

    /** Each member with a comma before it. */
    static void members(StringBuilder to, Object... fields) {
        for (int i = 0; i + 1 < fields.length; i += 2) {
            to.append(',');
            string(to, String.valueOf(fields[i]));
            to.append(':');
            value(to, fields[i + 1]);
        }
    }

    private static void value(StringBuilder to, @Nullable Object value) {
        switch (value) {
            case Integer number -> to.append(number);
            case Long number -> to.append(number);
            case Boolean truth -> to.append(truth);
            case Double number when Double.isFinite(number) -> to.append(number);
            case Collection<?> list -> {
                to.append('[');
                String comma = "";
                for (Object element : list) {
                    to.append(comma);
                    value(to, element);
                    comma = ",";
                }
                to.append(']');
            }
            case Map<?, ?> map -> {
                StringBuilder members = new StringBuilder();
                map.forEach((name, inner) -> members(members, name, inner));
                to.append('{')
                        .append(members.isEmpty() ? "" : members.substring(1))
                        .append('}');
            }
            case null, default -> string(to, String.valueOf(value));
        }
    }

    /** A text in quotes. */
    static void string(StringBuilder to, String text) {
        to.append('"');
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f && (!Character.isSurrogate(c) || paired(text, i))) {
                continue;
            }
            to.append(text, plain, i);
            plain = i + 1;
            escape(to, c);
        }
        to.append(text, plain, text.length()).append('"');
    }

    private static void escape(StringBuilder to, char c) {
        switch (c) {
            case '"' -> to.append("\\\"");
            case '\\' -> to.append("\\\\");
            case '\n' -> to.append("\\n");
            case '\r' -> to.append("\\r");
            case '\t' -> to.append("\\t");
            default ->
                to.append("\\u")
                        .append(HEX[c >> 12])
                        .append(HEX[c >> 8 & 15])
                        .append(HEX[c >> 4 & 15])
                        .append(HEX[c & 15]);
        }
    }

    private static boolean paired(String text, int i) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c)
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
