package io.selvage.wasm;

/**
 * The vector instructions (core spec §5.4.8), by the number after {@link Opcode#PREFIX_FD}: what they take and answer, and
 * which method of compiled code's helpers does them. All follows from their names.
 */
final class VectorOpcode {
    /** Those from here on are the relaxed ones. */
    static final int FIRST_RELAXED = 0x100;

    static final int V128_STORE = 11, V128_CONST = 12, I8X16_SHUFFLE = 13;
    private static final int FIRST_LANE = 0x15, LAST_LANE = 0x22;
    private static final int LOAD8_LANE = 0x54, STORE8_LANE = 0x58, STORE64_LANE = 0x5b, LOAD64_ZERO = 0x5d;

    private static final VectorOpcode[] ALL = new VectorOpcode[Mnemonics.VECTORS];

    static {
        for (int opcode = 0; opcode < ALL.length; opcode++) {
            String name = Mnemonics.of(Opcode.PREFIX_FD, opcode);
            if (!name.equals("-")) {
                ALL[opcode] = new VectorOpcode(opcode, name);
            }
        }
    }

    private final String operands;
    private final char result;
    private final String owner;
    private final String method;
    private final int lanes;
    private final int width;

    private VectorOpcode(int opcode, String name) {
        int dot = name.indexOf('.');
        String shape = name.substring(0, dot);
        String action = name.substring(dot + 1);
        if (isAccess(opcode)) {
            boolean lane = opcode >= LOAD8_LANE && opcode <= STORE64_LANE;
            boolean store = opcode == V128_STORE || opcode >= STORE8_LANE && opcode <= STORE64_LANE;
            operands = lane || store ? "IQ" : "I";
            result = store ? 'V' : 'Q';
            width = width(action);
            lanes = lane ? 16 >> width : 0;
        } else {
            width = 0;
            lanes = opcode >= FIRST_LANE && opcode <= LAST_LANE
                    ? Integer.parseInt(shape.substring(shape.indexOf('x') + 1))
                    : 0;
            operands = operands(shape, action);
            result = action.startsWith("extract_lane")
                    ? laneType(shape)
                    : action.endsWith("_true") || action.equals("bitmask") ? 'I' : 'Q';
        }
        method = method(shape, relaxed(action));
        owner = "io/selvage/wasm/internal/" + owner(opcode, shape, action);
    }

    /** The binary logarithm of how many bytes an access moves. */
    private static int width(String action) {
        if (action.equals("load") || action.equals("store")) {
            return 4;
        }
        if (action.contains("x")) {
            return 3;
        }
        return Integer.numberOfTrailingZeros(Integer.parseInt(action.replaceAll("\\D", "")) / 8);
    }

    private static char laneType(String shape) {
        return switch (shape) {
            case "f32x4" -> 'F';
            case "f64x2" -> 'D';
            case "i64x2" -> 'J';
            default -> 'I';
        };
    }

    private static String operands(String shape, String action) {
        if (action.equals("const")) {
            return "";
        }
        if (action.equals("splat")) {
            return String.valueOf(laneType(shape));
        }
        if (action.equals("replace_lane")) {
            return "Q" + laneType(shape);
        }
        if (action.equals("shl") || action.startsWith("shr_")) {
            return "QI";
        }
        if (action.endsWith("madd") || action.endsWith("select") || action.endsWith("_add_s")) {
            return "QQQ";
        }
        return isUnary(action) ? "Q" : "QQ";
    }

    private static boolean isUnary(String action) {
        String first = action.split("_", 2)[0];
        return switch (first) {
            case "extract", "any", "all", "not", "abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest" -> true;
            case "bitmask", "popcnt", "extend", "extadd", "convert", "demote", "promote" -> true;
            default -> action.startsWith("relaxed_trunc");
        };
    }

    /** The instruction that does what a relaxed one does by the deterministic profile (core spec, appendix A.5). */
    private static String relaxed(String action) {
        return switch (action) {
            case "relaxed_swizzle" -> "swizzle";
            case "relaxed_trunc_f32x4_s" -> "trunc_sat_f32x4_s";
            case "relaxed_trunc_f32x4_u" -> "trunc_sat_f32x4_u";
            case "relaxed_trunc_f64x2_s_zero" -> "trunc_sat_f64x2_s_zero";
            case "relaxed_trunc_f64x2_u_zero" -> "trunc_sat_f64x2_u_zero";
            case "relaxed_min" -> "min";
            case "relaxed_max" -> "max";
            case "relaxed_q15mulr_s" -> "q15mulr_sat_s";
            case "relaxed_dot_i8x16_i7x16_s" -> "dot_i8x16_i7x16_s";
            case "relaxed_dot_i8x16_i7x16_add_s" -> "dot_i8x16_i7x16_add_s";
            default -> action;
        };
    }

    private static String method(String shape, String action) {
        if (action.equals("relaxed_laneselect")) {
            return "v128Bitselect";
        }
        StringBuilder name = new StringBuilder(shape);
        for (String word : action.split("_")) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
        }
        return name.toString();
    }

    private static String owner(int opcode, String shape, String action) {
        if (isAccess(opcode)) {
            return "VectorMemory";
        }
        return shape.startsWith("f") || action.contains("trunc") ? "FloatLanes" : "IntegerLanes";
    }

    static boolean isKnown(int opcode) {
        return opcode >= 0 && opcode < ALL.length && ALL[opcode] != null;
    }

    private static VectorOpcode at(int opcode) {
        return ALL[opcode];
    }

    /** Whether the instruction goes to memory. */
    static boolean isAccess(int opcode) {
        return opcode <= V128_STORE || opcode >= LOAD8_LANE && opcode <= LOAD64_ZERO;
    }

    /** One character an operand, as in {@link Signature}. */
    static String operands(int opcode) {
        return at(opcode).operands;
    }

    /** The type of the result, {@code V} if there is none. */
    static char result(int opcode) {
        return at(opcode).result;
    }

    /** How many lanes its immediate, a byte, chooses from; 0 if it has none. */
    static int lanes(int opcode) {
        return at(opcode).lanes;
    }

    /** Of an access, the binary logarithm of how many bytes it moves. */
    static int width(int opcode) {
        return at(opcode).width;
    }

    /** The class of the method that does it. */
    static String owner(int opcode) {
        return at(opcode).owner;
    }

    static String method(int opcode) {
        return at(opcode).method;
    }

    /** The type of the validator for a character of {@link #operands}. */
    static int type(char operand) {
        return switch (operand) {
            case 'I' -> TypeCode.I32;
            case 'J' -> TypeCode.I64;
            case 'F' -> TypeCode.F32;
            case 'D' -> TypeCode.F64;
            default -> TypeCode.V128;
        };
    }
}
