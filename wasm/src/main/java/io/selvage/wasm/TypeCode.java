package io.selvage.wasm;

/**
 * The types of values as numbers, for the validator's stacks. A number or vector type is the ordinal of its
 * {@link ValueType.Kind} plus one. A reference type has a heap type's number and a bit for null: an abstract heap type's
 * number is its ordinal, a defined one's its first type index after {@link #FIRST_DEFINED} ({@link ModuleTypes}).
 */
final class TypeCode {
    /** Any type: an operand that unreachable code takes from an empty stack (core spec §3.3, appendix A.3). */
    static final int UNKNOWN = 0;

    private static final int FIRST_REFERENCE = 16;

    /** The number of a heap type below all others, of a reference that unreachable code has. */
    static final int BOTTOM = 12;

    /** Where the numbers of defined types begin. */
    static final int FIRST_DEFINED = 16;

    static final int I32 = code(ValueType.I32);
    static final int I64 = code(ValueType.I64);
    static final int F32 = code(ValueType.F32);
    static final int F64 = code(ValueType.F64);
    static final int V128 = code(ValueType.V128);
    static final int FUNCREF = code(ValueType.FUNCREF);
    static final int EXNREF = code(ValueType.EXNREF);
    /** {@code (ref exn)}. */
    static final int EXCEPTION = reference(AbstractHeapType.EXN.ordinal(), false);

    static final int EXTERNREF = code(ValueType.EXTERNREF);

    private static final AbstractHeapType[] HEAPS = AbstractHeapType.values();
    private static final ValueType[] NUMBERS = {
        ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64, ValueType.V128
    };

    /** No types at all. */
    static final int[] NONE = {};

    /** Codes below this are of types that need no definition. */
    static final int PLAIN = FIRST_REFERENCE + 2 * FIRST_DEFINED;

    private static final int[][] SINGLE = new int[PLAIN][];

    static {
        for (int code = 1; code < SINGLE.length; code++) {
            SINGLE[code] = new int[] {code};
        }
    }

    private TypeCode() {}

    /** The code of a type that needs no definition. */
    static int code(ValueType type) {
        return type.isReference()
                ? reference(((AbstractHeapType) type.heap()).ordinal(), type.isNullable())
                : type.kind().ordinal() + 1;
    }

    /** The code of references to the heap type with this number. */
    static int reference(int heap, boolean nullable) {
        return FIRST_REFERENCE + (heap << 1 | (nullable ? 1 : 0));
    }

    /** A list of one type; the same one for every plain type. */
    static int[] single(int code) {
        return code < SINGLE.length ? SINGLE[code] : new int[] {code};
    }

    static boolean isReference(int code) {
        return code >= FIRST_REFERENCE;
    }

    /** Whether null is of a reference type. */
    static boolean isNullable(int code) {
        return (code & 1) != 0;
    }

    /** Whether variables of the type have a value to begin with. */
    static boolean isDefaultable(int code) {
        return code < FIRST_REFERENCE || isNullable(code);
    }

    /** The number of a reference type's heap type. */
    static int heap(int code) {
        return (code - FIRST_REFERENCE) >> 1;
    }

    /** The heap type with this number, which needs no definition. */
    static AbstractHeapType abstractHeap(int number) {
        return HEAPS[number];
    }

    /** The type that {@code code} stands for, which needs no definition. */
    static ValueType value(int code) {
        return isReference(code) ? ValueType.reference(HEAPS[heap(code)], isNullable(code)) : NUMBERS[code - 1];
    }

    static String text(int code) {
        if (code == UNKNOWN) {
            return "a value of any type";
        }
        return isReference(code) && heap(code) == BOTTOM
                ? "a reference of any type"
                : value(code).toString();
    }
}
