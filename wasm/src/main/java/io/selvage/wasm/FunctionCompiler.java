package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;
import org.jspecify.annotations.Nullable;

/**
 * Compiles one function to JVM code that the JIT compiler likes: WebAssembly's operand stack is the JVM's, its
 * structured control is plain jumps, its locals are JVM locals of their real types (see RATIONALE.md). It reads the
 * instructions in order and has each compiled by the one that knows of it.
 *
 * <p>What lies on the operand stack below a block is kept in locals while the block runs, so that the JVM stack is empty
 * at every loop's head and holds just the results at every branch. Code that cannot be reached is not compiled.
 *
 * <p>A body that is too large for one method, or for HotSpot to compile it well, is cut into chunks, a method each
 * ({@link Chunks}). Then its locals live in the fields of a frame object ({@link FunctionFrame}); while a loop runs that
 * is not cut, those that it uses are in JVM locals.
 */
final class FunctionCompiler {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    private final FunctionCode function;
    private final InstructionReader in;
    private final Chunks chunks;
    private final ClockChecks clock;
    private final Locals locals;
    private final OperandStack stack;
    private final Blocks blocks;

    private final RuntimeCalls runtime;
    private final VariableCompiler variables;
    private final MemoryCompiler memories;
    private final TableCompiler tables;
    private final VectorCompiler vectors;
    private final AtomicCompiler atomics;
    private final ReferenceCompiler references;
    private final CallCompiler calls;
    private final BranchCompiler branches;
    private final BranchTableCompiler branchTables;
    private final LoopCompiler loops;
    private final ExceptionCompiler exceptions;
    private final BlockCompiler control;

    /** How many blocks have been opened in the unreachable code being passed over. */
    private int unreachableDepth;

    private FunctionCompiler(FunctionCode function, @Nullable ChunkSink sink) {
        this.function = function;
        ModuleData.Body body = function.body();
        in = new InstructionReader(function.module().binary(), body.start());
        chunks = new Chunks(function, sink);
        clock = new ClockChecks(function);
        String localTypes = Locals.types(function.signature(), body.locals());
        FunctionFrame frame = sink == null ? null : new FunctionFrame(function, sink, localTypes.length());
        locals = new Locals(function, localTypes, frame);
        stack = new OperandStack(function, locals, frame);
        blocks = new Blocks(function, stack, chunks);
        PackedValues packed = new PackedValues(function, stack);
        runtime = new RuntimeCalls(function, stack);
        variables = new VariableCompiler(function, locals, stack);
        memories = new MemoryCompiler(function, stack, runtime, in);
        tables = new TableCompiler(function, stack, runtime);
        vectors = new VectorCompiler(function, stack, memories, in);
        atomics = new AtomicCompiler(function, stack, memories, in);
        branches = new BranchCompiler(function, locals, stack, packed, blocks, chunks, frame);
        branchTables = new BranchTableCompiler(function, locals, stack, blocks, chunks, branches, in);
        references = new ReferenceCompiler(function, stack, runtime, branches, in);
        loops = new LoopCompiler(function, locals, blocks, chunks, clock, in);
        calls = new CallCompiler(function, locals, stack, packed, chunks, loops, tables);
        exceptions = new ExceptionCompiler(function, stack, locals, packed, blocks, chunks, branches, frame, in);
        control = new BlockCompiler(function, locals, stack, blocks, chunks, branches, loops, exceptions, in);
    }

    /**
     * Compiles a function into one method.
     *
     * @throws MethodTooLargeException if it does not fit
     */
    static CodeAssembler compile(ModuleCode names, int function, FunctionLayout layout, ClassAssembler target) {
        Signature signature = names.signature(names.module().functionTypes()[function]);
        CodeAssembler method = names.code(target, signature.jvmParameters() + "S");
        int length = layout.dispatches() ? FunctionCode.WHOLE_DISPATCH_LENGTH : FunctionCode.WHOLE_LENGTH;
        FunctionCode code = new FunctionCode(names, function, layout, length, method);
        new FunctionCompiler(code, null).compileWhole();
        return method;
    }

    /**
     * Compiles a function into one method a chunk.
     *
     * @throws MethodTooLargeException if a chunk does not fit in a method
     */
    static void compileChunks(ModuleCode names, int function, FunctionLayout layout, ChunkSink sink) {
        CodeAssembler first = names.chunkCode(sink.next(0), function);
        FunctionCode code = new FunctionCode(names, function, layout, CodeAssembler.MAXIMUM_LENGTH, first);
        new FunctionCompiler(code, sink).compileChunks();
    }

    // Methods

    private void compileWhole() {
        String parameters = function.signature().jvmParameters();
        function.line(in.position());
        function.instanceIn(CodeAssembler.slots(parameters));
        locals.begin(parameters + "S");
        begin();
        if (ClockChecks.isNeededOnEntry(function.layout())) {
            clock.onEntry(locals.prefix());
        }
        locals.declareAll();
        if (function.layout().hasLoops()) {
            loops.bindStart();
        }
        compileBody();
        exceptions.handOver();
        loops.finish();
        function.checkLength();
    }

    private void compileChunks() {
        beginChunk();
        compileBody();
        finishChunk();
    }

    private void beginChunk() {
        function.line(in.position());
        function.instanceIn(2);
        locals.begin("IRS");
        begin();
        chunks.begin(locals.prefix());
        if (!function.reachable()) {
            function.neverReached();
        }
        exceptions.beginChunk();
    }

    /** Begins a method: finds out where the memory is, and fills up the fuel. */
    private void begin() {
        if (function.layout().usesMemory()) {
            function.memoryIn(locals.declare('M'));
            function.refreshMemory();
        }
        if (function.layout().hasLoops()) {
            clock.fuelIn(locals.declare('I'));
        }
        function.code().stack(8);
    }

    private void finishChunk() {
        loops.finish();
        exceptions.finishChunk();
        chunks.finish(locals.prefix());
    }

    private void nextChunk() {
        if (function.reachable()) {
            stack.spillAll();
            chunks.goOnInNext();
        }
        finishChunk();
        chunks.next();
        beginChunk();
    }

    // Instructions

    private void compileBody() {
        int end = function.body().end();
        while (in.position() < end) {
            int position = in.position();
            if (position >= chunks.end()) {
                nextChunk();
            }
            if (function.reachable()) {
                instruction(position);
            } else {
                skipUnreachable(position);
            }
            function.checkLength();
        }
    }

    /** Passes over code that cannot be reached, up to the end of the innermost block or its else. */
    private void skipUnreachable(int position) {
        int opcode = in.u8();
        switch (opcode) {
            case Opcode.BLOCK, Opcode.LOOP, Opcode.IF, Opcode.TRY, Opcode.TRY_TABLE -> {
                in.skipImmediates(opcode);
                unreachableDepth++;
            }
            case Opcode.ELSE -> {
                if (unreachableDepth == 0) {
                    control.otherwise(position);
                }
            }
            case Opcode.CATCH, Opcode.CATCH_ALL -> {
                int tag = opcode == Opcode.CATCH ? in.u32() : -1;
                if (unreachableDepth == 0) {
                    exceptions.catchClause(position, tag);
                }
            }
            case Opcode.DELEGATE, Opcode.END -> {
                in.skipImmediates(opcode);
                if (unreachableDepth == 0) {
                    control.end(position);
                } else {
                    unreachableDepth--;
                }
            }
            default -> in.skipImmediates(opcode);
        }
    }

    private void instruction(int position) {
        int opcode = in.u8();
        if (CodeOffsets.isMarked(opcode)) {
            function.line(position);
        }
        if (opcode >= Opcode.I32_EQZ && opcode <= Opcode.I64_EXTEND32_S) {
            if (!SimpleInstructions.isComparison(opcode) || !fuse(opcode)) {
                simple(opcode);
            }
        } else if (opcode >= Opcode.I32_LOAD && opcode <= Opcode.I64_STORE32) {
            memories.access(opcode);
        } else {
            controlInstruction(opcode, position);
        }
    }

    private void controlInstruction(int opcode, int position) {
        switch (opcode) {
            case Opcode.UNREACHABLE -> {
                function.code().invokeStatic(OPS, "unreachable", "()Lio/selvage/wasm/Trap;");
                function.throwTop();
                stack.deepen();
            }
            case Opcode.NOP -> {}
            case Opcode.BLOCK -> control.block(position);
            case Opcode.LOOP -> control.loop(position);
            case Opcode.IF -> {
                take();
                control.beginIf(position, Condition.notZero(true));
            }
            case Opcode.ELSE -> control.otherwise(position);
            case Opcode.END -> control.end(position);
            case Opcode.TRY -> exceptions.tryBlock(position);
            case Opcode.TRY_TABLE -> exceptions.tryTable(position);
            case Opcode.CATCH -> exceptions.catchClause(position, in.u32());
            case Opcode.CATCH_ALL -> exceptions.catchClause(position, -1);
            case Opcode.DELEGATE -> {
                in.u32();
                control.end(position);
            }
            case Opcode.THROW -> exceptions.throwNew(in.u32());
            case Opcode.THROW_REF -> {
                take();
                exceptions.throwReference();
            }
            case Opcode.RETHROW -> exceptions.rethrow(blocks.target(in.u32()));
            case Opcode.BR -> branches.branch(blocks.target(in.u32()));
            case Opcode.BR_IF -> {
                take();
                branches.branchIf(in.u32(), Condition.notZero(true));
            }
            case Opcode.BR_TABLE -> branchTables.branchTable(position);
            case Opcode.BR_ON_NULL -> branches.branchOnNull(in.u32());
            case Opcode.BR_ON_NON_NULL -> branches.branchOnNonNull(in.u32());
            case Opcode.RETURN -> branches.branch(blocks.function());
            case Opcode.CALL -> calls.call(in.u32());
            case Opcode.CALL_INDIRECT -> calls.callIndirect(in.u32(), in.u32());
            case Opcode.CALL_REF -> calls.callReference(in.u32());
            case Opcode.RETURN_CALL -> calls.returnCall(in.u32());
            case Opcode.RETURN_CALL_INDIRECT -> calls.returnCallIndirect(in.u32(), in.u32());
            case Opcode.RETURN_CALL_REF -> calls.returnCallReference(in.u32());
            default -> valueInstruction(opcode);
        }
    }

    private void valueInstruction(int opcode) {
        switch (opcode) {
            case Opcode.LOCAL_GET -> variables.localGet(in.u32());
            case Opcode.LOCAL_SET -> variables.localSet(in.u32());
            case Opcode.LOCAL_TEE -> variables.localTee(in.u32());
            case Opcode.GLOBAL_GET -> variables.globalGet(in.u32());
            case Opcode.GLOBAL_SET -> variables.globalSet(in.u32());
            case Opcode.DROP -> {
                stack.need(1);
                function.code().pop(stack.type(0));
                stack.pop();
            }
            case Opcode.SELECT, Opcode.SELECT_TYPED -> {
                in.skipImmediates(opcode);
                select();
            }
            case Opcode.I32_CONST -> {
                function.code().constant(in.s32());
                stack.push('I');
            }
            case Opcode.I64_CONST -> {
                function.code().constant(in.s64());
                stack.push('J');
            }
            case Opcode.F32_CONST -> {
                function.code().floatConstant(in.f32());
                stack.push('F');
            }
            case Opcode.F64_CONST -> {
                function.code().doubleConstant(in.f64());
                stack.push('D');
            }
            case Opcode.REF_NULL -> {
                in.s64();
                function.code().op(CodeAssembler.ACONST_NULL);
                stack.push('L');
            }
            case Opcode.REF_IS_NULL -> runtime.ops("refIsNull", "L", 'I');
            case Opcode.REF_FUNC -> {
                function.loadInstance().constant(in.u32());
                function.code().invokeStatic(OPS, "function", "(" + STATE_D + "I)Lio/selvage/wasm/Function;");
                stack.push('L');
            }
            case Opcode.REF_EQ -> runtime.ops("refEq", "LL", 'I');
            case Opcode.REF_AS_NON_NULL -> runtime.ops("nonNull", "L", 'L');
            case Opcode.TABLE_GET -> tables.get(in.u32());
            case Opcode.TABLE_SET -> tables.set(in.u32());
            case Opcode.MEMORY_SIZE -> memories.size(in.u32());
            case Opcode.MEMORY_GROW -> memories.grow(in.u32());
            case Opcode.PREFIX_FB -> references.instruction(in.u32());
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

    /** An operand is going to be consumed from the JVM's stack. */
    private void take() {
        stack.need(1);
        stack.pop();
    }

    private void select() {
        stack.need(3);
        char type = stack.type(1);
        String value = ValueCode.descriptor(type);
        String owner = type == 'Q' ? GuestNames.VECTORS : OPS;
        function.code().invokeStatic(owner, "select", "(" + value + value + "I)" + value);
        stack.pop(3);
        stack.push(type);
    }

    private void simple(int opcode) {
        int operands = SimpleInstructions.operands(opcode).length();
        stack.need(operands);
        SimpleInstructions.emit(function.code(), opcode);
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
        boolean cutBetween = position >= chunks.end();
        if (cutBetween || (next != Opcode.BR_IF && next != Opcode.IF)) {
            in.position(resume);
            return false;
        }
        in.u8();
        int operands = SimpleInstructions.operands(comparison).length();
        stack.need(operands);
        stack.pop(operands);
        Condition condition = new Condition(comparison, sense);
        if (next == Opcode.BR_IF) {
            branches.branchIf(in.u32(), condition);
        } else {
            control.beginIf(position, condition);
        }
        return true;
    }
}
