package io.selvage.wasm.text;

import io.selvage.wasm.TextException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Cuts a text into tokens (core spec §6.3). Comments go; annotations are kept beside the tokens. */
final class Lexer {
    private static final boolean[] ID_CHARACTER = new boolean[128];

    static {
        for (char c = '!'; c <= '~'; c++) {
            ID_CHARACTER[c] = "\"(),;[]{}".indexOf(c) < 0;
        }
    }

    private final byte[] source;
    private final int end;
    private final Tokens tokens;
    private int at;

    private Lexer(byte[] source, int start, int end) {
        this.source = source;
        this.end = end;
        at = start;
        tokens = new Tokens(source);
    }

    /**
     * All tokens of a text in UTF-8, {@link TokenKind#END} after the last.
     *
     * @throws TextException if there is something that is no token
     */
    static Tokens lex(byte[] source) {
        return lex(source, 0, source.length);
    }

    /** The tokens from {@code start} to {@code end}. */
    static Tokens lex(byte[] source, int start, int end) {
        Lexer lexer = new Lexer(source, start, end);
        while (lexer.next()) {}
        lexer.tokens.add(TokenKind.END, end, end);
        return lexer.tokens;
    }

    private boolean next() {
        if (at >= end) {
            return false;
        }
        int start = at;
        switch (source[at]) {
            case ' ', '\t', '\n', '\r' -> at++;
            case '(' -> open();
            case ')' -> single(TokenKind.CLOSE);
            case ';' -> {
                if (!lineComment()) {
                    single(TokenKind.RESERVED);
                }
            }
            case ',', '[', ']', '{', '}' -> single(TokenKind.RESERVED);
            default -> {
                if (!isRun(source[at])) {
                    throw stray(source[at] < 0 ? "misplaced unicode character" : "misplaced control character");
                }
                run();
                tokens.add(classify(start), start, at);
            }
        }
        return true;
    }

    private void single(TokenKind kind) {
        tokens.add(kind, at, ++at);
    }

    private void open() {
        if (follows(';')) {
            blockComment();
        } else if (follows('@')) {
            annotation();
        } else {
            single(TokenKind.OPEN);
        }
    }

    private boolean follows(char next) {
        return at + 1 < end && source[at + 1] == next;
    }

    private boolean lineComment() {
        if (!follows(';')) {
            return false;
        }
        while (at < end && source[at] != '\n' && source[at] != '\r') {
            character();
        }
        return true;
    }

    private void blockComment() {
        int start = at;
        int depth = 0;
        do {
            if (at >= end) {
                throw error(start, "unclosed comment");
            } else if (source[at] == '(' && follows(';')) {
                depth++;
                at += 2;
            } else if (source[at] == ';' && follows(')')) {
                depth--;
                at += 2;
            } else {
                character();
            }
        } while (depth > 0);
    }

    private void annotation() {
        int start = at;
        at += 2;
        String name = annotationName(start);
        int content = at;
        int depth = 1;
        while (depth > 0) {
            if (at >= end) {
                throw error(start, "unclosed annotation");
            }
            depth += annotationToken();
        }
        tokens.annotate(start, name, content, at - 1);
    }

    private String annotationName(int start) {
        int from = at;
        if (at < end && source[at] == '"') {
            string();
            byte[] name = StringLiteral.bytes(source, from, at);
            if (name.length == 0) {
                throw error(start, "empty annotation id");
            }
            return utf8(name, from);
        }
        while (at < end && isIdCharacter(source[at])) {
            at++;
        }
        if (at == from) {
            throw error(start, "empty annotation id");
        }
        return utf8(Arrays.copyOfRange(source, from, at), from);
    }

    /** Goes over one token of an annotation; answers how much deeper it leads. */
    private int annotationToken() {
        switch (source[at]) {
            case '(' -> {
                if (follows(';')) {
                    blockComment();
                    return 0;
                }
                at++;
                return 1;
            }
            case ')' -> {
                at++;
                return -1;
            }
            case ';' -> {
                if (!lineComment()) {
                    at++;
                }
            }
            case ' ', '\t', '\n', '\r', ',', '[', ']', '{', '}' -> at++;
            default -> {
                if (!isRun(source[at])) {
                    throw stray("illegal character");
                }
                int start = at;
                run();
                classify(start);
            }
        }
        return 0;
    }

    /** Goes over the characters of names and over strings as long as they touch. */
    private void run() {
        while (at < end && isRun(source[at])) {
            if (source[at] == '"') {
                string();
            } else {
                at++;
            }
        }
    }

    private static boolean isRun(byte c) {
        return c == '"' || isIdCharacter(c);
    }

    private static boolean isIdCharacter(byte c) {
        return c >= 0 && ID_CHARACTER[c];
    }

    /** What the run of characters from {@code start} up to here is. */
    private TokenKind classify(int start) {
        int quote = start;
        while (quote < at && source[quote] != '"') {
            quote++;
        }
        boolean plain = quote == at;
        boolean lastIsString = !plain && StringLiteral.end(source, quote) == at;
        if (source[start] == '$') {
            return id(start, quote, plain, lastIsString);
        }
        if (!plain) {
            return quote == start && lastIsString ? TokenKind.STRING : TokenKind.RESERVED;
        }
        TokenKind number = NumberText.classify(source, start, at);
        if (number != TokenKind.RESERVED) {
            return number;
        }
        return source[start] >= 'a' && source[start] <= 'z' ? TokenKind.KEYWORD : TokenKind.RESERVED;
    }

    private TokenKind id(int start, int quote, boolean plain, boolean lastIsString) {
        if (plain) {
            if (at == start + 1) {
                throw error(start, "empty identifier");
            }
            return TokenKind.ID;
        }
        if (quote != start + 1 || !lastIsString) {
            return TokenKind.RESERVED;
        }
        byte[] name = StringLiteral.bytes(source, quote, at);
        if (name.length == 0) {
            throw error(start, "empty identifier");
        }
        utf8(name, quote);
        return TokenKind.ID;
    }

    /** Goes over a string, which begins here. */
    private void string() {
        int start = at++;
        String unfit = unfit(start);
        while (at < end && source[at] != '"') {
            byte c = source[at];
            if (c == '\\') {
                escape();
            } else if (c == '\n' || c == '\r') {
                throw error(start, unfit.isEmpty() ? "unclosed string literal" : unfit + ": a line ends within it");
            } else if (c >= 0 && c < ' ' || c == 0x7f) {
                throw error(
                        at,
                        unfit.isEmpty()
                                ? "illegal control character in string literal"
                                : unfit + ": it has a control character");
            } else {
                character();
            }
        }
        if (at >= end) {
            throw error(start, "unclosed string literal");
        }
        at++;
    }

    /** What a string that begins here is called if it may not be one; empty if it is not part of a name. */
    private String unfit(int start) {
        return switch (start == 0 ? ' ' : source[start - 1]) {
            case '$' -> "empty identifier";
            case '@' -> "empty annotation id";
            default -> "";
        };
    }

    private void escape() {
        int length = StringLiteral.escapeLength(source, at, end);
        if (length == 0) {
            throw error(at, "illegal escape");
        }
        at += length;
    }

    /** Goes over one character of any kind. */
    private void character() {
        int length = Utf8.length(source, at, end);
        if (length == 0) {
            throw error(at, "malformed UTF-8 encoding");
        }
        at += length;
    }

    private String utf8(byte[] bytes, int offset) {
        if (!Utf8.isValid(bytes)) {
            throw error(offset, "malformed UTF-8 encoding");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The error that the character here belongs to no token. */
    private TextException stray(String message) {
        return error(at, Utf8.length(source, at, end) == 0 ? "malformed UTF-8 encoding" : message);
    }

    private TextException error(int offset, String message) {
        return Tokens.error(source, offset, message);
    }
}
