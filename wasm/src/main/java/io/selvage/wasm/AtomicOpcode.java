package io.selvage.wasm;

/**
 * The atomic instructions (threads proposal, "Atomic Memory Accesses"), by the number after {@link Opcode#PREFIX_FE}: what
 * they take and answer, and which method of compiled code's helpers does them.
 */
final class AtomicOpcode {
    static final int NOTIFY = 0, WAIT32 = 1, WAIT64 = 2, FENCE = 3;

    private static final int FIRST_ACCESS = 0x10;

    /** The accesses come in groups, each with one instruction for each of seven widths. */
    private static final int WIDTHS = 7;

    private static final String[] GROUPS = {
        "load", "store", "rmw.add", "rmw.sub", "rmw.and", "rmw.or", "rmw.xor", "rmw.xchg", "rmw.cmpxchg"
    };
    private static final int LAST = FIRST_ACCESS + GROUPS.length * WIDTHS - 1;

    private static final String TYPES = "IJIIJJJ";
    private static final int[] LOG_BYTES = {2, 3, 0, 1, 0, 1, 2};

    private AtomicOpcode() {}

    static boolean isKnown(int opcode) {
        return opcode >= NOTIFY && opcode <= FENCE || opcode >= FIRST_ACCESS && opcode <= LAST;
    }

    /** Whether it waits for other threads, or wakes them. */
    static boolean isWaiting(int opcode) {
        return opcode < FENCE;
    }

    private static String group(int opcode) {
        return GROUPS[(opcode - FIRST_ACCESS) / WIDTHS];
    }

    private static int variant(int opcode) {
        return (opcode - FIRST_ACCESS) % WIDTHS;
    }

    private static char type(int opcode) {
        return TYPES.charAt(variant(opcode));
    }

    /** The binary logarithm of how many bytes it goes to. */
    static int width(int opcode) {
        return switch (opcode) {
            case NOTIFY, WAIT32 -> 2;
            case WAIT64 -> 3;
            default -> LOG_BYTES[variant(opcode)];
        };
    }

    /** One character an operand, as in {@link Signature}. */
    static String operands(int opcode) {
        return switch (opcode) {
            case NOTIFY -> "II";
            case WAIT32 -> "IIJ";
            case WAIT64 -> "IJJ";
            case FENCE -> "";
            default ->
                switch (group(opcode)) {
                    case "load" -> "I";
                    case "rmw.cmpxchg" -> "I" + type(opcode) + type(opcode);
                    default -> "I" + type(opcode);
                };
        };
    }

    /** The type of the result, {@code V} if there is none. */
    static char result(int opcode) {
        if (opcode < FENCE) {
            return 'I';
        }
        return opcode == FENCE || group(opcode).equals("store") ? 'V' : type(opcode);
    }

    /** What the text format calls it, or a dash if it is none. */
    static String name(int opcode) {
        return switch (opcode) {
            case NOTIFY -> "memory.atomic.notify";
            case WAIT32 -> "memory.atomic.wait32";
            case WAIT64 -> "memory.atomic.wait64";
            case FENCE -> "atomic.fence";
            default -> isKnown(opcode) ? access(opcode) : "-";
        };
    }

    private static String access(int opcode) {
        String number = type(opcode) == 'I' ? "i32" : "i64";
        boolean narrow = variant(opcode) >= 2;
        String bits = narrow ? String.valueOf(8 << width(opcode)) : "";
        String group = group(opcode);
        int dot = group.indexOf('.');
        String operation = dot < 0 ? group + bits : group.substring(0, dot) + bits + group.substring(dot);
        return number + ".atomic." + operation + (narrow && !group.equals("store") ? "_u" : "");
    }

    /** The method that does it. */
    static String method(int opcode) {
        StringBuilder method = new StringBuilder();
        for (String word : name(opcode).split("[._]")) {
            method.append(method.isEmpty() ? word.charAt(0) : Character.toUpperCase(word.charAt(0)));
            method.append(word, 1, word.length());
        }
        return method.toString();
    }
}
