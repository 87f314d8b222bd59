package io.selvage.wasm;

/**
 * The types of the instructions that only take numbers from the stack and put one there (core spec §3.3.1), and of
 * those that go to memory, by opcode.
 */
final class NumericOpcode {
    /** Of the opcodes from {@link Opcode#I32_EQZ} to {@link Opcode#I64_EXTEND32_S}. */
    private static final short[] SIGNATURES = new short[0x100];

    /** Of the saturating conversions, by the number after {@link Opcode#PREFIX_FC}. */
    private static final short[] SATURATING = new short[8];

    /** The type that a load answers or a store takes. */
    private static final int[] MEMORY_TYPE = new int[Opcode.I64_STORE32 + 1];

    /** The binary logarithm of how many bytes a load or store moves. */
    private static final byte[] MEMORY_WIDTH = new byte[Opcode.I64_STORE32 + 1];

    static {
        numbers();
        saturating();
        memory();
    }

    private NumericOpcode() {}

    /**
     * What an instruction takes and answers, packed for {@link #first}, {@link #second} and {@link #result}; 0 if the
     * opcode is not one of these instructions.
     */
    static int signature(int opcode) {
        return SIGNATURES[opcode];
    }

    static int saturating(int opcode) {
        return SATURATING[opcode];
    }

    /** The type of the operand that is taken first. */
    static int first(int signature) {
        return signature & 0xf;
    }

    /** The type of the operand below it; 0 if the instruction takes only one. */
    static int second(int signature) {
        return signature >> 4 & 0xf;
    }

    static int result(int signature) {
        return signature >> 8;
    }

    static int memoryType(int opcode) {
        return MEMORY_TYPE[opcode];
    }

    static int memoryWidth(int opcode) {
        return MEMORY_WIDTH[opcode];
    }

    private static void numbers() {
        int opcode = Opcode.I32_EQZ;
        opcode = compare(opcode, TypeCode.I32, 1, 10);
        opcode = compare(opcode, TypeCode.I64, 1, 10);
        opcode = compare(opcode, TypeCode.F32, 0, 6);
        opcode = compare(opcode, TypeCode.F64, 0, 6);
        opcode = arithmetic(opcode, TypeCode.I32, 3, 15);
        opcode = arithmetic(opcode, TypeCode.I64, 3, 15);
        opcode = arithmetic(opcode, TypeCode.F32, 7, 7);
        arithmetic(opcode, TypeCode.F64, 7, 7);
        int i = TypeCode.I32;
        int l = TypeCode.I64;
        int f = TypeCode.F32;
        int d = TypeCode.F64;
        int[] from = {l, f, f, d, d, i, i, f, f, d, d, i, i, l, l, d, i, i, l, l, f, f, d, i, l, i, i, l, l, l};
        int[] to = {i, i, i, i, i, l, l, l, l, l, l, f, f, f, f, f, d, d, d, d, d, i, l, f, d, i, i, l, l, l};
        for (int k = 0; k < from.length; k++) {
            SIGNATURES[Opcode.I32_WRAP_I64 + k] = pack(from[k], 0, to[k]);
        }
    }

    private static int compare(int opcode, int type, int unary, int binary) {
        return fill(opcode, type, TypeCode.I32, unary, binary);
    }

    private static int arithmetic(int opcode, int type, int unary, int binary) {
        return fill(opcode, type, type, unary, binary);
    }

    /** So many instructions of one operand from {@code opcode}, then so many of two. */
    private static int fill(int opcode, int type, int result, int unary, int binary) {
        for (int k = 0; k < unary + binary; k++) {
            SIGNATURES[opcode + k] = pack(type, k < unary ? 0 : type, result);
        }
        return opcode + unary + binary;
    }

    private static void saturating() {
        for (int k = 0; k < SATURATING.length; k++) {
            SATURATING[k] = pack((k & 2) == 0 ? TypeCode.F32 : TypeCode.F64, 0, k < 4 ? TypeCode.I32 : TypeCode.I64);
        }
    }

    private static short pack(int first, int second, int result) {
        return (short) (first | second << 4 | result << 8);
    }

    private static void memory() {
        int i = TypeCode.I32;
        int l = TypeCode.I64;
        int f = TypeCode.F32;
        int d = TypeCode.F64;
        int[] type = {i, l, f, d, i, i, i, i, l, l, l, l, l, l, i, l, f, d, i, i, l, l, l};
        byte[] width = {2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2};
        System.arraycopy(type, 0, MEMORY_TYPE, Opcode.I32_LOAD, type.length);
        System.arraycopy(width, 0, MEMORY_WIDTH, Opcode.I32_LOAD, width.length);
    }
}
