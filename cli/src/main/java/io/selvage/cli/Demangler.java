package io.selvage.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes a readable path of the simple kinds of mangled names: plain and nested names of the Itanium C++ ABI, and Rust's
 * older ones. Linkers mostly have done it already; anything else stays as it is.
 */
final class Demangler {
    private static final Map<String, String> RUST = Map.of(
            "$LT$", "<", "$GT$", ">", "$RF$", "&", "$BP$", "*", "$C$", ",", "$u20$", " ", "$u7b$", "{", "$u7d$", "}",
            "$LP$", "(", "$RP$", ")");

    private Demangler() {}

    /** {@code std::vector} for {@code _ZSt6vector}-like names is beyond it; {@code a::b} for {@code _ZN1a1bEv} is not. */
    static String demangle(String name) {
        if (!name.startsWith("_Z")) {
            return name;
        }
        boolean nested = name.startsWith("_ZN");
        List<String> parts = new ArrayList<>();
        int position = nested ? 3 : 2;
        while (nested && position < name.length() && name.charAt(position) == 'K') {
            position++;
        }
        while (position < name.length() && Character.isDigit(name.charAt(position))) {
            int digits = position;
            int length = 0;
            while (digits < name.length() && Character.isDigit(name.charAt(digits)) && length < 10_000) {
                length = length * 10 + name.charAt(digits++) - '0';
            }
            if (length == 0 || digits + length > name.length()) {
                return name;
            }
            parts.add(name.substring(digits, digits + length));
            position = digits + length;
            if (!nested) {
                break;
            }
        }
        boolean whole = !parts.isEmpty() && (!nested || position < name.length() && name.charAt(position) == 'E');
        return whole ? path(parts) : name;
    }

    private static String path(List<String> parts) {
        String last = parts.getLast();
        boolean rust = last.matches("h[0-9a-f]{16}") && parts.size() > 1;
        if (!rust) {
            return String.join("::", parts);
        }
        String path = String.join("::", parts.subList(0, parts.size() - 1));
        for (Map.Entry<String, String> escape : RUST.entrySet()) {
            path = path.replace(escape.getKey(), escape.getValue());
        }
        return path.replace("..", "::").replaceAll("(^|::|<)_<", "$1<");
    }
}
