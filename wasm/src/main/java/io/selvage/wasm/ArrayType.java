package io.selvage.wasm;

/** The elements of an array (core spec §2.3.9). */
record ArrayType(FieldType element) implements CompositeType {
    /** In the manner of the text format, for example {@code (array (mut i8))}. */
    @Override
    public String toString() {
        return "(array " + element + ")";
    }
}
