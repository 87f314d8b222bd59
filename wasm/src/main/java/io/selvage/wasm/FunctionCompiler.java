package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import io.selvage.wasm.internal.AtomicOps;
import io.selvage.wasm.internal.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
    private static final String ATOMIC_OPS = AtomicOps.class.getName().replace('.', '/');
    private static final String GUEST_EXCEPTION = GuestException.class.getName().replace('.', '/');
    private static final String STATE = GuestNames.STATE_BASE;
    private static final String STATE_D = "L" + STATE + ";";

    /** For benchmarks: guests never look at the clock, so neither deadlines nor fairness hold. */
    private static final boolean UNCHECKED = Boolean.getBoolean("io.selvage.wasm.unchecked");

    /** A {@code br_table} with more targets than this goes through a table of ints instead of a JVM switch. */
    private static final int MAXIMUM_SWITCH = 1_024;

    /** How many locals of a cut function, and how many spilled values, get a field each; the rest share an array. */
    private static final int MAXIMUM_FIELDS = 2_000;

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

    private final ModuleCode names;
    private final ModuleData module;
    private final int function;
    private final Signature signature;
    private final FunctionLayout layout;
    private final ModuleData.Body body;
    private final InstructionReader in;
    private final ReferenceCompiler references;
    private final int end;
    private final String localTypes;

    private CodeAssembler code;
    /** The types of the JVM locals before those of spilled values. */
    private String prefix = "";

    private int instanceSlot;
    private int memorySlot;
    private int fuelSlot;
    private int frameSlot = -1;
    /** The JVM slot of each WebAssembly local; in a cut function, of those that the loop being compiled uses. */
    private final int[] localSlots;
    /** Where the slots of spilled values and of scratch values begin. */
    private int spillBase;

    /** The operand stack: the type of each value, and where it is spilled to, or -1 if it is on the JVM's stack. */
    private char[] types = new char[64];

    private int[] spills = new int[64];
    private int height;
    /** How many of the topmost values are on the JVM's stack, and how many slots they take. */
    private int resident;

    private int residentSlots;
    /** The types and JVM slots of spilled values. */
    private final StringBuilder spillTypes = new StringBuilder();

    private int[] spillSlots = new int[16];

    private final List<Block> blocks = new ArrayList<>();
    /** The loops whose heads are in the method that is being written. */
    private final List<Latch> latches = new ArrayList<>();

    private boolean reachable = true;
    /** Where a tail call of the function to itself goes. */
    private @Nullable Label start;

    // Of a cut function
    private final @Nullable ChunkSink sink;
    private @Nullable WholeLoop wholeLoop;
    private int chunk;
    /** Where exceptions of the method's code are handled, by position; -1 for nowhere in the function. */
    private final Map<Integer, Label> handlers = new HashMap<>(0);

    /** Where each of these handlers looks for the exception. */
    private final Map<Integer, Integer> exceptionSpills = new HashMap<>(0);

    private Label[] entryLabels = {};
    private int[] entryPositions = {};

    /**
     * A loop of a cut function that lies in one chunk: the locals that it uses are JVM locals while it runs.
     *
     * @param depth how many blocks are around it
     * @param written those that it sets
     * @param outerPrefix the JVM locals around it
     * @param outerSpillBase where scratch values begin around it
     */
    private record WholeLoop(int depth, BitSet written, String outerPrefix, int outerSpillBase) {}

    /**
     * Where a loop goes on.
     *
     * @param label what branches to the loop jump to
     * @param head where its code begins
     * @param locals the JVM locals there
     */
    private record Latch(Label label, Label head, String locals) {}

    private FunctionCompiler(
            ModuleCode names, int function, FunctionLayout layout, CodeAssembler code, @Nullable ChunkSink sink) {
        this.names = names;
        this.module = names.module();
        this.function = function;
        this.layout = layout;
        this.code = code;
        this.sink = sink;
        signature = names.signature(module.functionTypes()[function]);
        body = module.bodies().get(function - module.importedFunctions());
        in = new InstructionReader(module.binary(), body.start());
        references = new ReferenceCompiler(this, module.types(), in);
        end = body.end();
        localTypes = localTypes(signature, body.locals());
        localSlots = new int[localTypes.length()];
    }

    /** One character a local, as in {@link Signature}. */
    static String localTypes(Signature signature, ModuleData.LocalTypes locals) {
        StringBuilder all = new StringBuilder(signature.parameters());
        for (int i = 0; i < locals.counts().length; i++) {
            all.repeat(Signature.character(locals.types()[i]), locals.counts()[i]);
        }
        return all.toString();
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
        compiler.checkLength();
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
        code.line(CodeOffsets.line(body, body.start()));
        instanceSlot = CodeAssembler.slots(signature.jvmParameters());
        int next = instanceSlot + 1;
        StringBuilder locals = new StringBuilder(signature.jvmParameters()).append('S');
        next = beginCommon(next, locals);
        int parameter = 0;
        for (int i = 0; i < localTypes.length(); i++) {
            char type = localTypes.charAt(i);
            boolean isParameter = i < signature.parameters().length();
            if (isParameter && !signature.boxed()) {
                localSlots[i] = parameter;
                parameter += CodeAssembler.width(type);
                continue;
            }
            localSlots[i] = next;
            if (isParameter) {
                code.load('L', 0).constant(i).op(CodeAssembler.AALOAD);
                ValueCode.unbox(code, type);
            } else {
                ValueCode.zero(code, type);
            }
            code.store(type, next);
            next += CodeAssembler.width(type);
            locals.append(type);
            checkLength();
        }
        spillBase = next;
        prefix = locals.toString();
        code.locals(next);
        code.stack(8);
        open(Opcode.BLOCK, "", signature.results(), false, -1);
        if (layout.hasLoops()) {
            start = new Label();
            code.bindBackward(start, prefix, "");
        }
    }

    private int beginCommon(int firstFree, StringBuilder locals) {
        int next = firstFree;
        if (layout.usesMemory()) {
            memorySlot = next++;
            locals.append('M');
            code.locals(next);
            loadMemory();
        }
        if (layout.hasLoops()) {
            fuelSlot = next++;
            locals.append('I');
            code.constant(Ops.FUEL).store('I', fuelSlot);
        }
        if (looksAtClock(layout) && sink == null) {
            lookAtClock(locals.toString());
        }
        return next;
    }

    /** Whether the function's code calls {@link #pausedMethod} when an epoch has passed as it is entered. */
    static boolean looksAtClock(FunctionLayout layout) {
        return layout.hasCalls() && !UNCHECKED;
    }

    /**
     * The name of the method that a function goes on in when an epoch has passed: {@link ModuleCode} makes it. A tail
     * call, as it were: where nothing of the function is needed after a call, the JIT compiler need not put anything
     * away on the usual way either.
     */
    static String pausedMethod(int function) {
        return "p" + function;
    }

    private void lookAtClock(String locals) {
        Label current = new Label();
        code.load('L', instanceSlot).getField(STATE, "due", "I").jump(CodeAssembler.IFEQ, current);
        code.line(CodeOffsets.NO_LINE);
        ModuleCode.loadParameters(code, signature);
        code.stack(CodeAssembler.slots(signature.jvmParameters()) + 2);
        code.invokeStatic(names.functionClass(function), pausedMethod(function), names.functionDescriptor(signature));
        code.ret(signature.resultCharacter());
        code.bind(current, locals, "");
        code.line(CodeOffsets.line(body, body.start()));
    }

    private void beginChunk() {
        code.line(CodeOffsets.line(body, in.position()));
        frameSlot = 1;
        instanceSlot = 2;
        StringBuilder locals = new StringBuilder("IRS");
        spillBase = beginCommon(3, locals);
        prefix = locals.toString();
        code.stack(8);
        entryPositions = layout.entriesOf(chunk);
        entryLabels = new Label[entryPositions.length];
        Arrays.setAll(entryLabels, i -> new Label());
        if (chunk == 0) {
            open(Opcode.BLOCK, "", signature.results(), false, -1);
        }
        if (entryLabels.length > 0) {
            Label first = new Label();
            code.load('I', 0);
            code.tableSwitch(1, List.of(entryLabels), first);
            code.bind(first, prefix, "");
        }
        if (!reachable) {
            code.op(CodeAssembler.ACONST_NULL).op(CodeAssembler.ATHROW);
        }
        handlers.clear();
        for (Block block : blocks) {
            if (block.regionStart >= 0) {
                block.regionStart = code.length();
            }
        }
    }

    private void nextChunk() {
        if (reachable) {
            spillAll();
            code.constant((chunk + 1) << 16).ret('I');
        }
        finishChunk();
        chunk++;
        code = names.chunkCode(sink().next(chunk), function);
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
                code.bind(label, prefix, "");
                stub = true;
            }
        }
        if (stub) {
            code.op(CodeAssembler.ACONST_NULL).op(CodeAssembler.ATHROW);
        }
        checkLength();
        sink().finish(chunk, code);
    }

    private ChunkSink sink() {
        if (sink == null) {
            throw new IllegalStateException("the function is not cut");
        }
        return sink;
    }

    private void checkLength() {
        if (code.length() > (sink == null ? WHOLE_LENGTH : CodeAssembler.MAXIMUM_LENGTH)) {
            throw new MethodTooLargeException();
        }
    }

    private void compileBody() {
        while (in.position() < end) {
            int position = in.position();
            if (sink != null && position >= layout.cut(chunk)) {
                nextChunk();
            }
            if (reachable) {
                instruction(position);
            } else {
                skipUnreachable();
            }
            if (code.length() > (sink == null ? WHOLE_LENGTH : CodeAssembler.MAXIMUM_LENGTH)) {
                throw new MethodTooLargeException();
            }
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

    // The operand stack

    /** The JVM locals when {@code count} spilled values are kept. */
    private String locals(int count) {
        return count == 0 || sink != null ? prefix : prefix + spillTypes.substring(0, count);
    }

    private String residents() {
        return new String(types, height - resident, resident);
    }

    /** A value is on the JVM's stack now. */
    void push(char type) {
        if (height == types.length) {
            types = Arrays.copyOf(types, height * 2);
            spills = Arrays.copyOf(spills, height * 2);
        }
        types[height] = type;
        spills[height++] = -1;
        resident++;
        residentSlots += CodeAssembler.width(type);
        code.stack(residentSlots + 12);
    }

    private void pushSpilled(char type, int spill) {
        push(type);
        resident--;
        residentSlots -= CodeAssembler.width(type);
        spills[height - 1] = spill;
    }

    private void push(String pushed) {
        for (int i = 0; i < pushed.length(); i++) {
            push(pushed.charAt(i));
        }
    }

    /** The topmost value, which is on the JVM's stack, has been consumed. */
    void pop() {
        height--;
        resident--;
        residentSlots -= CodeAssembler.width(types[height]);
    }

    void pop(int count) {
        for (int i = 0; i < count; i++) {
            pop();
        }
    }

    /** Sees to it that the topmost {@code count} values are on the JVM's stack. */
    void need(int count) {
        if (resident >= count) {
            return;
        }
        int above = resident;
        int scratch = scratch();
        int slot = scratch;
        for (int i = 0; i < above; i++) {
            code.store(types[height - 1 - i], slot);
            slot += CodeAssembler.width(types[height - 1 - i]);
        }
        for (int i = height - count; i < height - above; i++) {
            loadSpill(spills[i]);
            spills[i] = -1;
            residentSlots += CodeAssembler.width(types[i]);
        }
        for (int i = height - above; i < height; i++) {
            slot -= CodeAssembler.width(types[i]);
            code.load(types[i], slot);
        }
        resident = count;
        code.stack(residentSlots + 12);
    }

    /** The first spill that no value on the stack and no open block uses. */
    private int freeSpill() {
        int free = blocks.isEmpty() ? 0 : blocks.getLast().spillsInside;
        int top = height - resident - 1;
        return top >= 0 ? Math.max(free, spills[top] + 1) : free;
    }

    /** The first JVM slot that nothing uses now. */
    private int scratch() {
        int free = freeSpill();
        return sink != null || free == 0
                ? spillBase
                : spillSlots[free - 1] + CodeAssembler.width(spillTypes.charAt(free - 1));
    }

    /** Puts every value that is on the JVM's stack into a local. */
    private void spillAll() {
        if (resident == 0) {
            return;
        }
        int free = freeSpill();
        for (int i = height - resident; i < height; i++) {
            spills[i] = defineSpill(free++, types[i]);
        }
        for (int i = height - 1; resident > 0; i--) {
            storeSpill(spills[i]);
            resident--;
        }
        residentSlots = 0;
    }

    private int defineSpill(int spill, char type) {
        spillTypes.setLength(spill);
        spillTypes.append(type);
        if (spill == spillSlots.length) {
            spillSlots = Arrays.copyOf(spillSlots, spill * 2);
        }
        spillSlots[spill] =
                spill == 0 ? spillBase : spillSlots[spill - 1] + CodeAssembler.width(spillTypes.charAt(spill - 1));
        return spill;
    }

    private void storeSpill(int spill) {
        char type = spillTypes.charAt(spill);
        if (sink == null) {
            if (spillSlots[spill] > 60_000) {
                throw new MethodTooLargeException();
            }
            code.store(type, spillSlots[spill]);
        } else {
            storeFrame(type, "s" + spill + type, spill < MAXIMUM_FIELDS, localTypes.length() + spill);
        }
    }

    private void loadSpill(int spill) {
        char type = spillTypes.charAt(spill);
        if (sink == null) {
            code.load(type, spillSlots[spill]);
        } else {
            loadFrame(type, "s" + spill + type, spill < MAXIMUM_FIELDS, localTypes.length() + spill);
        }
    }

    /** The code of the method, or of the chunk, that is being written. */
    CodeAssembler code() {
        return code;
    }

    /** The slot of the instance's state. */
    int instanceSlot() {
        return instanceSlot;
    }

    /** Notes that a few more values than those of the operand stack lie on the JVM's stack for a while. */
    void deepen() {
        code.stack(residentSlots + 12);
    }

    // Locals

    private void loadLocal(int index) {
        char type = localTypes.charAt(index);
        if (sink == null || wholeLoop != null) {
            code.load(type, localSlots[index]);
        } else {
            loadLocalOfFrame(index);
        }
    }

    private void loadLocalOfFrame(int index) {
        loadFrame(localTypes.charAt(index), "l" + index, index < MAXIMUM_FIELDS, index);
    }

    private void storeLocal(int index) {
        char type = localTypes.charAt(index);
        if (sink == null || wholeLoop != null) {
            code.store(type, localSlots[index]);
        } else {
            storeLocalOfFrame(index);
        }
    }

    private void storeLocalOfFrame(int index) {
        storeFrame(localTypes.charAt(index), "l" + index, index < MAXIMUM_FIELDS, index);
    }

    private void loadFrame(char type, String field, boolean narrow, int wideIndex) {
        code.load('L', frameSlot);
        String owner = names.frameClass(function);
        if (narrow) {
            sink().frameField(field, ValueCode.descriptor(type));
            code.getField(owner, field, ValueCode.descriptor(type));
        } else if (!Signature.isNumber(type)) {
            sink().wideLocals(wideIndex + 1);
            code.getField(owner, "wideReferences", "[Ljava/lang/Object;")
                    .constant(wideIndex)
                    .op(CodeAssembler.AALOAD);
            ValueCode.unbox(code, type);
        } else {
            sink().wideLocals(wideIndex + 1);
            code.getField(owner, "wide", "[J").constant(wideIndex).op(CodeAssembler.LALOAD);
            ValueCode.fromBits(code, type);
        }
    }

    private void storeFrame(char type, String field, boolean narrow, int wideIndex) {
        String owner = names.frameClass(function);
        if (type == 'Q' && !narrow) {
            ValueCode.box(code, type);
        }
        code.load('L', frameSlot);
        if (narrow) {
            sink().frameField(field, ValueCode.descriptor(type));
            if (CodeAssembler.width(type) == 1) {
                code.op(CodeAssembler.SWAP);
            } else {
                code.op(CodeAssembler.DUP_X2).op(CodeAssembler.POP);
            }
            code.putField(owner, field, ValueCode.descriptor(type));
        } else {
            sink().wideLocals(wideIndex + 1);
            boolean number = Signature.isNumber(type);
            String array = number ? "[J" : "[Ljava/lang/Object;";
            code.getField(owner, number ? "wide" : "wideReferences", array).constant(wideIndex);
            code.invokeStatic(OPS, "setWide", "(" + ValueCode.descriptor(number ? type : 'L') + array + "I)V");
        }
    }

    private void loadMemory() {
        code.load('L', instanceSlot).getField(STATE, "memory", "[B").store('L', memorySlot);
    }

    // Blocks

    /** Opens a block; every value on the operand stack is spilled, its parameters are the topmost. */
    private Block open(int opcode, String parameters, String results, boolean entry, int labelPosition) {
        int below = height - parameters.length();
        int outer = blocks.isEmpty() ? 0 : blocks.getLast().spillsInside;
        int spillsBelow = below > 0 ? Math.max(outer, spills[below - 1] + 1) : outer;
        int[] parameterSpills = Arrays.copyOfRange(spills, below, height);
        int exceptionSpill = -1;
        if (opcode == Opcode.TRY || opcode == Opcode.TRY_TABLE) {
            exceptionSpill = defineSpill(freeSpill(), 'L');
            code.op(CodeAssembler.ACONST_NULL);
            storeSpill(exceptionSpill);
        }
        Block block = new Block(
                opcode,
                parameters,
                results,
                below,
                spillsBelow,
                Math.max(freeSpill(), exceptionSpill + 1),
                parameterSpills,
                entry,
                labelPosition);
        block.exceptionSpill = exceptionSpill;
        blocks.add(block);
        return block;
    }

    private void block(int opcode, int position) {
        Signature shape = new Signature(in.blockType(module.types()));
        spillAll();
        if (opcode == Opcode.LOOP && wholeLoop == null && sink != null && layout.keepsWhole(position)) {
            enterWholeLoop(layout.endOf(position));
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
        int expected = code.length() + LENGTH_PER_BYTE * (limit - position + LoopUnrolling.MAXIMUM_BYTES);
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
        if (reachable) {
            arrange(unrolled.exit.results.length());
            jumpTo(unrolled.exit);
        }
        blocks.removeLast();
        bindEnd(copy, false);
        if (reachable) {
            in.position(unrolled.start);
            openCopy(unrolled);
        } else {
            end(position);
        }
    }

    /** Takes the locals that a loop uses out of the frame. */
    private void enterWholeLoop(int loopEnd) {
        BitSet used = new BitSet();
        BitSet written = new BitSet();
        layout.collectLocals(module.binary(), in.position(), loopEnd, used, written);
        StringBuilder locals = new StringBuilder(prefix);
        int firstSlot = spillBase;
        for (int local = used.nextSetBit(0); local >= 0; local = used.nextSetBit(local + 1)) {
            char type = localTypes.charAt(local);
            localSlots[local] = spillBase;
            loadLocalOfFrame(local);
            code.store(type, spillBase);
            spillBase += CodeAssembler.width(type);
            locals.append(type);
            checkLength();
        }
        wholeLoop = new WholeLoop(blocks.size(), written, prefix, firstSlot);
        prefix = locals.toString();
        code.locals(spillBase);
        code.stack(residentSlots + 12);
    }

    /** Puts the locals that a loop has set back into the frame. */
    private void writeBack(WholeLoop loop) {
        code.stack(residentSlots + 12);
        for (int local = loop.written.nextSetBit(0); local >= 0; local = loop.written.nextSetBit(local + 1)) {
            code.load(localTypes.charAt(local), localSlots[local]);
            storeLocalOfFrame(local);
        }
    }

    private void leaveWholeLoop(WholeLoop loop) {
        if (reachable) {
            writeBack(loop);
        }
        prefix = loop.outerPrefix;
        spillBase = loop.outerSpillBase;
        wholeLoop = null;
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
        if (resident > 0) {
            // The comparison's operands are on top of values that have to go: make the condition an int first.
            materialiseCondition();
            int held = scratchAfterSpills();
            code.store('I', held);
            spillAll();
            code.load('I', held);
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
            code.constant(layout.entry(elsePosition)).ret('I');
        } else {
            for (int i = 0; i < block.parameters.length(); i++) {
                loadSpill(block.parameterSpills[i]);
            }
            jumpTo(block);
        }
        code.bind(then, prefix, "");
    }

    private int pendingComparison;
    private boolean pendingSense;

    /** A local that scratch values for what is on the JVM's stack now do not touch. */
    int scratchAfterSpills() {
        return scratch() + residentSlots;
    }

    /** Makes an int of a comparison whose operands are on the JVM's stack but no longer on the compiler's. */
    private void materialiseCondition() {
        if (pendingComparison >= 0) {
            SimpleInstructions.emit(code, pendingComparison);
        }
        if (!pendingSense) {
            code.invokeStatic(OPS, "i32Eqz", "(I)I");
        }
        pendingComparison = -1;
        pendingSense = true;
    }

    private void jumpUnless(Label target) {
        code.stack(residentSlots + 12);
        if (pendingComparison >= 0) {
            SimpleInstructions.emitComparison(code, pendingComparison, !pendingSense, target);
        } else {
            code.jump(pendingSense ? CodeAssembler.IFEQ : CodeAssembler.IFNE, target);
        }
    }

    private void bindLoop(Block block) {
        String locals = locals(block.spillsInside);
        Label entryLabel = block.entry ? entryLabel(block.labelPosition) : null;
        if (entryLabel != null) {
            code.bind(entryLabel, locals, "");
        }
        Label head = new Label();
        code.bindBackward(head, locals, "");
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
                code.bind(latch.label, latch.locals, "");
                if (!UNCHECKED) {
                    code.increment(fuelSlot, -1).load('I', fuelSlot).jump(CodeAssembler.IFGE, latch.head);
                    poll();
                }
                code.jump(CodeAssembler.GOTO, latch.head);
            }
        }
        latches.clear();
    }

    private void poll() {
        code.load('L', instanceSlot)
                .invokeStatic(OPS, "poll", "(" + STATE_D + ")I")
                .store('I', fuelSlot);
    }

    private void pollInLoop(String locals) {
        if (UNCHECKED) {
            return;
        }
        Label go = new Label();
        code.increment(fuelSlot, -1).load('I', fuelSlot).jump(CodeAssembler.IFGE, go);
        poll();
        code.bind(go, locals, "");
    }

    private Label entryLabel(int position) {
        return entryLabels[Arrays.binarySearch(entryPositions, position)];
    }

    private void otherwise(int position) {
        Block block = blocks.getLast();
        if (reachable) {
            arrange(block.results.length());
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
        reachable = true;
        if (label != null) {
            code.bind(label, locals(block.spillsInside), "");
        } else if (sink != null && layout.isEntry(position)) {
            code.bind(entryLabel(position), prefix, "");
        } else {
            reachable = false;
        }
    }

    private void pushParameters(Block block) {
        for (int i = 0; i < block.parameters.length(); i++) {
            pushSpilled(block.parameters.charAt(i), block.parameterSpills[i]);
        }
    }

    /** Forgets what is on the operand stack above a block. */
    private void reset(Block block) {
        height = block.height;
        resident = 0;
        residentSlots = 0;
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
            if (reachable) {
                arrange(block.results.length());
                jumpTo(block);
            }
            bindElse(block, position);
        }
        boolean fallsThrough = reachable;
        if (fallsThrough) {
            leaveResults(block);
        }
        WholeLoop left = wholeLoop != null && wholeLoop.depth == blocks.size() - 1 ? wholeLoop : null;
        if (left != null && block.isLoop()) {
            leaveWholeLoop(left);
        }
        blocks.removeLast();
        bindEnd(block, fallsThrough);
        if (left != null && !block.isLoop()) {
            leaveWholeLoop(left);
        }
        if (block.unrolled != null) {
            end(position);
        }
    }

    /** Puts a block's results where its label expects them: on the JVM's stack alone, or in the frame. */
    private void leaveResults(Block block) {
        arrange(block.results.length());
        if (block.entry && !block.isLoop()) {
            storeBranchValues(block);
        }
    }

    private void bindEnd(Block block, boolean fallsThrough) {
        reset(block);
        boolean loop = block.isLoop();
        boolean entered = !loop && block.entry;
        reachable = fallsThrough || entered || (!loop && block.label.isTargeted());
        if (!reachable) {
            return;
        }
        if (entered) {
            bindEntryEnd(block);
            for (int i = 0; i < block.results.length(); i++) {
                pushSpilled(block.results.charAt(i), defineSpill(block.spillsBelow + i, block.results.charAt(i)));
            }
            return;
        }
        if (!loop) {
            code.bind(block.label, locals(block.spillsBelow), block.results);
        }
        push(block.results);
    }

    private void bindEntryEnd(Block block) {
        Label entry = entryLabel(block.labelPosition);
        code.bind(block.label, prefix, "");
        if (!entry.isBound()) {
            code.bind(entry, prefix, "");
        }
    }

    private void endFunction(Block block) {
        if (reachable) {
            arrange(block.results.length());
            returnResults();
        }
        reset(block);
        reachable = false;
        if (sink == null) {
            handOver();
        }
    }

    // Exceptions

    private void tryBlock(int position) {
        Signature shape = new Signature(in.blockType(module.types()));
        spillAll();
        Block block = open(Opcode.TRY, position, shape);
        block.tryPosition = position;
        block.regionStart = code.length();
    }

    /** A block whose handler lies before its body: so the clauses' labels are those around the block. */
    private void tryTable(int position) {
        Signature shape = new Signature(in.blockType(module.types()));
        spillAll();
        Block block = open(Opcode.TRY_TABLE, position, shape);
        block.tryPosition = position;
        Label body = new Label();
        code.jump(CodeAssembler.GOTO, body);
        beginHandler(block, position);
        int count = in.u32();
        for (int i = 0; i < count; i++) {
            int kind = in.u8();
            boolean tagged = kind <= Opcode.CLAUSE_CATCH_REF;
            int tag = tagged ? in.u32() : -1;
            tableClause(block, tag, kind == Opcode.CLAUSE_CATCH_REF || kind == Opcode.CLAUSE_CATCH_ALL_REF, in.u32());
        }
        if (reachable) {
            rethrow(block);
        }
        code.bind(body, locals(block.spillsInside), "");
        reachable = true;
        reset(block);
        pushParameters(block);
        block.regionStart = code.length();
    }

    private void tableClause(Block block, int tag, boolean withReference, int depth) {
        if (!reachable) {
            return;
        }
        Label next = new Label();
        if (tag >= 0) {
            testTag(block, tag).jump(CodeAssembler.IFEQ, next);
            pushCaught(block, tag);
        }
        if (withReference) {
            loadSpill(block.exceptionSpill);
            push('L');
        }
        branch(target(depth + 1));
        reset(block);
        if (tag >= 0) {
            code.bind(next, locals(block.spillsInside), "");
            reachable = true;
        }
    }

    /** Begins what runs when an exception of a block's body was caught. */
    private void beginHandler(Block block, int position) {
        code.reference('E', GUEST_EXCEPTION);
        code.bindBackward(handler(position), locals(block.spillsInside), "E");
        storeSpill(block.exceptionSpill);
        if (layout.usesMemory()) {
            loadMemory();
        }
        if (sink != null && layout.isEntry(position)) {
            code.bind(entryLabel(position), prefix, "");
        }
        reset(block);
        reachable = true;
    }

    private Label handler(int position) {
        return handlers.computeIfAbsent(position, _ -> new Label());
    }

    /** Begins a {@code catch}, or with a tag of -1 a {@code catch_all}; what came before it goes to the end. */
    private void catchClause(int position, int tag) {
        Block block = blocks.getLast();
        if (reachable) {
            arrange(block.results.length());
            jumpTo(block);
        }
        if (block.regionStart >= 0) {
            closeRegion(block);
            block.regionStart = -1;
            reachable = false;
            if (block.hasRegion) {
                beginHandler(block, position);
            }
        } else {
            bindClause(block, position);
        }
        if (reachable && tag >= 0) {
            jumpUnlessTagged(block, position, tag);
            pushCaught(block, tag);
        }
    }

    /** Begins a clause that the one before it has passed an exception on to. */
    private void bindClause(Block block, int position) {
        reset(block);
        Label label = block.otherwise;
        block.otherwise = null;
        reachable = label != null;
        if (label != null) {
            code.bind(label, locals(block.spillsInside), "");
        } else if (sink != null && layout.isEntry(position)) {
            code.bind(entryLabel(position), prefix, "");
            reachable = true;
        }
    }

    private void jumpUnlessTagged(Block block, int position, int tag) {
        testTag(block, tag);
        int next = layout.clauseAfter(position);
        if (next >= 0 && isInChunk(next)) {
            block.otherwise = new Label();
            code.jump(CodeAssembler.IFEQ, block.otherwise);
            return;
        }
        Label hit = new Label();
        code.jump(CodeAssembler.IFNE, hit);
        if (next < 0) {
            rethrow(block);
        } else {
            code.constant(layout.entry(next)).ret('I');
        }
        code.bind(hit, locals(block.spillsInside), "");
        reachable = true;
    }

    private boolean isInChunk(int position) {
        return sink == null || layout.chunkAt(position) == chunk;
    }

    private CodeAssembler testTag(Block block, int tag) {
        loadSpill(block.exceptionSpill);
        code.load('L', instanceSlot).constant(tag);
        return code.invokeStatic(OPS, "isTagged", "(Ljava/lang/Object;" + STATE_D + "I)Z");
    }

    /** Pushes what a caught exception carries. */
    private void pushCaught(Block block, int tag) {
        String values = tagValues(tag);
        if (values.isEmpty()) {
            return;
        }
        loadSpill(block.exceptionSpill);
        char first = values.charAt(0);
        if (values.length() == 1 && Signature.isNumber(first)) {
            code.invokeStatic(OPS, "exceptionBits", "(Ljava/lang/Object;)J");
            ValueCode.fromBits(code, first);
            push(first);
            return;
        }
        code.invokeStatic(OPS, "exceptionPayload", "(Ljava/lang/Object;)Ljava/lang/Object;");
        if (values.length() == 1) {
            ValueCode.unbox(code, first);
            push(first);
        } else {
            boolean numbers = Signature.areNumbers(values);
            code.checkCast(numbers ? "[J" : "[Ljava/lang/Object;");
            unpack(values, numbers);
        }
    }

    private String tagValues(int tag) {
        return new Signature(module.tagType(tag).type()).parameters();
    }

    private void throwNew(int tag) {
        String values = tagValues(tag);
        int count = values.length();
        need(count);
        String payload = "";
        if (count > 1) {
            pack(values, Signature.areNumbers(values));
            payload = "Ljava/lang/Object;";
        } else if (count == 1 && Signature.isNumber(values.charAt(0))) {
            ValueCode.toBits(code, values.charAt(0));
            payload = "J";
        } else if (count == 1) {
            ValueCode.box(code, values.charAt(0));
            payload = "Ljava/lang/Object;";
        }
        pop(count);
        code.load('L', instanceSlot).constant(tag);
        code.invokeStatic(OPS, "exception", "(" + payload + STATE_D + "I)L" + GUEST_EXCEPTION + ";");
        code.op(CodeAssembler.ATHROW);
        code.stack(residentSlots + 12);
        reachable = false;
    }

    /** Throws the exception that lies on the JVM's stack. */
    private void throwReference() {
        code.invokeStatic(OPS, "thrown", "(Ljava/lang/Object;)L" + GUEST_EXCEPTION + ";");
        code.op(CodeAssembler.ATHROW);
        code.stack(residentSlots + 12);
        reachable = false;
    }

    private void rethrow(Block block) {
        loadSpill(block.exceptionSpill);
        throwReference();
    }

    /** Notes where exceptions of what has been compiled of a body go. */
    private void closeRegion(Block block) {
        if (block.regionStart >= 0 && layout.handles(block.tryPosition)) {
            block.hasRegion = true;
            if (block.regionStart < code.length()) {
                int position = layout.handlerOf(block.tryPosition);
                code.region(block.regionStart, code.length(), handler(position), GUEST_EXCEPTION);
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
            code.reference('E', GUEST_EXCEPTION);
            code.bindBackward(label, prefix, "E");
            if (position < 0) {
                code.op(CodeAssembler.ATHROW);
            } else {
                int spill = exceptionSpills.getOrDefault(position, -1);
                storeFrame('L', "s" + spill + "L", spill < MAXIMUM_FIELDS, localTypes.length() + spill);
                code.constant(layout.entry(position)).ret('I');
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

    /** Leaves just the topmost {@code count} values on the JVM's stack; what is below them in this block is dropped. */
    private void arrange(int count) {
        need(count);
        int extra = resident - count;
        if (extra == 0) {
            return;
        }
        int slot = scratch();
        for (int i = 0; i < count; i++) {
            char type = types[height - 1 - i];
            code.store(type, slot);
            slot += CodeAssembler.width(type);
        }
        for (int i = 0; i < extra; i++) {
            code.pop(types[height - 1 - count - i]);
        }
        for (int i = count; i > 0; i--) {
            char type = types[height - i];
            slot -= CodeAssembler.width(type);
            code.load(type, slot);
        }
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
        arrange(block.branchTypes().length());
        jumpTo(block);
        reachable = false;
    }

    /** Jumps; just the branch's values are on the JVM's stack. */
    private void jumpTo(Block block) {
        if (block == blocks.getFirst()) {
            returnResults();
            return;
        }
        if (wholeLoop != null && leavesLoop(block)) {
            writeBack(wholeLoop);
        }
        if (sink != null && layout.chunkAt(block.labelPosition) != chunk) {
            storeBranchValues(block);
            code.constant(layout.entry(block.labelPosition)).ret('I');
            return;
        }
        if (block.isLoop() || block.entry) {
            storeBranchValues(block);
        }
        code.jump(CodeAssembler.GOTO, block.label);
    }

    /** Stores the branch's values, the last on top, into the locals where the label looks for them. */
    private void storeBranchValues(Block block) {
        String values = block.branchTypes();
        if (block.isLoop()) {
            for (int i = values.length() - 1; i >= 0; i--) {
                storeSpill(block.parameterSpills[i]);
            }
            return;
        }
        String kept = spillTypes.toString();
        int[] keptSlots = spillSlots.clone();
        for (int i = 0; i < values.length(); i++) {
            defineSpill(block.spillsBelow + i, values.charAt(i));
        }
        for (int i = values.length() - 1; i >= 0; i--) {
            storeSpill(block.spillsBelow + i);
        }
        spillTypes.setLength(0);
        spillTypes.append(kept);
        spillSlots = keptSlots;
    }

    /** Whether a branch to the block is a jump in this method. */
    private boolean isInChunk(Block block) {
        return block != blocks.getFirst() && (sink == null || layout.chunkAt(block.labelPosition) == chunk);
    }

    /** Whether a branch to the block leaves the loop whose locals are not in the frame. */
    private boolean leavesLoop(Block block) {
        return wholeLoop != null && blocks.indexOf(block) < wholeLoop.depth;
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
        if (resident < count) {
            holdConditionWhile(count);
        }
        if ((resident == count && isPlain(block))
                || (resident == 0 && count == 0 && isInChunk(block) && !leavesLoop(block))) {
            pendingSense = !pendingSense;
            jumpUnless(block.label);
            return;
        }
        Label stay = new Label();
        jumpUnless(stay);
        String before = residents();
        int heightBefore = height;
        arrangeCopy(count, block);
        code.bind(stay, locals(freeSpill()), before);
        height = heightBefore;
    }

    private void arrangeCopy(int count, Block block) {
        int residentBefore = resident;
        int slotsBefore = residentSlots;
        arrange(count);
        jumpTo(block);
        resident = residentBefore;
        residentSlots = slotsBefore;
    }

    /** Brings branch values to the JVM's stack although a condition lies on it. */
    private void holdConditionWhile(int count) {
        materialiseCondition();
        int held = scratchAfterSpills();
        for (int i = height - count; i < height; i++) {
            held += CodeAssembler.width(types[i]);
        }
        code.store('I', held);
        need(count);
        code.load('I', held);
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
        need(values + 1);
        int held = scratchAfterSpills();
        code.store('I', held);
        pop();
        arrange(values);
        code.load('I', held);
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
        String stack = branchStack(values);
        if (count > MAXIMUM_SWITCH) {
            largeTable(position, byDepth);
        } else {
            code.tableSwitch(0, labels.subList(0, count), labels.get(count));
        }
        String live = locals(freeSpill());
        for (int i = 0; i < landings.size(); i++) {
            code.bind(landings.get(i), live, stack);
            jumpTo(landingBlocks.get(i));
        }
        reachable = false;
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
        need(1);
        code.load('L', instanceSlot).constant(names.addBranchTable(codes));
        code.invokeStatic(OPS, "branchCode", "(I" + STATE_D + "I)I");
        pop();
        int held = scratchAfterSpills();
        code.store('I', held);
        arrange(0);
        Label elsewhere = new Label();
        int[] keys = new int[byDepth.length];
        List<Label> labels = new ArrayList<>();
        for (int depth = byDepth.length - 1; depth >= 0; depth--) {
            if (byDepth[depth] != null) {
                keys[labels.size()] = -1 - depth;
                labels.add(byDepth[depth]);
            }
        }
        code.load('I', held).lookupSwitch(Arrays.copyOf(keys, labels.size()), labels, elsewhere);
        for (int depth = 0; depth < byDepth.length; depth++) {
            if (byDepth[depth] != null) {
                code.bind(byDepth[depth], prefix, "");
                jumpTo(target(depth));
            }
        }
        code.bind(elsewhere, withHeld(held), "");
        if (wholeLoop != null) {
            writeBack(wholeLoop);
        }
        code.load('I', held).ret('I');
        reachable = false;
    }

    /** The JVM locals with an int in a scratch local, which in a cut function is the first free one. */
    private String withHeld(int held) {
        return prefix + "T".repeat(held - spillBase) + "I";
    }

    private String branchStack(int values) {
        return new String(types, height - values, values);
    }

    private void largeTable(int position, Label[] byDepth) {
        code.load('L', instanceSlot).constant(position);
        code.invokeStatic(OPS, "branchDepth", "(I" + STATE_D + "I)I");
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
        code.lookupSwitch(Arrays.copyOf(keys, targets.size()), targets, last);
    }

    /** Returns from the function; just its results are on the JVM's stack. */
    private void returnResults() {
        String results = signature.results();
        if (sink != null) {
            for (int i = results.length() - 1; i >= 0; i--) {
                storeFrame(results.charAt(i), "r" + i, true, 0);
            }
            code.constant(CODE_RETURN).ret('I');
        } else {
            if (results.length() > 1) {
                pack(results, signature.packsNumbers());
            }
            code.ret(signature.resultCharacter());
        }
    }

    /** Makes an array of the topmost values of the JVM's stack. */
    private void pack(String values, boolean numbers) {
        int[] slots = new int[values.length()];
        int slot = scratch();
        for (int i = values.length() - 1; i >= 0; i--) {
            slots[i] = slot;
            code.store(values.charAt(i), slot);
            slot += CodeAssembler.width(values.charAt(i));
        }
        code.constant(values.length());
        if (numbers) {
            code.newLongArray();
        } else {
            code.newObjectArray();
        }
        for (int i = 0; i < values.length(); i++) {
            char type = values.charAt(i);
            code.op(CodeAssembler.DUP).constant(i).load(type, slots[i]);
            if (numbers) {
                ValueCode.toBits(code, type);
                code.op(CodeAssembler.LASTORE);
            } else {
                ValueCode.box(code, type);
                code.op(CodeAssembler.AASTORE);
            }
        }
    }

    /** Pushes the elements of an array that lies on the JVM's stack. */
    private void unpack(String values, boolean numbers) {
        int slot = scratchAfterSpills();
        code.store('L', slot);
        for (int i = 0; i < values.length(); i++) {
            char type = values.charAt(i);
            code.load('L', slot).constant(i);
            if (numbers) {
                code.op(CodeAssembler.LALOAD);
                ValueCode.fromBits(code, type);
            } else {
                code.op(CodeAssembler.AALOAD);
                ValueCode.unbox(code, type);
            }
            push(type);
        }
    }

    // Calls

    private void call(int callee) {
        Signature type = names.signature(module.functionTypes()[callee]);
        arguments(type);
        code.load('L', instanceSlot);
        if (callee < module.importedFunctions()) {
            code.constant(callee);
            code.invokeStatic(
                    GuestNames.signatureClass(type),
                    "imported",
                    "(" + type.parameterDescriptor() + STATE_D + "I)" + type.resultDescriptor());
        } else {
            code.invokeStatic(
                    names.functionClass(callee), names.functionMethod(callee), names.functionDescriptor(type));
        }
        afterCall(type);
    }

    private void callIndirect(int typeIndex, int table) {
        Signature type = names.signature(typeIndex);
        need(type.parameters().length() + 1);
        if (isWideTable(table)) {
            narrowTop();
        }
        pop();
        if (type.boxed()) {
            int held = scratchAfterSpills();
            code.store('I', held);
            arguments(type);
            code.load('I', held);
        } else {
            pop(type.parameters().length());
        }
        code.load('L', instanceSlot).constant(table);
        wantedType(type, typeIndex);
        code.invokeStatic(GuestNames.signatureClass(type), "indirect", SignatureCode.indirectDescriptor(type));
        afterCall(type);
    }

    private void callReference(int typeIndex) {
        Signature type = names.signature(typeIndex);
        need(type.parameters().length() + 1);
        pop();
        if (type.boxed()) {
            int held = scratchAfterSpills();
            code.store('L', held);
            arguments(type);
            code.load('L', held);
        } else {
            pop(type.parameters().length());
        }
        code.load('L', instanceSlot);
        code.invokeStatic(
                GuestNames.signatureClass(type),
                "reference",
                "(" + type.parameterDescriptor() + "Ljava/lang/Object;" + STATE_D + ")" + type.resultDescriptor());
        afterCall(type);
    }

    private void returnCallReference(int typeIndex) {
        Signature type = names.signature(typeIndex);
        need(type.parameters().length() + 1);
        pop();
        code.invokeStatic(OPS, "callable", "(Ljava/lang/Object;)L" + GuestNames.FUNCTION_BASE + ";");
        returnCallFound(type);
    }

    /** Branches if the reference on top is null, without it; else it stays. */
    private void branchOnNull(int depth) {
        Block block = target(depth);
        int count = block.branchTypes().length();
        need(count + 1);
        Label stay = new Label();
        code.op(CodeAssembler.DUP).jump(CodeAssembler.IFNONNULL, stay);
        code.stack(residentSlots + 12);
        String before = residents();
        int heightBefore = height;
        int residentBefore = resident;
        int slotsBefore = residentSlots;
        code.op(CodeAssembler.POP);
        pop();
        arrange(count);
        jumpTo(block);
        height = heightBefore;
        resident = residentBefore;
        residentSlots = slotsBefore;
        code.bind(stay, locals(freeSpill()), before);
    }

    /** Branches if the reference on top is not null, with it; else it goes. */
    private void branchOnNonNull(int depth) {
        Block block = target(depth);
        int count = block.branchTypes().length();
        need(count);
        Label stay = new Label();
        code.op(CodeAssembler.DUP).jump(CodeAssembler.IFNULL, stay);
        code.stack(residentSlots + 12);
        String before = residents();
        int heightBefore = height;
        arrangeCopy(count, block);
        height = heightBefore;
        code.bind(stay, locals(freeSpill()), before);
        code.op(CodeAssembler.POP);
        pop();
    }

    /** Where types share a class, an indirect call also says which it wants. */
    private void wantedType(Signature type, int typeIndex) {
        if (type.typed()) {
            code.constant(typeIndex);
        }
    }

    /** Leaves the arguments on the JVM's stack as the signature wants them, and takes them off the compiler's. */
    private void arguments(Signature type) {
        need(type.parameters().length());
        if (type.boxed()) {
            pack(type.parameters(), false);
        }
        pop(type.parameters().length());
    }

    private void afterCall(Signature type) {
        if (layout.usesMemory()) {
            loadMemory();
        }
        code.stack(residentSlots + CodeAssembler.slots(type.jvmParameters()) + 12);
        if (type.results().length() > 1) {
            unpack(type.results(), type.packsNumbers());
        } else {
            push(type.results());
        }
    }

    private void returnCall(int callee) {
        Signature type = names.signature(module.functionTypes()[callee]);
        if (callee == function && start != null && sink == null) {
            arrange(type.parameters().length());
            for (int i = type.parameters().length() - 1; i >= 0; i--) {
                storeLocal(i);
            }
            for (int i = type.parameters().length(); i < localTypes.length(); i++) {
                ValueCode.zero(code, localTypes.charAt(i));
                storeLocal(i);
            }
            pollInLoop(prefix);
            code.jump(CodeAssembler.GOTO, start);
            reachable = false;
            return;
        }
        need(type.parameters().length());
        pack(type.parameters(), false);
        pop(type.parameters().length());
        code.load('L', instanceSlot).constant(callee);
        code.invokeStatic(OPS, "tailCall", "([Ljava/lang/Object;" + STATE_D + "I)V");
        returnNothing();
    }

    private void returnCallIndirect(int typeIndex, int table) {
        Signature type = names.signature(typeIndex);
        need(type.parameters().length() + 1);
        if (isWideTable(table)) {
            narrowTop();
        }
        pop();
        code.load('L', instanceSlot).constant(table);
        String signatureClass = GuestNames.signatureClass(type);
        wantedType(type, typeIndex);
        code.invokeStatic(signatureClass, "lookup", SignatureCode.lookupDescriptor(type));
        returnCallFound(type);
    }

    /** Leaves a tail call of the function that lies on the JVM's stack, above its arguments. */
    private void returnCallFound(Signature type) {
        int held = scratchAfterSpills();
        code.store('L', held);
        pack(type.parameters(), false);
        pop(type.parameters().length());
        code.load('L', held).load('L', instanceSlot);
        code.invokeStatic(OPS, "tailCall", "([Ljava/lang/Object;L" + GuestNames.FUNCTION_BASE + ";" + STATE_D + ")V");
        returnNothing();
    }

    /** Returns from a body that has left a tail call behind; what it returns is not looked at. */
    private void returnNothing() {
        code.stack(residentSlots + 12);
        if (sink != null) {
            code.constant(CODE_RETURN).ret('I');
        } else {
            char result = signature.resultCharacter();
            if (result != 'V') {
                code.zero(result);
            }
            code.ret(result);
        }
        reachable = false;
    }

    // Instructions

    private void instruction(int position) {
        int opcode = in.u8();
        if (CodeOffsets.isMarked(opcode)) {
            code.line(CodeOffsets.line(body, position));
        }
        if (opcode >= Opcode.I32_EQZ && opcode <= Opcode.I64_EXTEND32_S) {
            if (SimpleInstructions.isComparison(opcode) && fuse(opcode)) {
                return;
            }
            simple(opcode);
            return;
        }
        if (opcode >= Opcode.I32_LOAD && opcode <= Opcode.I64_STORE32) {
            memoryAccess(opcode);
            return;
        }
        switch (opcode) {
            case Opcode.UNREACHABLE -> {
                code.invokeStatic(OPS, "unreachable", "()Lio/selvage/wasm/Trap;")
                        .op(CodeAssembler.ATHROW);
                code.stack(residentSlots + 12);
                reachable = false;
            }
            case Opcode.NOP -> {}
            case Opcode.BLOCK, Opcode.LOOP -> block(opcode, position);
            case Opcode.IF -> {
                need(1);
                pop();
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
                need(1);
                pop();
                throwReference();
            }
            case Opcode.RETHROW -> rethrow(target(in.u32()));
            case Opcode.BR -> branch(target(in.u32()));
            case Opcode.BR_IF -> {
                need(1);
                pop();
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
            case Opcode.LOCAL_GET -> {
                int local = in.u32();
                loadLocal(local);
                push(localTypes.charAt(local));
            }
            case Opcode.LOCAL_SET -> {
                need(1);
                storeLocal(in.u32());
                pop();
            }
            case Opcode.LOCAL_TEE -> {
                need(1);
                code.op(CodeAssembler.width(types[height - 1]) == 2 ? CodeAssembler.DUP2 : CodeAssembler.DUP);
                storeLocal(in.u32());
            }
            case Opcode.GLOBAL_GET -> globalGet(in.u32());
            case Opcode.GLOBAL_SET -> globalSet(in.u32());
            default -> valueInstruction(opcode);
        }
    }

    private void valueInstruction(int opcode) {
        switch (opcode) {
            case Opcode.DROP -> {
                need(1);
                code.pop(types[height - 1]);
                pop();
            }
            case Opcode.SELECT, Opcode.SELECT_TYPED -> {
                if (opcode == Opcode.SELECT_TYPED) {
                    in.skipImmediates(opcode);
                }
                need(3);
                char type = types[height - 2];
                String d = ValueCode.descriptor(type);
                code.invokeStatic(type == 'Q' ? GuestNames.VECTORS : OPS, "select", "(" + d + d + "I)" + d);
                pop(3);
                push(type);
            }
            case Opcode.I32_CONST -> {
                code.constant(in.s32());
                push('I');
            }
            case Opcode.I64_CONST -> {
                code.constant(in.s64());
                push('J');
            }
            case Opcode.F32_CONST -> {
                code.floatConstant(in.f32());
                push('F');
            }
            case Opcode.F64_CONST -> {
                code.doubleConstant(in.f64());
                push('D');
            }
            case Opcode.REF_NULL -> {
                in.s64();
                code.op(CodeAssembler.ACONST_NULL);
                push('L');
            }
            case Opcode.REF_IS_NULL -> ops("refIsNull", "L", 'I', "");
            case Opcode.REF_FUNC -> {
                code.load('L', instanceSlot).constant(in.u32());
                code.invokeStatic(OPS, "function", "(" + STATE_D + "I)Lio/selvage/wasm/Function;");
                push('L');
            }
            case Opcode.REF_EQ -> ops("refEq", "LL", 'I', "");
            case Opcode.REF_AS_NON_NULL -> ops("nonNull", "L", 'L', "");
            case Opcode.PREFIX_FB -> references.instruction(in.u32());
            case Opcode.TABLE_GET -> {
                narrow(1);
                indexed("tableGet", "I", 'L', in.u32(), -1);
            }
            case Opcode.TABLE_SET -> {
                narrow(2);
                indexed("tableSet", "IL", 'V', in.u32(), -1);
            }
            case Opcode.MEMORY_SIZE -> {
                int memory = in.u32();
                indexed("memorySize", "", 'I', memory, -1);
                widen(isWide(memory));
            }
            case Opcode.MEMORY_GROW -> {
                int memory = in.u32();
                narrow(1);
                indexed("memoryGrow", "I", 'I', memory, -1);
                widen(isWide(memory));
                loadMemory();
            }
            case Opcode.PREFIX_FC -> bulk(in.u32());
            case Opcode.PREFIX_FD -> vector(in.u32());
            case Opcode.PREFIX_FE -> atomic(in.u32());
            default -> throw new IllegalStateException("opcode 0x" + Integer.toHexString(opcode) + " was let through");
        }
    }

    private void bulk(int second) {
        switch (second) {
            case Opcode.MEMORY_INIT, Opcode.TABLE_INIT -> {
                narrow(3);
                int segment = in.u32();
                indexed(second == Opcode.MEMORY_INIT ? "memoryInit" : "tableInit", "III", 'V', segment, in.u32());
            }
            case Opcode.DATA_DROP -> indexed("dataDrop", "", 'V', in.u32(), -1);
            case Opcode.MEMORY_COPY, Opcode.TABLE_COPY -> {
                narrow(3);
                int to = in.u32();
                indexed(second == Opcode.MEMORY_COPY ? "memoryCopy" : "tableCopy", "III", 'V', to, in.u32());
            }
            case Opcode.MEMORY_FILL -> {
                narrow(3);
                indexed("memoryFill", "III", 'V', in.u32(), -1);
            }
            case Opcode.ELEM_DROP -> indexed("elementDrop", "", 'V', in.u32(), -1);
            case Opcode.TABLE_GROW -> {
                narrow(2);
                int table = in.u32();
                indexed("tableGrow", "LI", 'I', table, -1);
                widen(isWideTable(table));
            }
            case Opcode.TABLE_SIZE -> {
                int table = in.u32();
                indexed("tableSize", "", 'I', table, -1);
                widen(isWideTable(table));
            }
            case Opcode.TABLE_FILL -> {
                narrow(3);
                indexed("tableFill", "ILI", 'V', in.u32(), -1);
            }
            default -> simple(0x100 + second);
        }
    }

    /** Calls a method of {@link Ops} that takes operands, then the instance, then one or two numbers. */
    private void indexed(String method, String operands, char result, int first, int second) {
        need(operands.length());
        code.load('L', instanceSlot).constant(first);
        if (second >= 0) {
            code.constant(second);
        }
        invoke(method, operands, result, STATE_D + (second >= 0 ? "II" : "I"));
    }

    /** Calls a method of {@link Ops} that takes operands and perhaps the instance. */
    private void ops(String method, String operands, char result, String more) {
        need(operands.length());
        if (!more.isEmpty()) {
            code.load('L', instanceSlot);
        }
        invoke(method, operands, result, more);
    }

    private void invoke(String method, String operands, char result, String more) {
        StringBuilder descriptor = new StringBuilder("(");
        for (int i = 0; i < operands.length(); i++) {
            descriptor.append(ValueCode.descriptor(operands.charAt(i)));
        }
        code.invokeStatic(
                OPS,
                method,
                descriptor
                        .append(more)
                        .append(')')
                        .append(ValueCode.descriptor(result))
                        .toString());
        code.stack(residentSlots + 12);
        pop(operands.length());
        if (result != 'V') {
            push(result);
        }
    }

    private void simple(int opcode) {
        int operands = SimpleInstructions.operands(opcode).length();
        need(operands);
        SimpleInstructions.emit(code, opcode);
        pop(operands);
        push(SimpleInstructions.result(opcode));
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
        need(operands);
        pop(operands);
        if (next == Opcode.BR_IF) {
            branchIf(in.u32(), comparison, sense);
        } else {
            blockIf(position, comparison, sense);
        }
        return true;
    }

    private void memoryAccess(int opcode) {
        int memory = in.accessedMemory();
        long offset = in.u64();
        boolean store = SimpleInstructions.isStore(opcode);
        need(store ? 2 : 1);
        code.stack(residentSlots + 12);
        String above = store ? String.valueOf(SimpleInstructions.memoryType(opcode)) : "";
        checkAddress(memory, offset, NumericOpcode.memoryWidth(opcode), above);
        // No memory has 2 GiB, so an offset of that or more is out of bounds whatever the address.
        int reach = offset >>> 31 == 0 ? (int) offset : -1;
        SimpleInstructions.emitMemory(code, opcode, reach, arrayOf(memory));
        pop(store ? 2 : 1);
        if (reach < 0) {
            reachable = false;
        } else if (!store) {
            push(SimpleInstructions.memoryType(opcode));
        }
    }

    private void vector(int opcode) {
        if (VectorOpcode.isAccess(opcode)) {
            vectorAccess(opcode);
            return;
        }
        String operands = VectorOpcode.operands(opcode);
        need(operands.length());
        switch (opcode) {
            case VectorOpcode.V128_CONST -> {
                code.constant(in.f64()).constant(in.f64());
                code.invokeStatic(GuestNames.VECTORS, "constant", "(JJ)" + ValueCode.descriptor('Q'));
            }
            case VectorOpcode.I8X16_SHUFFLE -> shuffle(in.f64(), in.f64());
            default -> {
                boolean lane = VectorOpcode.lanes(opcode) > 0;
                if (lane) {
                    code.constant(in.u8());
                }
                callVector(opcode, lane ? "I" : "");
            }
        }
        code.stack(residentSlots + 12);
        pop(operands.length());
        push(VectorOpcode.result(opcode));
    }

    /** Calls the method that does a vector instruction; {@code more} is what it takes besides the operands. */
    private void callVector(int opcode, String more) {
        StringBuilder descriptor = new StringBuilder("(");
        String operands = VectorOpcode.operands(opcode);
        for (int i = 0; i < operands.length(); i++) {
            descriptor.append(ValueCode.descriptor(operands.charAt(i)));
        }
        descriptor.append(more).append(')').append(ValueCode.descriptor(VectorOpcode.result(opcode)));
        code.invokeStatic(VectorOpcode.owner(opcode), VectorOpcode.method(opcode), descriptor.toString());
    }

    private void shuffle(long low, long high) {
        long second = 0x1010_1010_1010_1010L;
        String from = ((low | high) & second) == 0 ? "First" : (low & high & second) == second ? "Second" : "";
        String vector = ValueCode.descriptor('Q');
        code.constant(low).constant(high);
        code.invokeStatic(
                VectorOpcode.owner(VectorOpcode.I8X16_SHUFFLE),
                VectorOpcode.method(VectorOpcode.I8X16_SHUFFLE) + from,
                "(" + vector + vector + "JJ)" + vector);
    }

    private void vectorAccess(int opcode) {
        int memory = in.accessedMemory();
        long offset = in.u64();
        int operands = VectorOpcode.operands(opcode).length();
        need(operands);
        code.stack(residentSlots + 12);
        checkAddress(memory, offset, VectorOpcode.width(opcode), operands == 2 ? "Q" : "");
        code.constant((int) offset);
        boolean lane = VectorOpcode.lanes(opcode) > 0;
        if (lane) {
            code.constant(in.u8());
        }
        if (offset >>> 31 != 0) {
            code.invokeStatic(OPS, "outOfBounds", "()Lio/selvage/wasm/Trap;").op(CodeAssembler.ATHROW);
            pop(operands);
            reachable = false;
            return;
        }
        code.load('M', arrayOf(memory));
        callVector(opcode, lane ? "II[B" : "I[B");
        pop(operands);
        if (VectorOpcode.result(opcode) != 'V') {
            push(VectorOpcode.result(opcode));
        }
    }

    private void atomic(int opcode) {
        if (opcode == AtomicOpcode.FENCE) {
            in.u8();
            code.invokeStatic(ATOMIC_OPS, AtomicOpcode.method(opcode), "()V");
            return;
        }
        int memory = in.accessedMemory();
        long offset = in.u64();
        String operands = AtomicOpcode.operands(opcode);
        need(operands.length());
        code.stack(residentSlots + 12);
        checkAddress(memory, offset, AtomicOpcode.width(opcode), operands.substring(1));
        pop(operands.length());
        code.constant((int) offset);
        if (offset >>> 31 != 0) {
            code.invokeStatic(OPS, "outOfBounds", "()Lio/selvage/wasm/Trap;").op(CodeAssembler.ATHROW);
            reachable = false;
            return;
        }
        String more = "[B";
        if (AtomicOpcode.isWaiting(opcode)) {
            code.load('L', instanceSlot).constant(memory);
            more = STATE_D + "I";
        } else {
            code.load('M', arrayOf(memory, CodeAssembler.slots(operands)));
        }
        char result = AtomicOpcode.result(opcode);
        code.invokeStatic(
                ATOMIC_OPS,
                AtomicOpcode.method(opcode),
                "(" + operands + "I" + more + ")" + ValueCode.descriptor(result));
        if (result != 'V') {
            push(result);
        }
    }

    /**
     * Makes 32 bits of an address, if it has more, and checks it if the memory's array does not.
     *
     * @param width the binary logarithm of how many bytes are accessed
     * @param above the types of what lies above the address on the JVM's stack
     */
    private void checkAddress(int memory, long offset, int width, String above) {
        MemoryType type = module.memories().get(memory);
        boolean mayGrow = type.shared()
                && type.limits().maximum().orElse(0) != type.limits().minimum();
        if (!isWide(memory) && !mayGrow) {
            return;
        }
        int slot = scratchAfterSpills();
        for (int i = above.length() - 1; i >= 0; i--) {
            code.store(above.charAt(i), slot);
            slot += CodeAssembler.width(above.charAt(i));
        }
        if (isWide(memory)) {
            narrowTop();
        }
        if (mayGrow && offset >>> 31 == 0) {
            code.constant((int) offset + (1 << width)).load('L', instanceSlot).constant(memory);
            code.invokeStatic(OPS, "within", "(II" + STATE_D + "I)I");
        }
        for (int i = 0; i < above.length(); i++) {
            slot -= CodeAssembler.width(above.charAt(i));
            code.load(above.charAt(i), slot);
        }
    }

    /** The slot that holds the bytes of a memory. */
    private int arrayOf(int memory) {
        return arrayOf(memory, 0);
    }

    /** The same while values that take so many slots are on the JVM's stack but no longer on the compiler's. */
    private int arrayOf(int memory, int more) {
        if (memory == 0) {
            return memorySlot;
        }
        int slot = scratchAfterSpills() + more;
        code.load('L', instanceSlot).constant(memory).invokeStatic(OPS, "memory", "(" + STATE_D + "I)[B");
        code.store('M', slot);
        return slot;
    }

    private boolean isWide(int memory) {
        return module.memories().get(memory).address() == ValueType.I64;
    }

    private boolean isWideTable(int table) {
        return module.tables().get(table).address() == ValueType.I64;
    }

    private void narrowTop() {
        code.invokeStatic(OPS, "narrow", "(J)I");
    }

    /** Makes 32 bits of those of the topmost values that are numbers of 64 bits: addresses, indices and lengths. */
    private void narrow(int count) {
        need(count);
        int slot = scratchAfterSpills();
        boolean any = false;
        for (int i = height - count; i < height; i++) {
            any |= types[i] == 'J';
        }
        for (int i = height - 1; any && i >= height - count; i--) {
            if (types[i] == 'J') {
                narrowTop();
                types[i] = 'I';
                residentSlots--;
            }
            code.store(types[i], slot++);
        }
        for (int i = height - count; any && i < height; i++) {
            code.load(types[i], --slot);
        }
    }

    /** Makes 64 bits of a size that an instruction has answered. */
    private void widen(boolean wide) {
        if (wide) {
            code.op(CodeAssembler.I2L);
            pop();
            push('J');
        }
    }

    private void globalGet(int index) {
        char type = Signature.character(module.globals().get(index).type());
        code.load('L', instanceSlot);
        if (names.hasField(index)) {
            code.getField(GuestNames.STATE, "g" + index, ValueCode.descriptor(type));
        } else {
            code.constant(index);
            if (!Signature.isNumber(type)) {
                code.invokeStatic(OPS, "globalReference", "(" + STATE_D + "I)Ljava/lang/Object;");
                ValueCode.unbox(code, type);
            } else {
                code.invokeStatic(OPS, "globalBits", "(" + STATE_D + "I)J");
                ValueCode.fromBits(code, type);
            }
        }
        push(type);
    }

    private void globalSet(int index) {
        need(1);
        char type = Signature.character(module.globals().get(index).type());
        if (names.hasField(index)) {
            code.load('L', instanceSlot);
            if (CodeAssembler.width(type) == 1) {
                code.op(CodeAssembler.SWAP);
            } else {
                code.op(CodeAssembler.DUP_X2).op(CodeAssembler.POP);
            }
            code.putField(GuestNames.STATE, "g" + index, ValueCode.descriptor(type));
        } else if (!Signature.isNumber(type)) {
            ValueCode.box(code, type);
            code.load('L', instanceSlot).constant(index);
            code.invokeStatic(OPS, "setGlobalReference", "(Ljava/lang/Object;" + STATE_D + "I)V");
        } else {
            ValueCode.toBits(code, type);
            code.load('L', instanceSlot).constant(index);
            code.invokeStatic(OPS, "setGlobalBits", "(J" + STATE_D + "I)V");
        }
        pop();
    }
}
