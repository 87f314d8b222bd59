package io.selvage.wasm;

/**
 * What a field of a struct or an element of an array holds (core spec §2.3.9).
 *
 * @param type the type of the value that is put in and taken out; {@code i32} if it is packed
 * @param packing how many of its low bits are kept
 * @param mutable whether it can be set after it was made
 */
record FieldType(ValueType type, Packing packing, boolean mutable) {
    /** How an {@code i32} is stored. */
    enum Packing {
        /** As it is. */
        NONE,
        I8,
        I16
    }

    boolean isPacked() {
        return packing != Packing.NONE;
    }

    /** Whether it can be read as {@code other}, and written if {@code other} can be written (§3.3.11). */
    boolean isSubtypeOf(FieldType other) {
        if (packing != other.packing || mutable != other.mutable) {
            return false;
        }
        return mutable ? type == other.type : type.isSubtypeOf(other.type);
    }

    /** In the manner of the text format, for example {@code (mut i8)}. */
    @Override
    public String toString() {
        String stored = switch (packing) {
            case NONE -> type.toString();
            case I8 -> "i8";
            case I16 -> "i16";
        };
        return mutable ? "(mut " + stored + ")" : stored;
    }
}
