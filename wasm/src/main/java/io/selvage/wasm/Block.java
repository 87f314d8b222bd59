package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import org.jspecify.annotations.Nullable;

/** An open block (core spec §4.2.12: a label, with what the compiler must know of it). */
final class Block {
    private final boolean loop;
    private final String parameters;
    private final String results;
    private final int height;
    private final int spillsBelow;
    private final int spillsInside;
    private final int[] parameterSpills;
    private final int exceptionSpill;
    private final boolean entry;
    private final int labelPosition;
    private final Label label = new Label();

    private @Nullable Label otherwise;
    private @Nullable LoopCopies copies;
    private boolean hidden;

    /**
     * A block whose parameters are the topmost values of the stack; every value is spilled.
     *
     * @param exceptionSpill where the exception will be that it catches, or -1
     * @param entry whether the label is entered from another chunk
     * @param labelPosition of a loop, or in a cut function, the position of the label, else -1
     */
    Block(
            boolean loop,
            String parameters,
            String results,
            OperandStack stack,
            int exceptionSpill,
            boolean entry,
            int labelPosition) {
        this.loop = loop;
        this.parameters = parameters;
        this.results = results;
        this.exceptionSpill = exceptionSpill;
        this.entry = entry;
        this.labelPosition = labelPosition;
        height = stack.height() - parameters.length();
        spillsBelow = stack.spillsBelow(parameters.length());
        spillsInside = Math.max(stack.freeSpill(), exceptionSpill + 1);
        parameterSpills = stack.spillsOf(parameters.length());
    }

    boolean isLoop() {
        return loop;
    }

    String parameters() {
        return parameters;
    }

    String results() {
        return results;
    }

    /** The types of what a branch to the block carries. */
    String branchTypes() {
        return loop ? parameters : results;
    }

    /** The operand stack's height below the block's parameters. */
    int height() {
        return height;
    }

    /** How many spilled values are kept for after the block. */
    int spillsBelow() {
        return spillsBelow;
    }

    /** How many spilled values are kept while the block runs: those, its parameters, and the exception. */
    int spillsInside() {
        return spillsInside;
    }

    /** Where a parameter is spilled to. */
    int parameterSpill(int index) {
        return parameterSpills[index];
    }

    /** Where the exception is that it has caught. */
    int exceptionSpill() {
        return exceptionSpill;
    }

    // Its label

    /** Where a branch goes: a loop's start, another block's end. */
    Label label() {
        return label;
    }

    /** Of a loop, or in a cut function, the position of the label, else -1. */
    int labelPosition() {
        return labelPosition;
    }

    /** Whether the label is entered from another chunk; then its values are passed in the frame. */
    boolean isEntry() {
        return entry;
    }

    /** Whether branches do not count it, since the body does not have it, or has it around other instructions. */
    boolean isHidden() {
        return hidden;
    }

    void hidden(boolean now) {
        hidden = now;
    }

    // Its parts

    /** Says where an {@code if} goes on if its condition does not hold, or a clause for exceptions of other tags. */
    void otherwise(Label target) {
        otherwise = target;
    }

    /** Whether code has been written that goes on at what begins next of the block. */
    boolean hasOtherwise() {
        return otherwise != null;
    }

    /** Where it does, if so; it is that part's label no longer. */
    @Nullable
    Label takeOtherwise() {
        Label target = otherwise;
        otherwise = null;
        return target;
    }

    /** Of a loop whose body is written several times, and of the block around a copy of it. */
    @Nullable
    LoopCopies copies() {
        return copies;
    }

    void copies(LoopCopies of) {
        copies = of;
    }
}
