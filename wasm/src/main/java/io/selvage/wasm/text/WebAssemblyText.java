package io.selvage.wasm.text;

import io.selvage.wasm.TextException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns modules in the text format (core spec §6) into the binary format, with the names of the text in a name section.
 * It is not said that the module is valid; that the engine finds out when it loads it.
 *
 * <pre>{@code
 * byte[] binary = WebAssemblyText.parse("(module (func (export \"one\") (result i32) i32.const 1))");
 * Module module = Engine.create().load(binary);
 * }</pre>
 */
public final class WebAssemblyText {
    private WebAssemblyText() {}

    /**
     * The binary format of a module.
     *
     * @param text {@code (module …)}, or only its fields
     * @throws TextException if it is not a module in the text format
     */
    public static byte[] parse(String text) {
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return parse(Arrays.copyOf(utf8.array(), utf8.limit()));
        } catch (CharacterCodingException e) {
            throw new TextException("malformed UTF-8 encoding: half a surrogate pair", 1, 1);
        }
    }

    /**
     * The binary format of a module.
     *
     * @param text in UTF-8
     * @throws TextException if it is not a module in the text format
     */
    public static byte[] parse(byte[] text) {
        return ModuleParser.text(new Cursor(Lexer.lex(text)));
    }

    /**
     * Whether this looks like text rather than like a module in the binary format: its first character other than
     * white space opens a parenthesis or a comment.
     */
    public static boolean isText(byte[] moduleOrText) {
        for (byte c : moduleOrText) {
            switch (c) {
                case ' ', '\t', '\n', '\r' -> {}
                case '(', ';' -> {
                    return true;
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    /**
     * A module in the binary format: as it is if it is in that format, else from the text.
     *
     * @throws TextException if it is text, but not a module in the text format
     */
    public static byte[] binary(byte[] moduleOrText) {
        return isText(moduleOrText) ? parse(moduleOrText) : moduleOrText;
    }
}
