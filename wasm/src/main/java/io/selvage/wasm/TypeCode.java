package io.selvage.wasm;

import java.util.List;

/** The types of values as single bytes, for the validator's stacks: the ordinal of the {@link ValueType} plus one. */
final class TypeCode {
    /** Any type: an operand that unreachable code takes from an empty stack (core spec §3.3, appendix A.3). */
    static final byte UNKNOWN = 0;

    static final byte I32 = code(ValueType.I32);
    static final byte I64 = code(ValueType.I64);
    static final byte F32 = code(ValueType.F32);
    static final byte F64 = code(ValueType.F64);
    static final byte FUNCREF = code(ValueType.FUNCREF);
    static final byte EXTERNREF = code(ValueType.EXTERNREF);

    private static final ValueType[] TYPES = ValueType.values();

    /** No types at all. */
    static final byte[] NONE = {};

    private static final byte[][] SINGLE = new byte[TYPES.length + 1][];

    static {
        for (byte code = 1; code < SINGLE.length; code++) {
            SINGLE[code] = new byte[] {code};
        }
    }

    private TypeCode() {}

    static byte code(ValueType type) {
        return (byte) (type.ordinal() + 1);
    }

    /** The types in order; the same array for every list of one. */
    static byte[] codes(List<ValueType> types) {
        int size = types.size();
        if (size <= 1) {
            return size == 0 ? NONE : single(code(types.getFirst()));
        }
        byte[] codes = new byte[size];
        for (int i = 0; i < size; i++) {
            codes[i] = code(types.get(i));
        }
        return codes;
    }

    static byte[] single(byte code) {
        return SINGLE[code];
    }

    static boolean isReference(byte code) {
        return code == FUNCREF || code == EXTERNREF;
    }

    static String text(byte code) {
        return code == UNKNOWN ? "a value of any type" : TYPES[code - 1].toString();
    }
}
