package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import org.jspecify.annotations.Nullable;

/** Compiles branches to labels, which may be in other chunks, and returns. */
final class BranchCompiler {
    private final FunctionCode function;
    private final Locals locals;
    private final OperandStack stack;
    private final PackedValues packed;
    private final Blocks blocks;
    private final Chunks chunks;
    private final @Nullable FunctionFrame frame;

    /**
     * Compiles the branches of a function.
     *
     * @param frame where its results go if it is cut
     */
    BranchCompiler(
            FunctionCode function,
            Locals locals,
            OperandStack stack,
            PackedValues packed,
            Blocks blocks,
            Chunks chunks,
            @Nullable FunctionFrame frame) {
        this.function = function;
        this.locals = locals;
        this.stack = stack;
        this.packed = packed;
        this.blocks = blocks;
        this.chunks = chunks;
        this.frame = frame;
    }

    private CodeAssembler code() {
        return function.code();
    }

    // Where branches go

    /** Whether a branch to the block is a jump in this method. */
    boolean isInMethod(Block block) {
        return !blocks.isFunction(block) && chunks.isHere(block.labelPosition());
    }

    /** Whether a branch to the block leaves the loop whose locals are not in the frame. */
    private boolean leavesWholeLoop(Block block) {
        return locals.inWholeLoop() && locals.isAroundWholeLoop(blocks.around(block));
    }

    /** Whether a branch to the block is just a jump in this method, with its values on the JVM's stack. */
    boolean isPlain(Block block) {
        return isInMethod(block) && !leavesWholeLoop(block) && !block.isLoop() && !block.isEntry();
    }

    /** Jumps; just the branch's values are on the JVM's stack. */
    void jumpTo(Block block) {
        if (blocks.isFunction(block)) {
            returnResults();
            return;
        }
        if (leavesWholeLoop(block)) {
            writeBack();
        }
        if (!chunks.isHere(block.labelPosition())) {
            storeValues(block);
            chunks.goOnAt(block.labelPosition());
            return;
        }
        if (block.isLoop() || block.isEntry()) {
            storeValues(block);
        }
        code().jump(CodeAssembler.GOTO, block.label());
    }

    /** Stores the branch's values, the last on top, into the locals where the label looks for them. */
    void storeValues(Block block) {
        String values = block.branchTypes();
        if (!block.isLoop()) {
            stack.storeSpills(block.spillsBelow(), values);
            return;
        }
        for (int i = values.length() - 1; i >= 0; i--) {
            stack.storeSpill(block.parameterSpill(i));
        }
    }

    /** Puts what the loop around has set back into the frame, if its locals are not there. */
    void writeBack() {
        if (locals.inWholeLoop()) {
            stack.deepen();
            locals.writeBack();
        }
    }

    /** Goes from the end of a part of a block to the end of the block, if the former can be reached. */
    void leave(Block block) {
        if (function.reachable()) {
            stack.arrange(block.results().length());
            jumpTo(block);
        }
    }

    /** Returns from the function; just its results are on the JVM's stack. */
    private void returnResults() {
        Signature signature = function.signature();
        String results = signature.results();
        if (frame != null) {
            for (int i = results.length() - 1; i >= 0; i--) {
                frame.storeResult(i, results.charAt(i));
            }
            chunks.ret();
        } else {
            if (results.length() > 1) {
                packed.pack(results, signature.packsNumbers());
            }
            code().ret(signature.resultCharacter());
        }
    }

    // Branches

    void branch(Block block) {
        stack.arrange(block.branchTypes().length());
        jumpTo(block);
        function.reachable(false);
    }

    void branchIf(int depth, Condition given) {
        Block block = blocks.target(depth);
        int count = block.branchTypes().length();
        Condition condition = stack.resident() < count ? holdWhileNeeding(count, given) : given;
        stack.deepen();
        if (isJump(block, count)) {
            condition.jumpIf(code(), block.label());
            return;
        }
        Label stay = new Label();
        condition.jumpUnless(code(), stay);
        stack.arrange(count);
        jumpTo(block);
        code().bind(stay, stack.locals(), stack.residents());
    }

    /** Whether a branch that carries {@code count} values to the block needs nothing but a jump. */
    private boolean isJump(Block block, int count) {
        if (stack.resident() == count && isPlain(block)) {
            return true;
        }
        return stack.resident() == 0 && count == 0 && isInMethod(block) && !leavesWholeLoop(block);
    }

    /** Brings branch values to the JVM's stack although a condition lies on it. */
    private Condition holdWhileNeeding(int count, Condition given) {
        Condition condition = given.toNumber(code());
        int held = stack.scratchAbove() + CodeAssembler.slots(stack.top(count));
        code().store('I', held);
        stack.need(count);
        code().load('I', held);
        return condition;
    }

    /** Branches if the reference on top is null, without it; else it stays. */
    void branchOnNull(int depth) {
        Block block = blocks.target(depth);
        int count = block.branchTypes().length();
        stack.need(count + 1);
        Label stay = new Label();
        code().op(CodeAssembler.DUP).jump(CodeAssembler.IFNONNULL, stay);
        stack.deepen();
        code().op(CodeAssembler.POP);
        stack.pop();
        stack.arrange(count);
        jumpTo(block);
        stack.push('L');
        code().bind(stay, stack.locals(), stack.residents());
    }

    /** Branches if the reference on top is not null, with it; else it goes. */
    void branchOnNonNull(int depth) {
        Block block = blocks.target(depth);
        int count = block.branchTypes().length();
        stack.need(count);
        Label stay = new Label();
        code().op(CodeAssembler.DUP).jump(CodeAssembler.IFNULL, stay);
        stack.deepen();
        stack.arrange(count);
        jumpTo(block);
        code().bind(stay, stack.locals(), stack.residents());
        code().op(CodeAssembler.POP);
        stack.pop();
    }
}
