package io.selvage.wasm;

/** A type of WebAssembly value (core spec §2.3.1–2.3.4), with its code in the binary format (§5.3.1–5.3.4). */
public enum ValueType {
    /** A 32-bit integer; {@code int} in Java. */
    I32(0x7f, "i32"),
    /** A 64-bit integer; {@code long} in Java. */
    I64(0x7e, "i64"),
    /** An IEEE 754 binary32 number; {@code float} in Java. */
    F32(0x7d, "f32"),
    /** An IEEE 754 binary64 number; {@code double} in Java. */
    F64(0x7c, "f64"),
    /** A 128-bit vector. The engine decodes and names it, but does not run it yet. */
    V128(0x7b, "v128"),
    /** A reference to a function, or null; {@link Function} in Java. */
    FUNCREF(0x70, "funcref"),
    /** A reference to any object of the host, or null; {@link Object} in Java. */
    EXTERNREF(0x6f, "externref");

    private final int code;
    private final String text;

    ValueType(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** The byte that stands for this type in the binary format. */
    public int code() {
        return code;
    }

    /** Whether this is one of the reference types. */
    public boolean isReference() {
        return this == FUNCREF || this == EXTERNREF;
    }

    /** Whether this is one of {@code i32 i64 f32 f64}. */
    public boolean isNumeric() {
        return compareTo(F64) <= 0;
    }

    /** The name in the text format, for example {@code i32}. */
    @Override
    public String toString() {
        return text;
    }
}
