package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/**
 * The instructions that take operands, give a result and do nothing else (core spec §5.4.5–5.4.7): how each looks in
 * JVM code.
 */
final class SimpleInstructions {
    private static final String OPS = Ops.class.getName().replace('.', '/');

    /**
     * One instruction.
     *
     * @param operands the types of its operands, one character each
     * @param result the type of its result
     * @param narrow whether its second operand is narrowed from i64 to i32 first: shifts
     * @param opcode the JVM instruction, or -1
     * @param owner the class of the static method to call if there is no JVM instruction
     * @param method that method
     * @param descriptor that method's descriptor
     */
    private record Instruction(
            String operands, char result, boolean narrow, int opcode, String owner, String method, String descriptor) {}

    /**
     * From {@code i32.eqz} (0x45) to {@code i64.extend32_s} (0xc4): operands, result, and what does it: a JVM opcode, a
     * method of {@link Ops}, or a method of the JDK; {@code S} before it marks the shifts of i64.
     */
    private static final String TABLE = """
            I I i32Eqz
            II I i32Eq
            II I i32Ne
            II I i32LtS
            II I i32LtU
            II I i32GtS
            II I i32GtU
            II I i32LeS
            II I i32LeU
            II I i32GeS
            II I i32GeU
            J I i64Eqz
            JJ I i64Eq
            JJ I i64Ne
            JJ I i64LtS
            JJ I i64LtU
            JJ I i64GtS
            JJ I i64GtU
            JJ I i64LeS
            JJ I i64LeU
            JJ I i64GeS
            JJ I i64GeU
            FF I f32Eq
            FF I f32Ne
            FF I f32Lt
            FF I f32Gt
            FF I f32Le
            FF I f32Ge
            DD I f64Eq
            DD I f64Ne
            DD I f64Lt
            DD I f64Gt
            DD I f64Le
            DD I f64Ge
            I I java/lang/Integer.numberOfLeadingZeros(I)I
            I I java/lang/Integer.numberOfTrailingZeros(I)I
            I I java/lang/Integer.bitCount(I)I
            II I 96
            II I 100
            II I 104
            II I i32DivS
            II I java/lang/Integer.divideUnsigned(II)I
            II I 112
            II I java/lang/Integer.remainderUnsigned(II)I
            II I 126
            II I 128
            II I 130
            II I 120
            II I 122
            II I 124
            II I java/lang/Integer.rotateLeft(II)I
            II I java/lang/Integer.rotateRight(II)I
            J J java/lang/Long.numberOfLeadingZeros(J)I
            J J java/lang/Long.numberOfTrailingZeros(J)I
            J J java/lang/Long.bitCount(J)I
            JJ J 97
            JJ J 101
            JJ J 105
            JJ J i64DivS
            JJ J java/lang/Long.divideUnsigned(JJ)J
            JJ J 113
            JJ J java/lang/Long.remainderUnsigned(JJ)J
            JJ J 127
            JJ J 129
            JJ J 131
            JJ J S121
            JJ J S123
            JJ J S125
            JJ J Sjava/lang/Long.rotateLeft(JI)J
            JJ J Sjava/lang/Long.rotateRight(JI)J
            F F f32Abs
            F F f32Neg
            F F f32Ceil
            F F f32Floor
            F F f32Trunc
            F F f32Nearest
            F F f32Sqrt
            FF F 98
            FF F 102
            FF F 106
            FF F 110
            FF F f32Min
            FF F f32Max
            FF F f32Copysign
            D D f64Abs
            D D f64Neg
            D D f64Ceil
            D D f64Floor
            D D f64Trunc
            D D f64Nearest
            D D f64Sqrt
            DD D 99
            DD D 103
            DD D 107
            DD D 111
            DD D f64Min
            DD D f64Max
            DD D f64Copysign
            J I 136
            F I i32TruncF32S
            F I i32TruncF32U
            D I i32TruncF64S
            D I i32TruncF64U
            I J 133
            I J i64ExtendI32U
            F J i64TruncF32S
            F J i64TruncF32U
            D J i64TruncF64S
            D J i64TruncF64U
            I F 134
            I F f32ConvertI32U
            J F 137
            J F f32ConvertI64U
            D F 144
            I D 135
            I D f64ConvertI32U
            J D 138
            J D f64ConvertI64U
            F D 141
            F I java/lang/Float.floatToRawIntBits(F)I
            D J java/lang/Double.doubleToRawLongBits(D)J
            I F java/lang/Float.intBitsToFloat(I)F
            J D java/lang/Double.longBitsToDouble(J)D
            I I 145
            I I 147
            J J i64Extend8S
            J J i64Extend16S
            J J i64Extend32S
            """;

    /** From {@code i32.trunc_sat_f32_s} (0xfc 0) to {@code i64.trunc_sat_f64_u} (0xfc 7). */
    private static final String SATURATING = """
            F I 139
            F I i32TruncSatF32U
            D I 142
            D I i32TruncSatF64U
            F J 140
            F J i64TruncSatF32U
            D J 143
            D J i64TruncSatF64U
            """;

    /** From {@code i32.load} (0x28) to {@code i64.store32} (0x3e): the type of the value and the method of {@link Ops}. */
    private static final String MEMORY = """
            I i32Load
            J i64Load
            F f32Load
            D f64Load
            I i32Load8S
            I i32Load8U
            I i32Load16S
            I i32Load16U
            J i64Load8S
            J i64Load8U
            J i64Load16S
            J i64Load16U
            J i64Load32S
            J i64Load32U
            I i32Store
            J i64Store
            F f32Store
            D f64Store
            I i32Store8
            I i32Store16
            J i64Store8
            J i64Store16
            J i64Store32
            """;

    private static final Instruction[] NUMERIC = parse(TABLE);
    private static final Instruction[] CONVERSIONS = parse(SATURATING);
    private static final char[] MEMORY_TYPES = new char[0x3f - 0x28];
    private static final String[] MEMORY_METHODS = new String[0x3f - 0x28];

    static {
        String[] lines = MEMORY.strip().split("\n");
        for (int i = 0; i < lines.length; i++) {
            MEMORY_TYPES[i] = lines[i].charAt(0);
            MEMORY_METHODS[i] = lines[i].substring(2);
        }
    }

    private SimpleInstructions() {}

    private static Instruction[] parse(String table) {
        return table.strip().lines().map(SimpleInstructions::parseLine).toArray(Instruction[]::new);
    }

    private static Instruction parseLine(String line) {
        String[] parts = line.split(" ");
        boolean narrow = parts[2].startsWith("S");
        String action = narrow ? parts[2].substring(1) : parts[2];
        char result = parts[1].charAt(0);
        if (Character.isDigit(action.charAt(0))) {
            return new Instruction(parts[0], result, narrow, Integer.parseInt(action), "", "", "");
        }
        int dot = action.indexOf('.');
        if (dot < 0) {
            return new Instruction(parts[0], result, narrow, -1, OPS, action, "(" + parts[0] + ")" + result);
        }
        int descriptor = action.indexOf('(');
        return new Instruction(
                parts[0],
                result,
                narrow,
                -1,
                action.substring(0, dot),
                action.substring(dot + 1, descriptor),
                action.substring(descriptor));
    }

    private static Instruction at(int opcode) {
        return opcode >= 0x100 ? CONVERSIONS[opcode - 0x100] : NUMERIC[opcode - Opcode.I32_EQZ];
    }

    /** The types of the operands; for the saturating conversions {@code opcode} is 0x100 more than the second byte. */
    static String operands(int opcode) {
        return at(opcode).operands;
    }

    /** The type of the result. */
    static char result(int opcode) {
        return at(opcode).result;
    }

    /** Writes the instruction; its operands are on the JVM stack. */
    static void emit(CodeAssembler code, int opcode) {
        Instruction instruction = at(opcode);
        if (instruction.narrow) {
            code.op(CodeAssembler.L2I);
        }
        if (instruction.opcode >= 0) {
            code.op(instruction.opcode);
        } else {
            code.invokeStatic(instruction.owner, instruction.method, instruction.descriptor);
            if (instruction.descriptor.endsWith("I") && instruction.result == 'J') {
                code.op(CodeAssembler.I2L);
            }
        }
    }

    /** Whether a load or store is a store. */
    static boolean isStore(int opcode) {
        return opcode >= Opcode.I32_STORE;
    }

    /** The type of the value that is loaded or stored. */
    static char memoryType(int opcode) {
        return MEMORY_TYPES[opcode - Opcode.I32_LOAD];
    }

    /** Writes a load or store; its operands are on the JVM stack, {@code memory} is the slot of the memory's array. */
    static void emitMemory(CodeAssembler code, int opcode, int offset, int memory) {
        char type = memoryType(opcode);
        String operands = isStore(opcode) ? "I" + type : "I";
        if (offset < 0) {
            // An offset of 2 GiB or more is out of bounds whatever the address; the access makes the code's types
            // right.
            code.invokeStatic(OPS, "outOfBounds", "()Lio/selvage/wasm/Trap;").op(CodeAssembler.ATHROW);
            return;
        }
        if (offset != 0) {
            code.constant(offset);
        }
        code.load('M', memory);
        code.invokeStatic(
                OPS,
                MEMORY_METHODS[opcode - Opcode.I32_LOAD],
                "(" + operands + (offset == 0 ? "" : "I") + "[B)" + (isStore(opcode) ? 'V' : type));
    }

    /** Whether the instruction is a comparison that can be fused with a branch. */
    static boolean isComparison(int opcode) {
        return opcode >= Opcode.I32_EQZ && opcode <= Opcode.F64_GE;
    }

    /**
     * Writes a comparison and a jump; the operands are on the JVM stack.
     *
     * @param sense whether the jump is taken if the comparison holds, or if it does not
     */
    static void emitComparison(CodeAssembler code, int opcode, boolean sense, CodeAssembler.Label target) {
        if (opcode == Opcode.I32_EQZ) {
            code.jump(sense ? CodeAssembler.IFEQ : CodeAssembler.IFNE, target);
        } else if (opcode == 0x50) {
            code.constant(0L).op(CodeAssembler.LCMP).jump(sense ? CodeAssembler.IFEQ : CodeAssembler.IFNE, target);
        } else if (opcode < 0x50) {
            emitInteger(code, opcode - 0x46, sense, true, target);
        } else if (opcode < 0x5b) {
            emitInteger(code, opcode - 0x51, sense, false, target);
        } else {
            boolean single = opcode < 0x61;
            int relation = opcode - (single ? 0x5b : 0x61);
            boolean greater = relation == 3 || relation == 5;
            code.op((single ? CodeAssembler.FCMPL : CodeAssembler.DCMPL) + (greater ? 0 : 1));
            code.jump(sense ? FLOAT_JUMPS[relation] : negated(FLOAT_JUMPS[relation]), target);
        }
    }

    /** For eq ne lt gt le ge, after the comparison that makes NaN fail. */
    private static final int[] FLOAT_JUMPS = {
        CodeAssembler.IFEQ,
        CodeAssembler.IFNE,
        CodeAssembler.IFLT,
        CodeAssembler.IFGT,
        CodeAssembler.IFLE,
        CodeAssembler.IFGE
    };

    /** For eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u. */
    private static final int[] INTEGER_JUMPS = {
        CodeAssembler.IFEQ,
        CodeAssembler.IFNE,
        CodeAssembler.IFLT,
        CodeAssembler.IFLT,
        CodeAssembler.IFGT,
        CodeAssembler.IFGT,
        CodeAssembler.IFLE,
        CodeAssembler.IFLE,
        CodeAssembler.IFGE,
        CodeAssembler.IFGE
    };

    private static void emitInteger(
            CodeAssembler code, int relation, boolean sense, boolean narrow, CodeAssembler.Label target) {
        boolean unsigned = relation >= 2 && relation % 2 == 1;
        int jump = sense ? INTEGER_JUMPS[relation] : negated(INTEGER_JUMPS[relation]);
        if (unsigned) {
            code.invokeStatic(
                    narrow ? "java/lang/Integer" : "java/lang/Long", "compareUnsigned", narrow ? "(II)I" : "(JJ)I");
        } else if (narrow) {
            jump += CodeAssembler.IF_ICMPEQ - CodeAssembler.IFEQ;
        } else {
            code.op(CodeAssembler.LCMP);
        }
        code.jump(jump, target);
    }

    /** The opposite of a conditional jump against zero: the JVM numbers them in pairs, the first one odd. */
    private static int negated(int jump) {
        return ((jump + 1) ^ 1) - 1;
    }
}
