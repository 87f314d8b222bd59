package io.selvage.wasm.text;

import io.selvage.wasm.TextException;
import java.util.function.Supplier;

/** A module as it stands in a script; what is text is read when it is needed, so that it may be malformed. */
public final class ScriptModule {
    /** How it is written. */
    public enum Form {
        TEXT,
        BINARY,
        /** Text in strings, which may be malformed. */
        QUOTE
    }

    private final Form form;
    private final Supplier<byte[]> binary;

    private ScriptModule(Form form, Supplier<byte[]> binary) {
        this.form = form;
        this.binary = binary;
    }

    /** A module in the binary format. */
    public static ScriptModule binary(byte[] bytes) {
        return new ScriptModule(Form.BINARY, bytes::clone);
    }

    /** A text in UTF-8, if it is well-formed. */
    public static ScriptModule quote(byte[] text) {
        return new ScriptModule(Form.QUOTE, () -> WebAssemblyText.parse(text));
    }

    static ScriptModule text(Supplier<byte[]> binary) {
        return new ScriptModule(Form.TEXT, binary);
    }

    public Form form() {
        return form;
    }

    /**
     * The binary format.
     *
     * @throws TextException if it is text that is malformed
     */
    public byte[] binary() {
        return binary.get();
    }
}
