package io.selvage.wasm;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Finds out which locals the cases of a switch in a loop are to have values of their own of, as of the stack pointer of
 * a small interpreter (see RATIONALE.md): those of type i32 that several cases read and one sets, but none that may
 * decide which case is next.
 */
final class SwitchLocals {
    /** With fewer cases the JIT compiler makes comparisons of the switch. */
    static final int MINIMUM_CASES = 8;

    /** How many cases have to read a local. */
    private static final int MINIMUM_READERS = 3;

    private final InstructionReader in;
    private final String types;
    private final BitSet cases = new BitSet();
    /** The cases that the default or several operands lead to. */
    private final BitSet unsure = new BitSet();
    /** For each depth, if it is a case's, the locals that the case reads before it sets them. */
    private final BitSet[] read;

    private final BitSet set = new BitSet();

    private SwitchLocals(InstructionReader in, String types, int[] depths, int loopDepth) {
        this.in = in;
        this.types = types;
        for (int depth : depths) {
            if (depth < loopDepth) {
                unsure.set(depth, unsure.get(depth) || cases.get(depth));
                cases.set(depth);
            }
        }
        unsure.set(depths[depths.length - 1]);
        read = new BitSet[loopDepth];
        Arrays.setAll(read, depth -> new BitSet());
    }

    /**
     * Looks over the cases of a {@code br_table}. A case is what follows the end of a block that it branches to, up to
     * the end of the next block.
     *
     * @param in is just behind the instruction; its position stays
     * @param types of the locals, as in {@link Signature}
     * @param depths the targets
     * @param loopDepth the depth of the loop around
     * @param deciding the locals that may decide which case is next
     * @return the locals for each depth below that of the loop; none where not just one operand leads
     */
    static BitSet[] of(InstructionReader in, String types, int[] depths, int loopDepth, BitSet deciding) {
        SwitchLocals all = new SwitchLocals(in, types, depths, loopDepth);
        if (all.cases.cardinality() >= MINIMUM_CASES) {
            int start = in.position();
            all.readCases();
            in.position(start);
            all.choose(deciding);
        }
        return all.read;
    }

    private void readCases() {
        BitSet setHere = new BitSet();
        int current = -1;
        int open = 0;
        for (int ended = 0; ended <= read.length; ) {
            int opcode = in.u8();
            switch (opcode) {
                case Opcode.BLOCK, Opcode.LOOP, Opcode.IF, Opcode.TRY, Opcode.TRY_TABLE -> open++;
                case Opcode.END, Opcode.DELEGATE -> {
                    if (open > 0) {
                        open--;
                    } else {
                        current = cases.get(ended) ? ended : -1;
                        ended++;
                        setHere.clear();
                    }
                }
                default -> {}
            }
            if (current >= 0 && opcode >= Opcode.LOCAL_GET && opcode <= Opcode.LOCAL_TEE) {
                int local = in.u32();
                if (opcode != Opcode.LOCAL_GET) {
                    setHere.set(local);
                    set.set(local);
                } else if (!setHere.get(local) && types.charAt(local) == 'I') {
                    read[current].set(local);
                }
            } else {
                in.skipImmediates(opcode);
            }
        }
    }

    /** Leaves of what the cases read what they are to have values of their own of. */
    private void choose(BitSet deciding) {
        BitSet chosen = new BitSet();
        for (int local = set.nextSetBit(0); local >= 0; local = set.nextSetBit(local + 1)) {
            int readers = 0;
            for (BitSet locals : read) {
                readers += locals.get(local) ? 1 : 0;
            }
            chosen.set(local, readers >= MINIMUM_READERS && !deciding.get(local));
        }
        for (int depth = 0; depth < read.length; depth++) {
            read[depth].and(unsure.get(depth) ? new BitSet() : chosen);
        }
    }
}
