package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import io.selvage.wasm.internal.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiles one function to JVM code that the JIT compiler likes: WebAssembly's operand stack is the JVM's, its structured
 * control is plain jumps, its locals are JVM locals of their real types (see RATIONALE.md).
 *
 * <p>What lies on the operand stack below a block is kept in locals while the block runs, so that the JVM stack is empty
 * at every loop's head and holds just the results at every branch. Code that cannot be reached is not compiled.
 *
 * <p>A body that is too large for one method, or for HotSpot to compile it well, is cut into chunks. Then its locals live in the fields of a frame object
 * (while a loop runs that is not cut, those that it uses are in JVM locals), and each chunk is a method that answers where to go on: {@link #CODE_RETURN}, or the chunk and label as
 * {@link FunctionLayout#entry} has them.
 */
final class FunctionCompiler {
    /** What a chunk answers when the function returns. */
    static final int CODE_RETURN = -1;

    /**
     * How long, in bytes of JVM code, a function may be that is not cut. The JVM would allow eight times as much, but
     * beyond this HotSpot's compilers run out of registers and nodes, or of time.
     */
    private static final int WHOLE_LENGTH = 8_000;

    /** How many bytes of JVM code a byte of WebAssembly becomes, about. */
    private static final int LENGTH_PER_BYTE = 4;

    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String GUEST_EXCEPTION = GuestException.class.getName().replace('.', '/');
    private static final String STATE = GuestNames.STATE_BASE;
    private static final String STATE_D = "L" + STATE + ";";

    /** A {@code br_table} with more targets than this goes through a table of ints instead of a JVM switch. */
    private static final int MAXIMUM_SWITCH = 1_024;

    /** An open block (core spec §4.2.12: a label, with what the compiler must know of it). */
    private static final class Block {
        private final int opcode;
        private final String parameters;
        private final String results;
        /** The operand stack's height below the block's parameters. */
        private final int height;
        /** How many spilled values are kept for after the block. */
        private final int spillsBelow;
        /** How many spilled values are kept while the block runs: those, and its parameters. */
        private final int spillsInside;
        /** Where a branch goes: a loop's start, another block's end. */
        private final Label label = new Label();

        private @Nullable Label otherwise;
        /** Whether the label is entered from another chunk; then its values are passed in the frame. */
        private final boolean entry;
        /** In a cut function the position of the label, else -1. */
        private final int labelPosition;
        /** Where the parameters are spilled to. */
        private final int[] parameterSpills;
        /** Of a {@code try} or {@code try_table}: where it begins, else -1. */
        private int tryPosition = -1;
        /** Where the exception is that it has caught. */
        private int exceptionSpill = -1;
        /** While exceptions of what comes now are handled: where in the method that began, else -1. */
        private int regionStart = -1;
        /** Whether anything could have thrown. */
        private boolean hasRegion;
        /** Whether branches do not count it, since the body does not have it, or has it around other instructions. */
        private boolean hidden;
        /** Of a loop whose body is written several times, and of the block around a copy of it. */
        private @Nullable Unrolled unrolled;

        private Block(
                int opcode,
                String parameters,
                String results,
                int height,
                int spillsBelow,
                int spillsInside,
                int[] parameterSpills,
                boolean entry,
                int labelPosition) {
            this.parameterSpills = parameterSpills;
            this.opcode = opcode;
            this.parameters = parameters;
            this.results = results;
            this.height = height;
            this.spillsBelow = spillsBelow;
            this.spillsInside = spillsInside;
            this.entry = entry;
            this.labelPosition = labelPosition;
        }

        private boolean isLoop() {
            return opcode == Opcode.LOOP;
        }

        private String branchTypes() {
            return isLoop() ? parameters : results;
        }
    }

    /**
     * A loop whose body is written several times. Each copy but the last is in a block of its own: a branch to the loop
     * goes to that block's end, where the next copy begins, and what falls out of the copy leaves {@link #exit}.
     */
    private static final class Unrolled {
        /** The block around the loop. */
        private final Block exit;

        private final Block loop;
        /** Where the body begins. */
        private final int start;
        /** How many copies are to be written yet. */
        private int left;

        private Unrolled(Block exit, Block loop, int start, int left) {
            this.exit = exit;
            this.loop = loop;
            this.start = start;
            this.left = left;
        }
    }

    private final FunctionCode function;
    private final ModuleCode names;
    private final ModuleData module;
    private final Signature signature;
    private final FunctionLayout layout;
    private final ModuleData.Body body;
    private final InstructionReader in;
    private final ClockChecks clock;
    private final Locals locals;
    private final OperandStack stack;
    private final PackedValues packed;
    private final RuntimeCalls runtime;
    private final VariableCompiler variables;
    private final MemoryCompiler memories;
    private final TableCompiler tables;
    private final VectorCompiler vectors;
    private final AtomicCompiler atomics;
    private final ReferenceCompiler references;
    private final int end;

    private final List<Block> blocks = new ArrayList<>();
    /** The loops whose heads are in the method that is being written. */
    private final List<Latch> latches = new ArrayList<>();

    /** Where a tail call of the function to itself goes. */
    private @Nullable Label start;

    // Of a cut function
    private final @Nullable ChunkSink sink;
    private final @Nullable FunctionFrame frame;
    private int chunk;
    /** Where exceptions of the method's code are handled, by position; -1 for nowhere in the function. */
    private final Map<Integer, Label> handlers = new HashMap<>(0);

    /** Where each of these handlers looks for the exception. */
    private final Map<Integer, Integer> exceptionSpills = new HashMap<>(0);

    private Label[] entryLabels = {};
    private int[] entryPositions = {};

    /**
     * Where a loop goes on.
     *
     * @param label what branches to the loop jump to
     * @param head where its code begins
     * @param locals the JVM locals there
     */
    private record Latch(Label label, Label head, String locals) {}

    private FunctionCompiler(
            ModuleCode names, int index, FunctionLayout layout, CodeAssembler code, @Nullable ChunkSink sink) {
        this.sink = sink;
        this.names = names;
        this.layout = layout;
        int maximumLength = sink == null ? WHOLE_LENGTH : CodeAssembler.MAXIMUM_LENGTH;
        function = new FunctionCode(names, index, layout, maximumLength, code);
        module = names.module();
        signature = function.signature();
        body = function.body();
        end = body.end();
        in = new InstructionReader(module.binary(), body.start());
        String localTypes = Locals.types(signature, body.locals());
        frame = sink == null ? null : new FunctionFrame(function, sink, localTypes.length());
        locals = new Locals(function, localTypes, frame);
        stack = new OperandStack(function, locals, frame);
        packed = new PackedValues(function, stack);
        clock = new ClockChecks(function);
        runtime = new RuntimeCalls(function, stack);
        variables = new VariableCompiler(function, locals, stack);
        memories = new MemoryCompiler(function, stack, runtime, in);
        tables = new TableCompiler(function, stack, runtime);
        vectors = new VectorCompiler(function, stack, memories, in);
        atomics = new AtomicCompiler(function, stack, memories, in);
        references = new ReferenceCompiler(this, function, stack, runtime, in);
    }

    private CodeAssembler code() {
        return function.code();
    }

    /**
     * Compiles a function into one method.
     *
     * @throws MethodTooLargeException if it does not fit
     */
    static CodeAssembler compile(ModuleCode names, int function, FunctionLayout layout, ClassAssembler target) {
        Signature signature = names.signature(names.module().functionTypes()[function]);
        CodeAssembler code = names.code(target, signature.jvmParameters() + "S");
        FunctionCompiler compiler = new FunctionCompiler(names, function, layout, code, null);
        compiler.beginWhole();
        compiler.compileBody();
        compiler.finishLoops();
        compiler.function.checkLength();
        return code;
    }

    /**
     * Compiles a function into one method a chunk.
     *
     * @throws MethodTooLargeException if a chunk does not fit in a method
     */
    static void compileChunks(ModuleCode names, int function, FunctionLayout layout, ChunkSink sink) {
        CodeAssembler code = names.chunkCode(sink.next(0), function);
        FunctionCompiler compiler = new FunctionCompiler(names, function, layout, code, sink);
        compiler.beginChunk();
        compiler.compileBody();
        compiler.finishChunk();
    }

    // Beginnings and ends

    private void beginWhole() {
        function.line(body.start());
        function.instanceIn(CodeAssembler.slots(signature.jvmParameters()));
        locals.begin(signature.jvmParameters() + "S");
        beginCommon();
        if (ClockChecks.isNeededOnEntry(layout)) {
            clock.onEntry(locals.prefix());
        }
        locals.declareAll();
        code().stack(8);
        open(Opcode.BLOCK, "", signature.results(), false, -1);
        if (layout.hasLoops()) {
            start = new Label();
            code().bindBackward(start, locals.prefix(), "");
        }
    }

    private void beginCommon() {
        if (layout.usesMemory()) {
            function.memoryIn(locals.declare('M'));
            function.refreshMemory();
        }
        if (layout.hasLoops()) {
            clock.fuelIn(locals.declare('I'));
        }
    }

    private void beginChunk() {
        function.line(in.position());
        function.instanceIn(2);
        locals.begin("IRS");
        beginCommon();
        code().stack(8);
        entryPositions = layout.entriesOf(chunk);
        entryLabels = new Label[entryPositions.length];
        Arrays.setAll(entryLabels, i -> new Label());
        if (chunk == 0) {
            open(Opcode.BLOCK, "", signature.results(), false, -1);
        }
        if (entryLabels.length > 0) {
            Label first = new Label();
            code().load('I', 0);
            code().tableSwitch(1, List.of(entryLabels), first);
            code().bind(first, locals.prefix(), "");
        }
        if (!function.reachable()) {
            function.neverReached();
        }
        handlers.clear();
        for (Block block : blocks) {
            if (block.regionStart >= 0) {
                block.regionStart = code().length();
            }
        }
    }

    private void nextChunk() {
        if (function.reachable()) {
            stack.spillAll();
            code().constant((chunk + 1) << 16).ret('I');
        }
        finishChunk();
        chunk++;
        function.code(names.chunkCode(sink().next(chunk), function.index()));
        beginChunk();
    }

    private void finishChunk() {
        finishLoops();
        for (int i = blocks.size() - 1; i >= 0; i--) {
            closeRegion(blocks.get(i));
        }
        handOver();
        boolean stub = false;
        Label[] labels = entryLabels;
        for (Label label : labels) {
            if (!label.isBound()) {
                // The label is in code that cannot be reached; so is every branch to it.
                code().bind(label, locals.prefix(), "");
                stub = true;
            }
        }
        if (stub) {
            code().op(CodeAssembler.ACONST_NULL).op(CodeAssembler.ATHROW);
        }
        function.checkLength();
        sink().finish(chunk, code());
    }

    private ChunkSink sink() {
        if (sink == null) {
            throw new IllegalStateException("the function is not cut");
        }
        return sink;
    }

    private FunctionFrame frame() {
        if (frame == null) {
            throw new IllegalStateException("the function is not cut");
        }
        return frame;
    }

    private void compileBody() {
        while (in.position() < end) {
            int position = in.position();
            if (sink != null && position >= layout.cut(chunk)) {
                nextChunk();
            }
            if (function.reachable()) {
                instruction(position);
            } else {
                skipUnreachable();
            }
            function.checkLength();
        }
    }

    /** Passes over code that cannot be reached, up to the end of the innermost block or its else. */
    private void skipUnreachable() {
        int position = in.position();
        int opcode = in.u8();
        switch (opcode) {
            case Opcode.BLOCK, Opcode.LOOP, Opcode.IF, Opcode.TRY, Opcode.TRY_TABLE -> {
                in.skipImmediates(opcode);
                unreachableDepth++;
            }
            case Opcode.ELSE -> {
                if (unreachableDepth == 0) {
                    otherwise(position);
                }
            }
            case Opcode.CATCH, Opcode.CATCH_ALL -> {
                int tag = opcode == Opcode.CATCH ? in.u32() : -1;
                if (unreachableDepth == 0) {
                    catchClause(position, tag);
                }
            }
            case Opcode.DELEGATE -> {
                in.u32();
                if (unreachableDepth == 0) {
                    end(position);
                } else {
                    unreachableDepth--;
                }
            }
            case Opcode.END -> {
                if (unreachableDepth == 0) {
                    end(position);
                } else {
                    unreachableDepth--;
                }
            }
            default -> in.skipImmediates(opcode);
        }
    }

    /** How many blocks have been opened in the unreachable code being passed over. */
    private int unreachableDepth;

    // Blocks

    /** Opens a block; every value on the operand stack is spilled, its parameters are the topmost. */
    private Block open(int opcode, String parameters, String results, boolean entry, int labelPosition) {
        int spillsBelow = stack.spillsBelow(parameters.length());
        int[] parameterSpills = stack.spillsOf(parameters.length());
        int exceptionSpill = -1;
        if (opcode == Opcode.TRY || opcode == Opcode.TRY_TABLE) {
            exceptionSpill = stack.defineSpill(stack.freeSpill(), 'L');
            code().op(CodeAssembler.ACONST_NULL);
            stack.storeSpill(exceptionSpill);
        }
        Block block = new Block(
                opcode,
                parameters,
                results,
                stack.height() - parameters.length(),
                spillsBelow,
                Math.max(stack.freeSpill(), exceptionSpill + 1),
                parameterSpills,
                entry,
                labelPosition);
        block.exceptionSpill = exceptionSpill;
        blocks.add(block);
        stack.keep(block.spillsInside);
        return block;
    }

    private void block(int opcode, int position) {
        Signature shape = new Signature(in.blockType(module.types()));
        stack.spillAll();
        if (opcode == Opcode.LOOP && !locals.inWholeLoop() && sink != null && layout.keepsWhole(position)) {
            locals.enterWholeLoop(blocks.size(), in.position(), layout.endOf(position));
            stack.deepen();
        }
        int copies = opcode == Opcode.LOOP ? copies(position, shape) : 1;
        if (copies > 1) {
            unroll(position, shape, copies);
            return;
        }
        Block block = open(opcode, position, shape);
        if (opcode == Opcode.LOOP) {
            bindLoop(block);
        }
    }

    /** How often the body of the loop at {@code position} is written. */
    private int copies(int position, Signature shape) {
        if (!shape.parameters().isEmpty() || (sink != null && !layout.keepsWhole(position))) {
            return 1;
        }
        int limit = sink == null ? end : Math.min(end, layout.cut(chunk));
        int expected = code().length() + LENGTH_PER_BYTE * (limit - position + LoopUnrolling.MAXIMUM_BYTES);
        return expected > WHOLE_LENGTH ? 1 : LoopUnrolling.copies(in);
    }

    private void unroll(int position, Signature shape, int copies) {
        Block exit = open(Opcode.BLOCK, "", shape.results(), false, position);
        exit.hidden = true;
        Block loop = open(Opcode.LOOP, "", shape.results(), false, position);
        loop.hidden = true;
        bindLoop(loop);
        loop.unrolled = new Unrolled(exit, loop, in.position(), copies);
        openCopy(loop.unrolled);
    }

    private void openCopy(Unrolled unrolled) {
        unrolled.left--;
        if (unrolled.left > 0) {
            open(Opcode.BLOCK, "", "", false, unrolled.loop.labelPosition).unrolled = unrolled;
        } else {
            unrolled.loop.hidden = false;
        }
    }

    /** Where a copy of a loop's body ends: what has branched to the loop goes on with the next copy. */
    private void endCopy(Block copy, Unrolled unrolled, int position) {
        if (function.reachable()) {
            stack.arrange(unrolled.exit.results.length());
            jumpTo(unrolled.exit);
        }
        closeInnermost();
        bindEnd(copy, false);
        if (function.reachable()) {
            in.position(unrolled.start);
            openCopy(unrolled);
        } else {
            end(position);
        }
    }

    private Block open(int opcode, int position, Signature shape) {
        if (sink == null) {
            return open(opcode, shape.parameters(), shape.results(), false, -1);
        }
        int label = opcode == Opcode.LOOP ? position : layout.endOf(position);
        return open(opcode, shape.parameters(), shape.results(), layout.isEntry(label), label);
    }

    /**
     * An if; the comparison's operands, or the condition if {@code comparison} is -1, are on the JVM's stack and no
     * longer on the compiler's.
     */
    private void blockIf(int position, int comparison, boolean sense) {
        Signature shape = new Signature(in.blockType(module.types()));
        pendingComparison = comparison;
        pendingSense = sense;
        if (stack.resident() > 0) {
            // The comparison's operands are on top of values that have to go: make the condition an int first.
            materialiseCondition();
            int held = stack.scratchAbove();
            code().store('I', held);
            stack.spillAll();
            code().load('I', held);
        }
        Block block = open(Opcode.IF, position, shape);
        if (sink == null) {
            block.otherwise = new Label();
            jumpUnless(block.otherwise);
        } else {
            jumpUnlessAcrossChunks(block, layout.elseOf(position));
        }
    }

    /** In a cut function the else may be in another chunk; an if without one has its end in its stead. */
    private void jumpUnlessAcrossChunks(Block block, int elsePosition) {
        if (elsePosition >= 0 && layout.chunkAt(elsePosition) == chunk) {
            block.otherwise = new Label();
            jumpUnless(block.otherwise);
            return;
        }
        Label then = new Label();
        pendingSense = !pendingSense;
        jumpUnless(then);
        if (elsePosition >= 0) {
            code().constant(layout.entry(elsePosition)).ret('I');
        } else {
            for (int i = 0; i < block.parameters.length(); i++) {
                stack.loadSpill(block.parameterSpills[i]);
            }
            jumpTo(block);
        }
        code().bind(then, locals.prefix(), "");
    }

    private int pendingComparison;
    private boolean pendingSense;

    /** Makes an int of a comparison whose operands are on the JVM's stack but no longer on the compiler's. */
    private void materialiseCondition() {
        if (pendingComparison >= 0) {
            SimpleInstructions.emit(code(), pendingComparison);
        }
        if (!pendingSense) {
            code().invokeStatic(OPS, "i32Eqz", "(I)I");
        }
        pendingComparison = -1;
        pendingSense = true;
    }

    private void jumpUnless(Label target) {
        stack.deepen();
        if (pendingComparison >= 0) {
            SimpleInstructions.emitComparison(code(), pendingComparison, !pendingSense, target);
        } else {
            code().jump(pendingSense ? CodeAssembler.IFEQ : CodeAssembler.IFNE, target);
        }
    }

    private void bindLoop(Block block) {
        String locals = stack.locals(block.spillsInside);
        Label entryLabel = block.entry ? entryLabel(block.labelPosition) : null;
        if (entryLabel != null) {
            code().bind(entryLabel, locals, "");
        }
        Label head = new Label();
        code().bindBackward(head, locals, "");
        latches.add(new Latch(block.label, head, locals));
    }

    /**
     * Writes where the loops of this method go on: what branches to a loop comes here, uses up fuel and jumps to the
     * loop's head. Now and then it looks at the clock on the way. As that is a way around of its own and not a call
     * inside the loop, the JIT compiler moves it out, and keeps the loop's values in registers.
     */
    private void finishLoops() {
        for (Latch latch : latches) {
            if (latch.label.isTargeted()) {
                code().bind(latch.label, latch.locals, "");
                clock.turn(latch.head);
                code().jump(CodeAssembler.GOTO, latch.head);
            }
        }
        latches.clear();
    }

    private Label entryLabel(int position) {
        return entryLabels[Arrays.binarySearch(entryPositions, position)];
    }

    private void otherwise(int position) {
        Block block = blocks.getLast();
        if (function.reachable()) {
            stack.arrange(block.results.length());
            jumpTo(block);
        }
        bindElse(block, position);
    }

    /** Begins what runs if the condition did not hold: the parameters are where they were before the if. */
    private void bindElse(Block block, int position) {
        reset(block);
        pushParameters(block);
        Label label = block.otherwise;
        block.otherwise = null;
        function.reachable(true);
        if (label != null) {
            code().bind(label, stack.locals(block.spillsInside), "");
        } else if (sink != null && layout.isEntry(position)) {
            code().bind(entryLabel(position), locals.prefix(), "");
        } else {
            function.reachable(false);
        }
    }

    private void pushParameters(Block block) {
        for (int i = 0; i < block.parameters.length(); i++) {
            stack.pushSpilled(block.parameters.charAt(i), block.parameterSpills[i]);
        }
    }

    /** Forgets what is on the operand stack above a block. */
    private void reset(Block block) {
        stack.reset(block.height);
    }

    private void end(int position) {
        Block block = blocks.getLast();
        if (blocks.size() == 1) {
            endFunction(block);
            return;
        }
        if (block.unrolled != null && !block.isLoop()) {
            endCopy(block, block.unrolled, position);
            return;
        }
        closeRegion(block);
        block.regionStart = -1;
        if (block.otherwise != null) {
            // An if without else: its parameters are its results.
            if (function.reachable()) {
                stack.arrange(block.results.length());
                jumpTo(block);
            }
            bindElse(block, position);
        }
        boolean fallsThrough = function.reachable();
        if (fallsThrough) {
            leaveResults(block);
        }
        boolean leaves = locals.isWholeLoopAt(blocks.size() - 1);
        if (leaves && block.isLoop()) {
            leaveWholeLoop();
        }
        closeInnermost();
        bindEnd(block, fallsThrough);
        if (leaves && !block.isLoop()) {
            leaveWholeLoop();
        }
        if (block.unrolled != null) {
            end(position);
        }
    }

    private void leaveWholeLoop() {
        if (function.reachable()) {
            writeBack();
        }
        locals.leaveWholeLoop();
    }

    /** Puts the locals that the loop around has set back into the frame, if it has them in JVM locals. */
    private void writeBack() {
        if (locals.inWholeLoop()) {
            stack.deepen();
            locals.writeBack();
        }
    }

    private void closeInnermost() {
        blocks.removeLast();
        stack.keep(blocks.getLast().spillsInside);
    }

    /** Puts a block's results where its label expects them: on the JVM's stack alone, or in the frame. */
    private void leaveResults(Block block) {
        stack.arrange(block.results.length());
        if (block.entry && !block.isLoop()) {
            storeBranchValues(block);
        }
    }

    private void bindEnd(Block block, boolean fallsThrough) {
        reset(block);
        boolean loop = block.isLoop();
        boolean entered = !loop && block.entry;
        function.reachable(fallsThrough || entered || (!loop && block.label.isTargeted()));
        if (!function.reachable()) {
            return;
        }
        if (entered) {
            bindEntryEnd(block);
            for (int i = 0; i < block.results.length(); i++) {
                stack.pushSpilled(
                        block.results.charAt(i), stack.defineSpill(block.spillsBelow + i, block.results.charAt(i)));
            }
            return;
        }
        if (!loop) {
            code().bind(block.label, stack.locals(block.spillsBelow), block.results);
        }
        stack.push(block.results);
    }

    private void bindEntryEnd(Block block) {
        Label entry = entryLabel(block.labelPosition);
        code().bind(block.label, locals.prefix(), "");
        if (!entry.isBound()) {
            code().bind(entry, locals.prefix(), "");
        }
    }

    private void endFunction(Block block) {
        if (function.reachable()) {
            stack.arrange(block.results.length());
            returnResults();
        }
        reset(block);
        function.reachable(false);
        if (sink == null) {
            handOver();
        }
    }

    // Exceptions

    private void tryBlock(int position) {
        Signature shape = new Signature(in.blockType(module.types()));
        stack.spillAll();
        Block block = open(Opcode.TRY, position, shape);
        block.tryPosition = position;
        block.regionStart = code().length();
    }

    /** A block whose handler lies before its body: so the clauses' labels are those around the block. */
    private void tryTable(int position) {
        Signature shape = new Signature(in.blockType(module.types()));
        stack.spillAll();
        Block block = open(Opcode.TRY_TABLE, position, shape);
        block.tryPosition = position;
        Label body = new Label();
        code().jump(CodeAssembler.GOTO, body);
        beginHandler(block, position);
        int count = in.u32();
        for (int i = 0; i < count; i++) {
            int kind = in.u8();
            boolean tagged = kind <= Opcode.CLAUSE_CATCH_REF;
            int tag = tagged ? in.u32() : -1;
            tableClause(block, tag, kind == Opcode.CLAUSE_CATCH_REF || kind == Opcode.CLAUSE_CATCH_ALL_REF, in.u32());
        }
        if (function.reachable()) {
            rethrow(block);
        }
        code().bind(body, stack.locals(block.spillsInside), "");
        function.reachable(true);
        reset(block);
        pushParameters(block);
        block.regionStart = code().length();
    }

    private void tableClause(Block block, int tag, boolean withReference, int depth) {
        if (!function.reachable()) {
            return;
        }
        Label next = new Label();
        if (tag >= 0) {
            testTag(block, tag).jump(CodeAssembler.IFEQ, next);
            pushCaught(block, tag);
        }
        if (withReference) {
            stack.loadSpill(block.exceptionSpill);
            stack.push('L');
        }
        branch(target(depth + 1));
        reset(block);
        if (tag >= 0) {
            code().bind(next, stack.locals(block.spillsInside), "");
            function.reachable(true);
        }
    }

    /** Begins what runs when an exception of a block's body was caught. */
    private void beginHandler(Block block, int position) {
        code().reference('E', GUEST_EXCEPTION);
        code().bindBackward(handler(position), stack.locals(block.spillsInside), "E");
        stack.storeSpill(block.exceptionSpill);
        function.refreshMemory();
        if (sink != null && layout.isEntry(position)) {
            code().bind(entryLabel(position), locals.prefix(), "");
        }
        reset(block);
        function.reachable(true);
    }

    private Label handler(int position) {
        return handlers.computeIfAbsent(position, _ -> new Label());
    }

    /** Begins a {@code catch}, or with a tag of -1 a {@code catch_all}; what came before it goes to the end. */
    private void catchClause(int position, int tag) {
        Block block = blocks.getLast();
        if (function.reachable()) {
            stack.arrange(block.results.length());
            jumpTo(block);
        }
        if (block.regionStart >= 0) {
            closeRegion(block);
            block.regionStart = -1;
            function.reachable(false);
            if (block.hasRegion) {
                beginHandler(block, position);
            }
        } else {
            bindClause(block, position);
        }
        if (function.reachable() && tag >= 0) {
            jumpUnlessTagged(block, position, tag);
            pushCaught(block, tag);
        }
    }

    /** Begins a clause that the one before it has passed an exception on to. */
    private void bindClause(Block block, int position) {
        reset(block);
        Label label = block.otherwise;
        block.otherwise = null;
        function.reachable(label != null);
        if (label != null) {
            code().bind(label, stack.locals(block.spillsInside), "");
        } else if (sink != null && layout.isEntry(position)) {
            code().bind(entryLabel(position), locals.prefix(), "");
            function.reachable(true);
        }
    }

    private void jumpUnlessTagged(Block block, int position, int tag) {
        testTag(block, tag);
        int next = layout.clauseAfter(position);
        if (next >= 0 && isInChunk(next)) {
            block.otherwise = new Label();
            code().jump(CodeAssembler.IFEQ, block.otherwise);
            return;
        }
        Label hit = new Label();
        code().jump(CodeAssembler.IFNE, hit);
        if (next < 0) {
            rethrow(block);
        } else {
            code().constant(layout.entry(next)).ret('I');
        }
        code().bind(hit, stack.locals(block.spillsInside), "");
        function.reachable(true);
    }

    private boolean isInChunk(int position) {
        return sink == null || layout.chunkAt(position) == chunk;
    }

    private CodeAssembler testTag(Block block, int tag) {
        stack.loadSpill(block.exceptionSpill);
        function.loadInstance().constant(tag);
        return code().invokeStatic(OPS, "isTagged", "(Ljava/lang/Object;" + STATE_D + "I)Z");
    }

    /** Pushes what a caught exception carries. */
    private void pushCaught(Block block, int tag) {
        String values = tagValues(tag);
        if (values.isEmpty()) {
            return;
        }
        stack.loadSpill(block.exceptionSpill);
        char first = values.charAt(0);
        if (values.length() == 1 && Signature.isNumber(first)) {
            code().invokeStatic(OPS, "exceptionBits", "(Ljava/lang/Object;)J");
            ValueCode.fromBits(code(), first);
            stack.push(first);
            return;
        }
        code().invokeStatic(OPS, "exceptionPayload", "(Ljava/lang/Object;)Ljava/lang/Object;");
        if (values.length() == 1) {
            ValueCode.unbox(code(), first);
            stack.push(first);
        } else {
            boolean numbers = Signature.areNumbers(values);
            code().checkCast(numbers ? "[J" : "[Ljava/lang/Object;");
            packed.unpack(values, numbers);
        }
    }

    private String tagValues(int tag) {
        return new Signature(module.tagType(tag).type()).parameters();
    }

    private void throwNew(int tag) {
        String values = tagValues(tag);
        int count = values.length();
        stack.need(count);
        String payload = "";
        if (count > 1) {
            packed.pack(values, Signature.areNumbers(values));
            payload = "Ljava/lang/Object;";
        } else if (count == 1 && Signature.isNumber(values.charAt(0))) {
            ValueCode.toBits(code(), values.charAt(0));
            payload = "J";
        } else if (count == 1) {
            ValueCode.box(code(), values.charAt(0));
            payload = "Ljava/lang/Object;";
        }
        stack.pop(count);
        function.loadInstance().constant(tag);
        code().invokeStatic(OPS, "exception", "(" + payload + STATE_D + "I)L" + GUEST_EXCEPTION + ";");
        code().op(CodeAssembler.ATHROW);
        stack.deepen();
        function.reachable(false);
    }

    /** Throws the exception that lies on the JVM's stack. */
    private void throwReference() {
        code().invokeStatic(OPS, "thrown", "(Ljava/lang/Object;)L" + GUEST_EXCEPTION + ";");
        code().op(CodeAssembler.ATHROW);
        stack.deepen();
        function.reachable(false);
    }

    private void rethrow(Block block) {
        stack.loadSpill(block.exceptionSpill);
        throwReference();
    }

    /** Notes where exceptions of what has been compiled of a body go. */
    private void closeRegion(Block block) {
        if (block.regionStart >= 0 && layout.handles(block.tryPosition)) {
            block.hasRegion = true;
            if (block.regionStart < code().length()) {
                int position = layout.handlerOf(block.tryPosition);
                code().region(block.regionStart, code().length(), handler(position), GUEST_EXCEPTION);
                if (position >= 0) {
                    exceptionSpills.put(position, catching(position).exceptionSpill);
                }
            }
        }
    }

    /** Writes what passes exceptions on to another chunk, or out of the function past the blocks around. */
    private void handOver() {
        handlers.forEach((position, label) -> {
            if (label.isBound()) {
                return;
            }
            code().reference('E', GUEST_EXCEPTION);
            code().bindBackward(label, locals.prefix(), "E");
            if (position < 0) {
                code().op(CodeAssembler.ATHROW);
            } else {
                int spill = exceptionSpills.getOrDefault(position, -1);
                frame().storeSpill(spill, 'L');
                code().constant(layout.entry(position)).ret('I');
            }
        });
    }

    /** The open block whose handler is at {@code position}; others may delegate to it, but they are inside. */
    private Block catching(int position) {
        for (Block block : blocks) {
            if (block.regionStart >= 0 && layout.handlerOf(block.tryPosition) == position) {
                return block;
            }
        }
        throw new IllegalStateException("no block handles exceptions at " + position);
    }

    // Branches

    private Block target(int depth) {
        int index = blocks.size();
        for (int left = depth; left >= 0; ) {
            if (!blocks.get(--index).hidden) {
                left--;
            }
        }
        return blocks.get(index);
    }

    private void branch(Block block) {
        stack.arrange(block.branchTypes().length());
        jumpTo(block);
        function.reachable(false);
    }

    /** Jumps; just the branch's values are on the JVM's stack. */
    private void jumpTo(Block block) {
        if (block == blocks.getFirst()) {
            returnResults();
            return;
        }
        if (leavesLoop(block)) {
            writeBack();
        }
        if (sink != null && layout.chunkAt(block.labelPosition) != chunk) {
            storeBranchValues(block);
            code().constant(layout.entry(block.labelPosition)).ret('I');
            return;
        }
        if (block.isLoop() || block.entry) {
            storeBranchValues(block);
        }
        code().jump(CodeAssembler.GOTO, block.label);
    }

    /** Stores the branch's values, the last on top, into the locals where the label looks for them. */
    private void storeBranchValues(Block block) {
        String values = block.branchTypes();
        if (block.isLoop()) {
            for (int i = values.length() - 1; i >= 0; i--) {
                stack.storeSpill(block.parameterSpills[i]);
            }
            return;
        }
        stack.storeSpills(block.spillsBelow, values);
    }

    /** Whether a branch to the block is a jump in this method. */
    private boolean isInChunk(Block block) {
        return block != blocks.getFirst() && (sink == null || layout.chunkAt(block.labelPosition) == chunk);
    }

    /** Whether a branch to the block leaves the loop whose locals are not in the frame. */
    private boolean leavesLoop(Block block) {
        return locals.isAroundWholeLoop(blocks.indexOf(block));
    }

    /** Whether a branch to the block is just a jump in this method, with its values on the JVM's stack. */
    private boolean isPlain(Block block) {
        return isInChunk(block) && !leavesLoop(block) && !block.isLoop() && !block.entry;
    }

    /**
     * A conditional branch; the comparison's operands, or the condition if {@code comparison} is -1, are on the JVM's
     * stack and no longer on the compiler's.
     */
    void branchIf(int depth, int comparison, boolean sense) {
        Block block = target(depth);
        int count = block.branchTypes().length();
        pendingComparison = comparison;
        pendingSense = sense;
        if (stack.resident() < count) {
            holdConditionWhile(count);
        }
        if ((stack.resident() == count && isPlain(block))
                || (stack.resident() == 0 && count == 0 && isInChunk(block) && !leavesLoop(block))) {
            pendingSense = !pendingSense;
            jumpUnless(block.label);
            return;
        }
        Label stay = new Label();
        jumpUnless(stay);
        stack.arrange(count);
        jumpTo(block);
        code().bind(stay, stack.locals(), stack.residents());
    }

    /** Brings branch values to the JVM's stack although a condition lies on it. */
    private void holdConditionWhile(int count) {
        materialiseCondition();
        int held = stack.scratchAbove();
        held += CodeAssembler.slots(stack.top(count));
        code().store('I', held);
        stack.need(count);
        code().load('I', held);
    }

    private void branchTable(int position) {
        int count = in.u32();
        int[] depths = new int[count + 1];
        for (int i = 0; i <= count; i++) {
            depths[i] = in.u32();
        }
        int values = target(depths[count]).branchTypes().length();
        if (sink != null && values == 0 && count > MAXIMUM_SWITCH) {
            branchTableAcrossChunks(depths);
            return;
        }
        stack.need(values + 1);
        int held = stack.scratchAbove();
        code().store('I', held);
        stack.pop();
        stack.arrange(values);
        code().load('I', held);
        List<Label> labels = new ArrayList<>();
        List<Label> landings = new ArrayList<>();
        List<Block> landingBlocks = new ArrayList<>();
        Label[] byDepth = new Label[blocks.size()];
        for (int depth : depths) {
            Label label = byDepth[depth];
            if (label == null) {
                Block block = target(depth);
                boolean direct = isPlain(block);
                label = direct ? block.label : new Label();
                byDepth[depth] = label;
                if (!direct) {
                    landings.add(label);
                    landingBlocks.add(block);
                }
            }
            labels.add(label);
        }
        String carried = stack.top(values);
        if (count > MAXIMUM_SWITCH) {
            largeTable(position, byDepth);
        } else {
            code().tableSwitch(0, labels.subList(0, count), labels.get(count));
        }
        String live = stack.locals();
        for (int i = 0; i < landings.size(); i++) {
            code().bind(landings.get(i), live, carried);
            jumpTo(landingBlocks.get(i));
        }
        function.reachable(false);
    }

    /** A large table whose branches carry no values: where to go on in another chunk is looked up, not coded. */
    private void branchTableAcrossChunks(int[] depths) {
        int[] codes = new int[depths.length];
        Label[] byDepth = new Label[blocks.size()];
        for (int i = 0; i < depths.length; i++) {
            Block block = target(depths[i]);
            if (block == blocks.getFirst() || isInChunk(block)) {
                codes[i] = -1 - depths[i];
                byDepth[depths[i]] = new Label();
            } else {
                codes[i] = layout.entry(block.labelPosition);
            }
        }
        stack.need(1);
        function.loadInstance().constant(names.addBranchTable(codes));
        code().invokeStatic(OPS, "branchCode", "(I" + STATE_D + "I)I");
        stack.pop();
        int held = stack.scratchAbove();
        code().store('I', held);
        stack.arrange(0);
        Label elsewhere = new Label();
        int[] keys = new int[byDepth.length];
        List<Label> labels = new ArrayList<>();
        for (int depth = byDepth.length - 1; depth >= 0; depth--) {
            if (byDepth[depth] != null) {
                keys[labels.size()] = -1 - depth;
                labels.add(byDepth[depth]);
            }
        }
        code().load('I', held).lookupSwitch(Arrays.copyOf(keys, labels.size()), labels, elsewhere);
        for (int depth = 0; depth < byDepth.length; depth++) {
            if (byDepth[depth] != null) {
                code().bind(byDepth[depth], locals.prefix(), "");
                jumpTo(target(depth));
            }
        }
        code().bind(elsewhere, withHeld(held), "");
        writeBack();
        code().load('I', held).ret('I');
        function.reachable(false);
    }

    /** The JVM locals with an int in a scratch local, which in a cut function is the first free one. */
    private String withHeld(int held) {
        return locals.prefix() + "T".repeat(held - locals.end()) + "I";
    }

    private void largeTable(int position, Label[] byDepth) {
        function.loadInstance().constant(position);
        code().invokeStatic(OPS, "branchDepth", "(I" + STATE_D + "I)I");
        List<Label> targets = new ArrayList<>();
        int[] keys = new int[byDepth.length];
        Label last = new Label();
        for (int depth = 0; depth < byDepth.length; depth++) {
            if (byDepth[depth] != null) {
                keys[targets.size()] = depth;
                targets.add(byDepth[depth]);
                last = byDepth[depth];
            }
        }
        code().lookupSwitch(Arrays.copyOf(keys, targets.size()), targets, last);
    }

    /** Returns from the function; just its results are on the JVM's stack. */
    private void returnResults() {
        String results = signature.results();
        if (sink != null) {
            for (int i = results.length() - 1; i >= 0; i--) {
                frame().storeResult(i, results.charAt(i));
            }
            code().constant(CODE_RETURN).ret('I');
        } else {
            if (results.length() > 1) {
                packed.pack(results, signature.packsNumbers());
            }
            code().ret(signature.resultCharacter());
        }
    }

    // Calls

    private void call(int callee) {
        Signature type = names.signature(module.functionTypes()[callee]);
        arguments(type);
        function.loadInstance();
        if (callee < module.importedFunctions()) {
            code().constant(callee);
            code().invokeStatic(
                            GuestNames.signatureClass(type),
                            "imported",
                            "(" + type.parameterDescriptor() + STATE_D + "I)" + type.resultDescriptor());
        } else {
            code().invokeStatic(
                            names.functionClass(callee), names.functionMethod(callee), names.functionDescriptor(type));
        }
        afterCall(type);
    }

    private void callIndirect(int typeIndex, int table) {
        Signature type = names.signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        tables.narrowIndex(table);
        stack.pop();
        if (type.boxed()) {
            int held = stack.scratchAbove();
            code().store('I', held);
            arguments(type);
            code().load('I', held);
        } else {
            stack.pop(type.parameters().length());
        }
        function.loadInstance().constant(table);
        wantedType(type, typeIndex);
        code().invokeStatic(GuestNames.signatureClass(type), "indirect", SignatureCode.indirectDescriptor(type));
        afterCall(type);
    }

    private void callReference(int typeIndex) {
        Signature type = names.signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        stack.pop();
        if (type.boxed()) {
            int held = stack.scratchAbove();
            code().store('L', held);
            arguments(type);
            code().load('L', held);
        } else {
            stack.pop(type.parameters().length());
        }
        function.loadInstance();
        code().invokeStatic(
                        GuestNames.signatureClass(type),
                        "reference",
                        "(" + type.parameterDescriptor() + "Ljava/lang/Object;" + STATE_D + ")"
                                + type.resultDescriptor());
        afterCall(type);
    }

    private void returnCallReference(int typeIndex) {
        Signature type = names.signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        stack.pop();
        code().invokeStatic(OPS, "callable", "(Ljava/lang/Object;)L" + GuestNames.FUNCTION_BASE + ";");
        returnCallFound(type);
    }

    /** Branches if the reference on top is null, without it; else it stays. */
    private void branchOnNull(int depth) {
        Block block = target(depth);
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
    private void branchOnNonNull(int depth) {
        Block block = target(depth);
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

    /** Where types share a class, an indirect call also says which it wants. */
    private void wantedType(Signature type, int typeIndex) {
        if (type.typed()) {
            code().constant(typeIndex);
        }
    }

    /** Leaves the arguments on the JVM's stack as the signature wants them, and takes them off the compiler's. */
    private void arguments(Signature type) {
        stack.need(type.parameters().length());
        if (type.boxed()) {
            packed.pack(type.parameters(), false);
        }
        stack.pop(type.parameters().length());
    }

    private void afterCall(Signature type) {
        function.refreshMemory();
        stack.deepen(CodeAssembler.slots(type.jvmParameters()));
        if (type.results().length() > 1) {
            packed.unpack(type.results(), type.packsNumbers());
        } else {
            stack.push(type.results());
        }
    }

    private void returnCall(int callee) {
        Signature type = names.signature(module.functionTypes()[callee]);
        if (callee == function.index() && start != null && sink == null) {
            stack.arrange(type.parameters().length());
            for (int i = type.parameters().length() - 1; i >= 0; i--) {
                locals.store(i);
            }
            for (int i = type.parameters().length(); i < locals.count(); i++) {
                ValueCode.zero(code(), locals.type(i));
                locals.store(i);
            }
            Label again = new Label();
            clock.turn(again);
            code().bind(again, locals.prefix(), "");
            code().jump(CodeAssembler.GOTO, start);
            function.reachable(false);
            return;
        }
        stack.need(type.parameters().length());
        packed.pack(type.parameters(), false);
        stack.pop(type.parameters().length());
        function.loadInstance().constant(callee);
        code().invokeStatic(OPS, "tailCall", "([Ljava/lang/Object;" + STATE_D + "I)V");
        returnNothing();
    }

    private void returnCallIndirect(int typeIndex, int table) {
        Signature type = names.signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        tables.narrowIndex(table);
        stack.pop();
        function.loadInstance().constant(table);
        String signatureClass = GuestNames.signatureClass(type);
        wantedType(type, typeIndex);
        code().invokeStatic(signatureClass, "lookup", SignatureCode.lookupDescriptor(type));
        returnCallFound(type);
    }

    /** Leaves a tail call of the function that lies on the JVM's stack, above its arguments. */
    private void returnCallFound(Signature type) {
        int held = stack.scratchAbove();
        code().store('L', held);
        packed.pack(type.parameters(), false);
        stack.pop(type.parameters().length());
        code().load('L', held);
        function.loadInstance();
        code().invokeStatic(OPS, "tailCall", "([Ljava/lang/Object;L" + GuestNames.FUNCTION_BASE + ";" + STATE_D + ")V");
        returnNothing();
    }

    /** Returns from a body that has left a tail call behind; what it returns is not looked at. */
    private void returnNothing() {
        stack.deepen();
        if (sink != null) {
            code().constant(CODE_RETURN).ret('I');
        } else {
            char result = signature.resultCharacter();
            if (result != 'V') {
                code().zero(result);
            }
            code().ret(result);
        }
        function.reachable(false);
    }

    // Instructions

    private void instruction(int position) {
        int opcode = in.u8();
        if (CodeOffsets.isMarked(opcode)) {
            code().line(CodeOffsets.line(body, position));
        }
        if (opcode >= Opcode.I32_EQZ && opcode <= Opcode.I64_EXTEND32_S) {
            if (SimpleInstructions.isComparison(opcode) && fuse(opcode)) {
                return;
            }
            simple(opcode);
            return;
        }
        if (opcode >= Opcode.I32_LOAD && opcode <= Opcode.I64_STORE32) {
            memories.access(opcode);
            return;
        }
        switch (opcode) {
            case Opcode.UNREACHABLE -> {
                code().invokeStatic(OPS, "unreachable", "()Lio/selvage/wasm/Trap;")
                        .op(CodeAssembler.ATHROW);
                stack.deepen();
                function.reachable(false);
            }
            case Opcode.NOP -> {}
            case Opcode.BLOCK, Opcode.LOOP -> block(opcode, position);
            case Opcode.IF -> {
                stack.need(1);
                stack.pop();
                blockIf(position, -1, true);
            }
            case Opcode.ELSE -> otherwise(position);
            case Opcode.END -> end(position);
            case Opcode.TRY -> tryBlock(position);
            case Opcode.TRY_TABLE -> tryTable(position);
            case Opcode.CATCH -> catchClause(position, in.u32());
            case Opcode.CATCH_ALL -> catchClause(position, -1);
            case Opcode.DELEGATE -> {
                in.u32();
                end(position);
            }
            case Opcode.THROW -> throwNew(in.u32());
            case Opcode.THROW_REF -> {
                stack.need(1);
                stack.pop();
                throwReference();
            }
            case Opcode.RETHROW -> rethrow(target(in.u32()));
            case Opcode.BR -> branch(target(in.u32()));
            case Opcode.BR_IF -> {
                stack.need(1);
                stack.pop();
                branchIf(in.u32(), -1, true);
            }
            case Opcode.BR_TABLE -> branchTable(position);
            case Opcode.RETURN -> branch(blocks.getFirst());
            case Opcode.CALL -> call(in.u32());
            case Opcode.CALL_INDIRECT -> {
                int type = in.u32();
                callIndirect(type, in.u32());
            }
            case Opcode.CALL_REF -> callReference(in.u32());
            case Opcode.RETURN_CALL_REF -> returnCallReference(in.u32());
            case Opcode.BR_ON_NULL -> branchOnNull(in.u32());
            case Opcode.BR_ON_NON_NULL -> branchOnNonNull(in.u32());
            case Opcode.RETURN_CALL -> returnCall(in.u32());
            case Opcode.RETURN_CALL_INDIRECT -> {
                int type = in.u32();
                returnCallIndirect(type, in.u32());
            }
            case Opcode.LOCAL_GET -> variables.localGet(in.u32());
            case Opcode.LOCAL_SET -> variables.localSet(in.u32());
            case Opcode.LOCAL_TEE -> variables.localTee(in.u32());
            case Opcode.GLOBAL_GET -> variables.globalGet(in.u32());
            case Opcode.GLOBAL_SET -> variables.globalSet(in.u32());
            default -> valueInstruction(opcode);
        }
    }

    private void valueInstruction(int opcode) {
        switch (opcode) {
            case Opcode.DROP -> {
                stack.need(1);
                code().pop(stack.type(0));
                stack.pop();
            }
            case Opcode.SELECT, Opcode.SELECT_TYPED -> {
                if (opcode == Opcode.SELECT_TYPED) {
                    in.skipImmediates(opcode);
                }
                stack.need(3);
                char type = stack.type(1);
                String d = ValueCode.descriptor(type);
                code().invokeStatic(type == 'Q' ? GuestNames.VECTORS : OPS, "select", "(" + d + d + "I)" + d);
                stack.pop(3);
                stack.push(type);
            }
            case Opcode.I32_CONST -> {
                code().constant(in.s32());
                stack.push('I');
            }
            case Opcode.I64_CONST -> {
                code().constant(in.s64());
                stack.push('J');
            }
            case Opcode.F32_CONST -> {
                code().floatConstant(in.f32());
                stack.push('F');
            }
            case Opcode.F64_CONST -> {
                code().doubleConstant(in.f64());
                stack.push('D');
            }
            case Opcode.REF_NULL -> {
                in.s64();
                code().op(CodeAssembler.ACONST_NULL);
                stack.push('L');
            }
            case Opcode.REF_IS_NULL -> runtime.ops("refIsNull", "L", 'I');
            case Opcode.REF_FUNC -> {
                function.loadInstance().constant(in.u32());
                code().invokeStatic(OPS, "function", "(" + STATE_D + "I)Lio/selvage/wasm/Function;");
                stack.push('L');
            }
            case Opcode.REF_EQ -> runtime.ops("refEq", "LL", 'I');
            case Opcode.REF_AS_NON_NULL -> runtime.ops("nonNull", "L", 'L');
            case Opcode.PREFIX_FB -> references.instruction(in.u32());
            case Opcode.TABLE_GET -> tables.get(in.u32());
            case Opcode.TABLE_SET -> tables.set(in.u32());
            case Opcode.MEMORY_SIZE -> memories.size(in.u32());
            case Opcode.MEMORY_GROW -> memories.grow(in.u32());
            case Opcode.PREFIX_FC -> miscellaneous(in.u32());
            case Opcode.PREFIX_FD -> vectors.instruction(in.u32());
            case Opcode.PREFIX_FE -> atomics.instruction(in.u32());
            default -> throw new IllegalStateException("opcode 0x" + Integer.toHexString(opcode) + " was let through");
        }
    }

    /** An instruction by its number after {@link Opcode#PREFIX_FC}. */
    private void miscellaneous(int second) {
        switch (second) {
            case Opcode.MEMORY_INIT -> memories.initialise(in.u32(), in.u32());
            case Opcode.MEMORY_COPY -> memories.copy(in.u32(), in.u32());
            case Opcode.MEMORY_FILL -> memories.fill(in.u32());
            case Opcode.DATA_DROP -> memories.drop(in.u32());
            case Opcode.TABLE_INIT -> tables.initialise(in.u32(), in.u32());
            case Opcode.TABLE_COPY -> tables.copy(in.u32(), in.u32());
            case Opcode.TABLE_GROW -> tables.grow(in.u32());
            case Opcode.TABLE_SIZE -> tables.size(in.u32());
            case Opcode.TABLE_FILL -> tables.fill(in.u32());
            case Opcode.ELEM_DROP -> tables.drop(in.u32());
            default -> simple(0x100 + second);
        }
    }

    private void simple(int opcode) {
        int operands = SimpleInstructions.operands(opcode).length();
        stack.need(operands);
        SimpleInstructions.emit(code(), opcode);
        stack.pop(operands);
        stack.push(SimpleInstructions.result(opcode));
    }

    /** If a comparison is only there for the branch behind it, makes one jump of both. */
    private boolean fuse(int comparison) {
        int resume = in.position();
        boolean sense = true;
        while (in.peek() == Opcode.I32_EQZ) {
            in.u8();
            sense = !sense;
        }
        int position = in.position();
        int next = in.peek();
        boolean cutBetween = sink != null && position >= layout.cut(chunk);
        if (cutBetween || (next != Opcode.BR_IF && next != Opcode.IF)) {
            in.position(resume);
            return false;
        }
        in.u8();
        int operands = SimpleInstructions.operands(comparison).length();
        stack.need(operands);
        stack.pop(operands);
        if (next == Opcode.BR_IF) {
            branchIf(in.u32(), comparison, sense);
        } else {
            blockIf(position, comparison, sense);
        }
        return true;
    }
}
