package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import io.selvage.wasm.internal.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compiles what throws exceptions and what handles them, with the JVM's exception tables; see {@link TryLayout}. */
final class ExceptionCompiler {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String GUEST_EXCEPTION = GuestException.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    /** An open {@code try} or {@code try_table}. */
    private static final class Try {
        private final Block block;
        /** Where it begins. */
        private final int position;
        /** While its body is open: since where in the method its exceptions are handled here, and not by a block within; else -1. */
        private int regionStart;
        /** Whether anything could have thrown. */
        private boolean hasRegion;

        private Try(Block block, int position, int regionStart) {
            this.block = block;
            this.position = position;
            this.regionStart = regionStart;
        }
    }

    private final FunctionCode function;
    private final FunctionLayout layout;
    private final OperandStack stack;
    private final Locals locals;
    private final PackedValues packed;
    private final Blocks blocks;
    private final Chunks chunks;
    private final BranchCompiler branches;
    private final @Nullable FunctionFrame frame;
    private final InstructionReader in;

    private final List<Try> tries = new ArrayList<>();
    /** Where exceptions of the method's code are handled, by position; -1 for nowhere in the function. */
    private final Map<Integer, Label> handlers = new HashMap<>(0);

    /** Where each of these handlers looks for the exception. */
    private final Map<Integer, Integer> exceptionSpills = new HashMap<>(0);

    /**
     * Compiles the exceptions of a function.
     *
     * @param frame where an exception goes that is handled in another chunk, if the function is cut
     */
    ExceptionCompiler(
            FunctionCode function,
            OperandStack stack,
            Locals locals,
            PackedValues packed,
            Blocks blocks,
            Chunks chunks,
            BranchCompiler branches,
            @Nullable FunctionFrame frame,
            InstructionReader in) {
        this.function = function;
        this.stack = stack;
        this.locals = locals;
        this.packed = packed;
        this.blocks = blocks;
        this.chunks = chunks;
        this.branches = branches;
        this.frame = frame;
        this.in = in;
        layout = function.layout();
    }

    private CodeAssembler code() {
        return function.code();
    }

    // Blocks that handle exceptions

    void tryBlock(int position) {
        Signature shape = new Signature(in.blockType(function.module().types()));
        stack.spillAll();
        Block block = blocks.open(Opcode.TRY, position, shape);
        openRegion(block, position);
    }

    /** A block whose handler lies before its body: so the clauses' labels are those around the block. */
    void tryTable(int position) {
        Signature shape = new Signature(in.blockType(function.module().types()));
        stack.spillAll();
        Block block = blocks.open(Opcode.TRY_TABLE, position, shape);
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
        code().bind(body, blocks.locals(block), "");
        function.reachable(true);
        blocks.restart(block);
        openRegion(block, position);
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
            stack.loadSpill(block.exceptionSpill());
            stack.push('L');
        }
        branches.branch(blocks.target(depth + 1));
        stack.reset(block.height());
        if (tag >= 0) {
            code().bind(next, blocks.locals(block), "");
            function.reachable(true);
        }
    }

    /** Begins what runs when an exception of a block's body was caught. */
    private void beginHandler(Block block, int position) {
        code().reference('E', GUEST_EXCEPTION);
        code().bindBackward(handler(position), blocks.locals(block), "E");
        stack.storeSpill(block.exceptionSpill());
        function.refreshMemory();
        chunks.bindEntry(position, locals.prefix());
        stack.reset(block.height());
        function.reachable(true);
    }

    private Label handler(int position) {
        return handlers.computeIfAbsent(position, _ -> new Label());
    }

    /** Begins a {@code catch}, or with a tag of -1 a {@code catch_all}; what came before it goes to the end. */
    void catchClause(int position, int tag) {
        Try innermost = tries.getLast();
        Block block = innermost.block;
        branches.leave(block);
        if (innermost.regionStart >= 0) {
            closeRegion(tries.size() - 1);
            innermost.regionStart = -1;
            function.reachable(false);
            if (innermost.hasRegion) {
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
        stack.reset(block.height());
        Label label = block.takeOtherwise();
        if (label != null) {
            code().bind(label, blocks.locals(block), "");
            function.reachable(true);
        } else {
            function.reachable(chunks.bindEntry(position, locals.prefix()));
        }
    }

    private void jumpUnlessTagged(Block block, int position, int tag) {
        testTag(block, tag);
        int next = layout.clauseAfter(position);
        if (next >= 0 && chunks.isHere(next)) {
            Label target = new Label();
            block.otherwise(target);
            code().jump(CodeAssembler.IFEQ, target);
            return;
        }
        Label hit = new Label();
        code().jump(CodeAssembler.IFNE, hit);
        if (next < 0) {
            rethrow(block);
        } else {
            chunks.goOnAt(next);
        }
        code().bind(hit, blocks.locals(block), "");
        function.reachable(true);
    }

    private CodeAssembler testTag(Block block, int tag) {
        stack.loadSpill(block.exceptionSpill());
        function.loadInstance().constant(tag);
        return code().invokeStatic(OPS, "isTagged", "(Ljava/lang/Object;" + STATE_D + "I)Z");
    }

    /** Pushes what a caught exception carries. */
    private void pushCaught(Block block, int tag) {
        String values = tagValues(tag);
        if (values.isEmpty()) {
            return;
        }
        stack.loadSpill(block.exceptionSpill());
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
        return new Signature(function.module().tagType(tag).type()).parameters();
    }

    // Throwing

    void throwNew(int tag) {
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
        function.throwTop();
        stack.deepen();
    }

    /** Throws the exception that lies on the JVM's stack. */
    void throwReference() {
        code().invokeStatic(OPS, "thrown", "(Ljava/lang/Object;)L" + GUEST_EXCEPTION + ";");
        function.throwTop();
        stack.deepen();
    }

    void rethrow(Block block) {
        stack.loadSpill(block.exceptionSpill());
        throwReference();
    }

    // Regions

    /** A block ends, perhaps one that handles exceptions. */
    void end(Block block) {
        if (!tries.isEmpty() && tries.getLast().block == block) {
            closeRegion(tries.size() - 1);
            tries.removeLast();
        }
    }

    /** Another method begins: what is handled in the open blocks is handled in it, too. */
    void beginChunk() {
        handlers.clear();
        for (Try block : tries) {
            if (block.regionStart >= 0) {
                block.regionStart = code().length();
            }
        }
    }

    /** The method ends, before the open blocks do. */
    void finishChunk() {
        for (int i = tries.size() - 1; i >= 0; i--) {
            closeRegion(i);
        }
        handOver();
    }

    /** Begins a body. What handles its exceptions takes the place of what handles those of the code around it. */
    private void openRegion(Block block, int position) {
        if (layout.handles(position)) {
            around(tries.size()).ifPresent(this::noteRegion);
        }
        tries.add(new Try(block, position, code().length()));
    }

    /** Ends a body, perhaps only in this method; blocks within it have ended. */
    private void closeRegion(int place) {
        Try block = tries.get(place);
        if (block.regionStart >= 0 && layout.handles(block.position)) {
            noteRegion(block);
            block.hasRegion = true;
            around(place).ifPresent(around -> around.regionStart = code().length());
        }
    }

    /** What handles exceptions around the block at a place of those that are open. */
    private Optional<Try> around(int place) {
        for (int i = place - 1; i >= 0; i--) {
            Try block = tries.get(i);
            if (block.regionStart >= 0 && layout.handles(block.position)) {
                return Optional.of(block);
            }
        }
        return Optional.empty();
    }

    /**
     * Notes where exceptions go of what has been compiled of a body since a block within it. No instruction is in two regions: the JVM's
     * verifier compares each with every handler that it may go to.
     */
    private void noteRegion(Try block) {
        if (block.regionStart < code().length()) {
            int position = layout.handlerOf(block.position);
            code().region(block.regionStart, code().length(), handler(position), GUEST_EXCEPTION);
            if (position >= 0) {
                exceptionSpills.put(position, catching(position).exceptionSpill());
            }
        }
    }

    /** The block whose handler is at {@code position}; others may delegate to it, but they are inside. */
    private Block catching(int position) {
        for (Try block : tries) {
            if (block.regionStart >= 0 && layout.handlerOf(block.position) == position) {
                return block.block;
            }
        }
        throw new IllegalStateException("no block handles exceptions at " + position);
    }

    /** Writes what passes exceptions on to another chunk, or out of the function past the blocks around. */
    void handOver() {
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
                Objects.requireNonNull(frame, "the function is not cut").storeSpill(spill, 'L');
                chunks.goOnAt(position);
            }
        });
    }
}
