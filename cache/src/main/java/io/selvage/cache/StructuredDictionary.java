package io.selvage.cache;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads a Dictionary of RFC 9651 §4.2.2 as far as cache directives need it: items with parameters, no inner lists. */
final class StructuredDictionary {
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super(null, null, false, false);
        }
    }

    private final String text;
    private int at;

    private StructuredDictionary(String text) {
        this.text = text;
    }

    /**
     * The members in order; a value is a {@code Boolean}, {@code Long}, {@code Double} or {@code String}. Nothing if the
     * text is malformed.
     */
    static Optional<Map<String, Object>> parse(String text) {
        try {
            return Optional.of(new StructuredDictionary(text).members());
        } catch (Malformed _) {
            return Optional.empty();
        }
    }

    private Map<String, Object> members() throws Malformed {
        Map<String, Object> members = new LinkedHashMap<>();
        skip(" ");
        while (at < text.length()) {
            String key = key();
            Object value = take('=') ? item() : Boolean.TRUE;
            parameters();
            members.remove(key);
            members.put(key, value);
            skip(" \t");
            if (at == text.length()) {
                return members;
            }
            require(take(','));
            skip(" \t");
            require(at < text.length());
        }
        return members;
    }

    private void parameters() throws Malformed {
        while (take(';')) {
            skip(" ");
            key();
            if (take('=')) {
                item();
            }
        }
    }

    private String key() throws Malformed {
        int start = at;
        require(at < text.length() && (text.charAt(at) == '*' || isLower(text.charAt(at))));
        while (at < text.length() && (isLower(text.charAt(at)) || isDigit(text.charAt(at)) || in("_-.*"))) {
            at++;
        }
        return text.substring(start, at);
    }

    private Object item() throws Malformed {
        require(at < text.length());
        char c = text.charAt(at);
        if (c == '"') {
            return string();
        }
        if (c == '?') {
            at++;
            boolean value = take('1');
            require(value || take('0'));
            return value;
        }
        return c == '-' || isDigit(c) ? number() : token();
    }

    private Object number() throws Malformed {
        int start = at;
        take('-');
        int digits = at;
        while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        String number = text.substring(start, at);
        require(at > digits && at - digits <= 15 && isDigit(text.charAt(at - 1)) && isDigit(text.charAt(digits)));
        require(number.indexOf('.') == number.lastIndexOf('.'));
        return number.indexOf('.') < 0 ? (Object) Long.parseLong(number) : (Object) Double.parseDouble(number);
    }

    private String string() throws Malformed {
        StringBuilder value = new StringBuilder();
        at++;
        while (!take('"')) {
            boolean escaped = take('\\');
            require(at < text.length() && text.charAt(at) >= ' ' && text.charAt(at) < 127);
            require(!escaped || in("\"\\"));
            value.append(text.charAt(at++));
        }
        return value.toString();
    }

    private String token() throws Malformed {
        int start = at;
        require(Character.isLetter(text.charAt(at)) || text.charAt(at) == '*');
        while (at < text.length()
                && text.charAt(at) < 127
                && (Character.isLetterOrDigit(text.charAt(at)) || in("!#$%&'*+-.^_`|~:/"))) {
            at++;
        }
        return text.substring(start, at);
    }

    private boolean in(String set) {
        return set.indexOf(text.charAt(at)) >= 0;
    }

    private boolean take(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void skip(String set) {
        while (at < text.length() && in(set)) {
            at++;
        }
    }

    private static void require(boolean holds) throws Malformed {
        if (!holds) {
            throw new Malformed();
        }
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
