package io.selvage.wasm;

/** An extension of WebAssembly 1.0 that a module can use; the text is the name that compilers and tools give it. */
public enum Feature {
    MUTABLE_GLOBALS("mutable-globals"),
    SIGN_EXTENSION("sign-ext"),
    SATURATING_CONVERSIONS("nontrapping-fptoint"),
    MULTI_VALUE("multivalue"),
    BULK_MEMORY("bulk-memory"),
    REFERENCE_TYPES("reference-types"),
    TAIL_CALL("tail-call"),
    EXTENDED_CONSTANTS("extended-const"),
    SIMD("simd128"),
    RELAXED_SIMD("relaxed-simd"),
    THREADS("atomics"),
    EXCEPTION_HANDLING("exception-handling"),
    MULTI_MEMORY("multimemory"),
    MEMORY64("memory64"),
    FUNCTION_REFERENCES("function-references"),
    GARBAGE_COLLECTION("gc");

    private final String text;

    Feature(String text) {
        this.text = text;
    }

    /** The name as in the {@code target_features} of compilers, for example {@code bulk-memory}. */
    @Override
    public String toString() {
        return text;
    }
}
