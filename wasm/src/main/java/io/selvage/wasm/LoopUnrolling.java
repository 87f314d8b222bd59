package io.selvage.wasm;

/**
 * Decides how often the body of a loop is written. A small loop's body is written several times in a row, so that the
 * loop counts its turns, and jumps back, once for all of them.
 */
final class LoopUnrolling {
    /** How many bytes of WebAssembly all copies of a body may have. */
    static final int MAXIMUM_BYTES = 200;

    private static final int MAXIMUM_COPIES = 4;

    private LoopUnrolling() {}

    /**
     * How many copies of the body that begins where {@code in} is are worth while: 1 if the loop has another one, a call,
     * or something that handles exceptions, in it, or is large. The reader's position stays.
     */
    static int copies(InstructionReader in) {
        int start = in.position();
        int length = innermostLength(in, start);
        in.position(start);
        return length == 0 ? 1 : Math.min(MAXIMUM_COPIES, MAXIMUM_BYTES / length);
    }

    /** The length of a loop's body with its {@code end}; 0 if it is not to be copied. */
    private static int innermostLength(InstructionReader in, int start) {
        int open = 1;
        while (open > 0) {
            int opcode = in.u8();
            switch (opcode) {
                case Opcode.LOOP, Opcode.CALL, Opcode.CALL_INDIRECT, Opcode.CALL_REF, Opcode.TRY, Opcode.TRY_TABLE -> {
                    return 0;
                }
                case Opcode.BLOCK, Opcode.IF -> open++;
                case Opcode.END -> open--;
                default -> {}
            }
            in.skipImmediates(opcode);
            if (in.position() - start > MAXIMUM_BYTES / 2) {
                return 0;
            }
        }
        return in.position() - start;
    }
}
