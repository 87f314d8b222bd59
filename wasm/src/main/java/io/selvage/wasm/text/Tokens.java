package io.selvage.wasm.text;

import io.selvage.wasm.TextException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tokens of a text, and the annotations between them. */
final class Tokens {
    private static final TokenKind[] KINDS = TokenKind.values();

    private final byte[] source;
    private byte[] kinds = new byte[64];
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private int count;
    private final List<Annotation> annotations = new ArrayList<>();

    /** Up to where lines have been counted, in bytes, and how many there were. */
    private int counted;

    private int lines = 1;

    Tokens(byte[] source) {
        this.source = source;
    }

    void add(TokenKind kind, int start, int end) {
        if (count == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * count);
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        kinds[count] = (byte) kind.ordinal();
        starts[count] = start;
        ends[count++] = end;
    }

    void annotate(int offset, String name, int start, int end) {
        annotations.add(new Annotation(count, offset, name, start, end));
    }

    byte[] source() {
        return source;
    }

    int count() {
        return count;
    }

    TokenKind kind(int token) {
        return KINDS[kinds[token]];
    }

    /** Where the token begins, in bytes. */
    int start(int token) {
        return starts[token];
    }

    int end(int token) {
        return ends[token];
    }

    /** In the order of the text. */
    List<Annotation> annotations() {
        return annotations;
    }

    /** The line of a token, from 1; quick if asked in the order of the text. */
    int line(int token) {
        if (starts[token] < counted) {
            counted = 0;
            lines = 1;
        }
        while (counted < starts[token]) {
            lines += isLineEnd(source, counted++) ? 1 : 0;
        }
        return lines;
    }

    private static boolean isLineEnd(byte[] source, int at) {
        return source[at] == '\n' || source[at] == '\r' && (at + 1 == source.length || source[at + 1] != '\n');
    }

    /** An error at a place of the text, given in bytes. */
    static TextException error(byte[] source, int offset, String message) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < offset; i++) {
            if (isLineEnd(source, i)) {
                line++;
                column = 1;
            } else if ((source[i] & 0xc0) != 0x80 && source[i] != '\r') {
                column++;
            }
        }
        return new TextException(message, line, column);
    }
}
