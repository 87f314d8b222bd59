package io.selvage.wasm.text;

import io.selvage.wasm.TextException;
import java.util.List;

/** Reads the {@code .wast} scripts in which the specification's test suite is written. */
public final class WebAssemblyScript {
    private WebAssemblyScript() {}

    /**
     * The commands of a script, in order.
     *
     * @param text in UTF-8
     * @throws TextException if it is no script; a malformed module in it counts only when its binary is asked for
     */
    public static List<ScriptCommand> parse(byte[] text) {
        return new ScriptParser(new Cursor(Lexer.lex(text))).script();
    }
}
