package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles where loops begin and where they go on, and decides how often the body of each is written. */
final class LoopCompiler {
    /**
     * Where a loop goes on.
     *
     * @param label what branches to the loop jump to
     * @param head where its code begins
     * @param locals the JVM locals there
     * @param counted whether turns are counted
     */
    private record Latch(Label label, Label head, String locals, boolean counted) {}

    private final FunctionCode function;
    private final Locals locals;
    private final Blocks blocks;
    private final Chunks chunks;
    private final ClockChecks clock;
    private final InstructionReader in;
    /** The loops whose heads are in the method that is being written. */
    private final List<Latch> latches = new ArrayList<>();
    /** Where a tail call of the function to itself goes. */
    private @Nullable Label start;

    LoopCompiler(
            FunctionCode function,
            Locals locals,
            Blocks blocks,
            Chunks chunks,
            ClockChecks clock,
            InstructionReader in) {
        this.function = function;
        this.locals = locals;
        this.blocks = blocks;
        this.chunks = chunks;
        this.clock = clock;
        this.in = in;
    }

    /** Opens the loop at {@code position}, whose body is read next; every value is spilled. */
    void open(int position, Signature shape) {
        int copies = copies(position, shape);
        if (copies == 1) {
            bindHead(blocks.open(Opcode.LOOP, position, shape));
            return;
        }
        Block exit = blocks.open(Opcode.BLOCK, shape.results(), position);
        exit.hidden(true);
        Block loop = blocks.open(Opcode.LOOP, shape.results(), position);
        loop.hidden(true);
        bindHead(loop);
        LoopCopies all = new LoopCopies(exit, loop, in.position(), copies);
        loop.copies(all);
        openCopy(all);
    }

    /** How often the body of the loop at {@code position} is written. */
    private int copies(int position, Signature shape) {
        if (!shape.parameters().isEmpty()
                || (chunks.isCut() && !function.layout().keepsWhole(position))) {
            return 1;
        }
        int length = chunks.lengthFrom(position) + FunctionCode.LENGTH_PER_BYTE * LoopUnrolling.MAXIMUM_BYTES;
        return length > FunctionCode.WHOLE_LENGTH ? 1 : LoopUnrolling.copies(in);
    }

    /** Begins a copy of a loop's body. */
    void openCopy(LoopCopies copies) {
        if (copies.next()) {
            copies.loop().hidden(false);
        } else {
            blocks.open(Opcode.BLOCK, "", copies.loop().labelPosition()).copies(copies);
        }
    }

    private void bindHead(Block loop) {
        String live = blocks.locals(loop);
        if (loop.isEntry()) {
            chunks.bindEntry(loop.labelPosition(), live);
        }
        Label head = new Label();
        function.code().bindBackward(head, live, "");
        // Where the function calls itself in every turn, it looks at the clock as it is entered.
        boolean counted = chunks.isCut() || !function.layout().recursInLoop(loop.labelPosition());
        latches.add(new Latch(loop.label(), head, live, counted));
    }

    /**
     * Writes where the loops of this method go on: what branches to a loop comes here, uses up fuel and jumps to the
     * loop's head. Now and then it looks at the clock on the way. As that is a way around of its own and not a call
     * inside the loop, the JIT compiler moves it out, and keeps the loop's values in registers.
     */
    void finish() {
        for (Latch latch : latches) {
            if (latch.label.isTargeted()) {
                function.code().bind(latch.label, latch.locals, "");
                if (latch.counted) {
                    clock.turn(latch.head);
                } else {
                    clock.readAnew();
                }
                function.code().jump(CodeAssembler.GOTO, latch.head);
            }
        }
        latches.clear();
    }

    // The function as a loop

    /** The body begins, where a tail call of the function to itself goes. */
    void bindStart() {
        start = new Label();
        function.code().bindBackward(start, locals.prefix(), "");
    }

    /** Whether such a call is a jump. */
    boolean hasStart() {
        return start != null;
    }

    /** Jumps to the start; the arguments are in the locals. */
    void jumpToStart() {
        if (start == null) {
            throw new IllegalStateException("the function is cut");
        }
        Label go = new Label();
        clock.turn(go);
        function.code().bind(go, locals.prefix(), "");
        function.code().jump(CodeAssembler.GOTO, start);
        function.reachable(false);
    }
}
