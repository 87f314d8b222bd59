package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;

/** Compiles where blocks begin and end: block, loop, if, else and end (core spec §5.4.1). */
final class BlockCompiler {
    private final FunctionCode function;
    private final Locals locals;
    private final OperandStack stack;
    private final Blocks blocks;
    private final Chunks chunks;
    private final BranchCompiler branches;
    private final LoopCompiler loops;
    private final ExceptionCompiler exceptions;
    private final InstructionReader in;

    BlockCompiler(
            FunctionCode function,
            Locals locals,
            OperandStack stack,
            Blocks blocks,
            Chunks chunks,
            BranchCompiler branches,
            LoopCompiler loops,
            ExceptionCompiler exceptions,
            InstructionReader in) {
        this.function = function;
        this.locals = locals;
        this.stack = stack;
        this.blocks = blocks;
        this.chunks = chunks;
        this.branches = branches;
        this.loops = loops;
        this.exceptions = exceptions;
        this.in = in;
    }

    private CodeAssembler code() {
        return function.code();
    }

    private Signature shape() {
        return new Signature(in.blockType(function.module().types()));
    }

    // Beginnings

    void block(int position) {
        Signature shape = shape();
        stack.spillAll();
        blocks.open(Opcode.BLOCK, position, shape);
    }

    void loop(int position) {
        Signature shape = shape();
        stack.spillAll();
        FunctionLayout layout = function.layout();
        if (!locals.inWholeLoop() && chunks.isCut() && layout.keepsWhole(position)) {
            locals.enterWholeLoop(blocks.count(), in.position(), layout.endOf(position));
            stack.deepen();
        }
        loops.open(position, shape);
    }

    void beginIf(int position, Condition given) {
        Signature shape = shape();
        Condition condition = given;
        if (stack.resident() > 0) {
            // The comparison's operands are on top of values that have to go: make the condition an int first.
            condition = given.toNumber(code());
            int held = stack.scratchAbove();
            code().store('I', held);
            stack.spillAll();
            code().load('I', held);
        }
        Block block = blocks.open(Opcode.IF, position, shape);
        stack.deepen();
        int otherwise = chunks.isCut() ? function.layout().elseOf(position) : position;
        if (otherwise >= 0 && chunks.isHere(otherwise)) {
            Label target = new Label();
            block.otherwise(target);
            condition.jumpUnless(code(), target);
        } else {
            leaveUnless(condition, block, otherwise);
        }
    }

    /** In a cut function the else may be in another chunk; an if without one has its end in its stead. */
    private void leaveUnless(Condition condition, Block block, int otherwise) {
        Label then = new Label();
        condition.jumpIf(code(), then);
        if (otherwise >= 0) {
            chunks.goOnAt(otherwise);
        } else {
            for (int i = 0; i < block.parameters().length(); i++) {
                stack.loadSpill(block.parameterSpill(i));
            }
            branches.jumpTo(block);
        }
        code().bind(then, locals.prefix(), "");
    }

    // Ends

    void otherwise(int position) {
        Block block = blocks.innermost();
        branches.leave(block);
        bindElse(block, position);
    }

    /** Begins what runs if the condition did not hold: the parameters are where they were before the if. */
    private void bindElse(Block block, int position) {
        blocks.restart(block);
        Label label = block.takeOtherwise();
        if (label != null) {
            code().bind(label, blocks.locals(block), "");
            function.reachable(true);
        } else {
            function.reachable(chunks.bindEntry(position, locals.prefix()));
        }
    }

    void end(int position) {
        Block block = blocks.innermost();
        if (blocks.isFunction(block)) {
            branches.leave(block);
            function.reachable(false);
            return;
        }
        LoopCopies copies = block.copies();
        if (copies != null && !block.isLoop()) {
            endCopy(block, copies, position);
            return;
        }
        exceptions.end(block);
        if (block.hasOtherwise()) {
            // An if without else: its parameters are its results.
            branches.leave(block);
            bindElse(block, position);
        }
        boolean fallsThrough = function.reachable();
        if (fallsThrough) {
            leaveResults(block);
        }
        boolean wholeLoopEnds = locals.isWholeLoopAt(blocks.count() - 1);
        if (wholeLoopEnds && block.isLoop()) {
            leaveWholeLoop();
        }
        blocks.close();
        bindEnd(block, fallsThrough);
        if (wholeLoopEnds && !block.isLoop()) {
            leaveWholeLoop();
        }
        if (copies != null) {
            end(position);
        }
    }

    /** Where a copy of a loop's body ends: what has branched to the loop goes on with the next copy. */
    private void endCopy(Block copy, LoopCopies copies, int position) {
        branches.leave(copies.exit());
        blocks.close();
        bindEnd(copy, false);
        if (function.reachable()) {
            in.position(copies.start());
            loops.openCopy(copies);
        } else {
            end(position);
        }
    }

    private void leaveWholeLoop() {
        if (function.reachable()) {
            branches.writeBack();
        }
        locals.leaveWholeLoop();
    }

    /** Puts a block's results where its label expects them: on the JVM's stack alone, or in the frame. */
    private void leaveResults(Block block) {
        stack.arrange(block.results().length());
        if (block.isEntry() && !block.isLoop()) {
            branches.storeValues(block);
        }
    }

    private void bindEnd(Block block, boolean fallsThrough) {
        stack.reset(block.height());
        boolean loop = block.isLoop();
        boolean entered = !loop && block.isEntry();
        function.reachable(fallsThrough || entered || (!loop && block.label().isTargeted()));
        if (!function.reachable()) {
            return;
        }
        String results = block.results();
        if (entered) {
            code().bind(block.label(), locals.prefix(), "");
            chunks.bindEntry(block.labelPosition(), locals.prefix());
            for (int i = 0; i < results.length(); i++) {
                char type = results.charAt(i);
                stack.pushSpilled(type, stack.defineSpill(block.spillsBelow() + i, type));
            }
            return;
        }
        if (!loop) {
            code().bind(block.label(), stack.locals(block.spillsBelow()), results);
        }
        stack.push(results);
    }
}
