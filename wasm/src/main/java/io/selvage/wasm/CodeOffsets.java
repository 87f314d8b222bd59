package io.selvage.wasm;

import java.util.BitSet;

/**
 * Where in the binary a piece of compiled code is from: the line number that a stack trace of the JVM shows is the
 * distance from the beginning of the function's body, plus one.
 *
 * <p>A line number has 16 bits. In a body of more than 64 KB it counts pairs of bytes, or fours, and so on; an offset may
 * then be that of the instruction before.
 */
final class CodeOffsets {
    /** The line of code that is around a function's own, and is no frame of its stack. */
    static final int NO_LINE = 0;

    private static final int MOST_LINES = 65_534;

    /** The instructions at which a stack trace can be taken: those that trap, call, or look at the clock. */
    private static final BitSet MARKED = marked();

    private CodeOffsets() {}

    private static BitSet marked() {
        BitSet set = new BitSet(256);
        for (int opcode : new int[] {
            Opcode.UNREACHABLE, Opcode.LOOP, Opcode.THROW, Opcode.THROW_REF, Opcode.RETHROW, 0x25, 0x26, 0x40
        }) {
            set.set(opcode);
        }
        set.set(Opcode.CALL, 0x15 + 1); // the calls, direct and indirect, tail calls and calls of references
        set.set(Opcode.I32_LOAD, Opcode.I64_STORE32 + 1);
        set.set(0x6d, 0x70 + 1); // i32 divisions and remainders
        set.set(0x7f, 0x82 + 1); // those of i64
        set.set(0xa8, 0xb1 + 1); // conversions to integers
        set.set(0xd4); // ref.as_non_null
        set.set(0xfb, 0xfe + 1); // everything with a prefix
        return set;
    }

    /** Whether code of an instruction with this first byte gets a line number. */
    static boolean isMarked(int opcode) {
        return MARKED.get(opcode);
    }

    /** The line number of what is at {@code position} of the binary, from 1 to 65,535. */
    static int line(ModuleData.Body body, int position) {
        return (Math.max(0, position - body.start()) >> shift(body)) + 1;
    }

    /** The opposite of {@link #line}: an offset in the binary. */
    static int offset(ModuleData.Body body, int line) {
        return body.start() + ((line - 1) << shift(body));
    }

    private static int shift(ModuleData.Body body) {
        int length = body.end() - body.start();
        int shift = 0;
        while (length >> shift > MOST_LINES) {
            shift++;
        }
        return shift;
    }
}
