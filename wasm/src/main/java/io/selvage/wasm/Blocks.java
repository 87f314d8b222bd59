package io.selvage.wasm;

import java.util.ArrayList;
import java.util.List;

/** The open blocks of a function, and what is on the operand stack as they begin. */
final class Blocks {
    private final FunctionCode function;
    private final OperandStack stack;
    private final Chunks chunks;
    private final List<Block> open = new ArrayList<>();

    /** Nothing is open yet but the function itself. */
    Blocks(FunctionCode function, OperandStack stack, Chunks chunks) {
        this.function = function;
        this.stack = stack;
        this.chunks = chunks;
        open(Opcode.BLOCK, "", function.signature().results(), false, -1);
    }

    /** Opens the block at {@code position}; every value on the stack is spilled, its parameters are the topmost. */
    Block open(int opcode, int position, Signature shape) {
        int label = opcode == Opcode.LOOP ? position : endOf(position);
        boolean entry = chunks.isCut() && function.layout().isEntry(label);
        return open(opcode, shape.parameters(), shape.results(), entry, label);
    }

    private int endOf(int position) {
        return chunks.isCut() ? function.layout().endOf(position) : -1;
    }

    /** Opens a block without parameters that no other chunk enters. */
    Block open(int opcode, String results, int labelPosition) {
        return open(opcode, "", results, false, labelPosition);
    }

    private Block open(int opcode, String parameters, String results, boolean entry, int labelPosition) {
        int exceptionSpill = -1;
        if (opcode == Opcode.TRY || opcode == Opcode.TRY_TABLE) {
            exceptionSpill = stack.defineSpill(stack.freeSpill(), 'L');
            function.code().op(CodeAssembler.ACONST_NULL);
            stack.storeSpill(exceptionSpill);
        }
        boolean loop = opcode == Opcode.LOOP;
        Block block = new Block(loop, parameters, results, stack, exceptionSpill, entry, labelPosition);
        open.add(block);
        stack.keep(block.spillsInside());
        return block;
    }

    /** The innermost block ends. */
    void close() {
        open.removeLast();
        stack.keep(open.getLast().spillsInside());
    }

    /** How many are open, the function itself included. */
    int count() {
        return open.size();
    }

    Block innermost() {
        return open.getLast();
    }

    /** Whether a branch to the block returns from the function. */
    boolean isFunction(Block block) {
        return block == open.getFirst();
    }

    /** The block that a return branches to. */
    Block function() {
        return open.getFirst();
    }

    /** The block that a branch names. */
    Block target(int depth) {
        int index = open.size();
        for (int left = depth; left >= 0; ) {
            if (!open.get(--index).isHidden()) {
                left--;
            }
        }
        return open.get(index);
    }

    /** The depth of the innermost loop as a branch names it, or -1. */
    int loopDepth() {
        int depth = 0;
        for (Block block : open.reversed()) {
            if (block.isLoop() || block.copies() != null) {
                return depth;
            }
            depth += block.isHidden() ? 0 : 1;
        }
        return -1;
    }

    /** How many blocks are around one. */
    int around(Block block) {
        return open.indexOf(block);
    }

    /** The operand stack is as it was before the block, with its parameters on top. */
    void restart(Block block) {
        stack.reset(block.height());
        for (int i = 0; i < block.parameters().length(); i++) {
            stack.pushSpilled(block.parameters().charAt(i), block.parameterSpill(i));
        }
    }

    /** The JVM locals while the block runs. */
    String locals(Block block) {
        return stack.locals(block.spillsInside());
    }
}
