package io.selvage.wasm;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The locals of a function, and which JVM locals its methods have. They are JVM locals themselves; those of a cut
 * function are in its frame, and become JVM locals for a loop that lies in one chunk.
 */
final class Locals {
    /**
     * A loop of a cut function that lies in one chunk: the locals that it uses are JVM locals while it runs.
     *
     * @param depth how many blocks are around it
     * @param written those that it sets
     * @param outerTypes how many JVM locals are around it
     * @param outerEnd where spilled values begin around it
     */
    private record WholeLoop(int depth, BitSet written, int outerTypes, int outerEnd) {}

    private final FunctionCode function;
    private final @Nullable FunctionFrame frame;
    /** One character a local, as in {@link Signature}. */
    private final String types;
    /** The JVM slot of each local; in a cut function, of those that the loop being compiled uses. */
    private final int[] slots;

    /** The types of the JVM locals before those of spilled values. */
    private final StringBuilder declared = new StringBuilder();

    /** The same, or null if it is to be made anew. */
    private @Nullable String prefix;
    /** Where the slots of spilled values and of scratch values begin. */
    private int end;

    private @Nullable WholeLoop wholeLoop;

    /**
     * The locals of a function.
     *
     * @param frame where they are if it is cut
     */
    Locals(FunctionCode function, String types, @Nullable FunctionFrame frame) {
        this.function = function;
        this.types = types;
        this.frame = frame;
        slots = new int[types.length()];
    }

    /** The types of a function's locals, its parameters first: one character a local, as in {@link Signature}. */
    static String types(Signature signature, ModuleData.LocalTypes locals) {
        StringBuilder all = new StringBuilder(signature.parameters());
        for (int i = 0; i < locals.counts().length; i++) {
            all.repeat(Signature.character(locals.types()[i]), locals.counts()[i]);
        }
        return all.toString();
    }

    int count() {
        return slots.length;
    }

    char type(int index) {
        return types.charAt(index);
    }

    /** One character a local, as in {@link Signature}. */
    String types() {
        return types;
    }

    /** Pushes a local, which the compiler does not count yet. */
    void load(int index) {
        if (frame == null || wholeLoop != null) {
            function.code().load(types.charAt(index), slots[index]);
        } else {
            frame.loadLocal(index, types.charAt(index));
        }
    }

    /** Sets a local to what is on top of the JVM's stack. */
    void store(int index) {
        if (frame == null || wholeLoop != null) {
            function.code().store(types.charAt(index), slots[index]);
        } else {
            frame.storeLocal(index, types.charAt(index));
        }
    }

    // JVM locals

    /** The types of the JVM locals before those of spilled values. */
    String prefix() {
        if (prefix == null) {
            prefix = declared.toString();
        }
        return prefix;
    }

    /** Where the slots of spilled values and of scratch values begin. */
    int end() {
        return end;
    }

    /** Begins a method with these parameters. */
    void begin(String parameters) {
        declared.setLength(0);
        declared.append(parameters);
        prefix = null;
        end = CodeAssembler.slots(parameters);
    }

    /** Adds a JVM local; answers its slot. */
    int declare(char type) {
        int slot = end;
        declared.append(type);
        prefix = null;
        end += CodeAssembler.width(type);
        function.code().locals(end);
        return slot;
    }

    /** Makes JVM locals of all locals, for a function that is not cut: of the parameters that come boxed, too. */
    void declareAll() {
        CodeAssembler code = function.code();
        Signature signature = function.signature();
        int parameter = 0;
        for (int i = 0; i < types.length(); i++) {
            char type = types.charAt(i);
            boolean isParameter = i < signature.parameters().length();
            if (isParameter && !signature.boxed()) {
                slots[i] = parameter;
                parameter += CodeAssembler.width(type);
                continue;
            }
            slots[i] = declare(type);
            if (isParameter) {
                code.load('L', 0).constant(i).op(CodeAssembler.AALOAD);
                ValueCode.unbox(code, type);
            } else {
                ValueCode.zero(code, type);
            }
            code.store(type, slots[i]);
            function.checkLength();
        }
    }

    // A loop that lies in one chunk

    /**
     * Takes the locals that a loop of a cut function uses out of the frame.
     *
     * @param depth how many blocks are around it
     * @param bodyStart where its body begins
     * @param bodyEnd where its body ends
     */
    void enterWholeLoop(int depth, int bodyStart, int bodyEnd) {
        if (frame == null) {
            throw new IllegalStateException("the function is not cut");
        }
        BitSet used = new BitSet();
        BitSet written = new BitSet();
        function.layout().collectLocals(function.module().binary(), bodyStart, bodyEnd, used, written);
        wholeLoop = new WholeLoop(depth, written, declared.length(), end);
        for (int local = used.nextSetBit(0); local >= 0; local = used.nextSetBit(local + 1)) {
            char type = types.charAt(local);
            slots[local] = declare(type);
            frame.loadLocal(local, type);
            function.code().store(type, slots[local]);
            function.checkLength();
        }
    }

    /** Whether the code is in such a loop. */
    boolean inWholeLoop() {
        return wholeLoop != null;
    }

    /** Whether such a loop has {@code depth} blocks around it. */
    boolean isWholeLoopAt(int depth) {
        return wholeLoop != null && wholeLoop.depth == depth;
    }

    /** Whether a block that has {@code depth} blocks around it is around such a loop. */
    boolean isAroundWholeLoop(int depth) {
        return wholeLoop != null && depth < wholeLoop.depth;
    }

    /** Puts the locals that such a loop has set back into the frame, if the code is in one. */
    void writeBack() {
        if (frame == null || wholeLoop == null) {
            return;
        }
        BitSet written = wholeLoop.written;
        for (int local = written.nextSetBit(0); local >= 0; local = written.nextSetBit(local + 1)) {
            function.code().load(types.charAt(local), slots[local]);
            frame.storeLocal(local, types.charAt(local));
        }
    }

    /** The code behind such a loop comes now: the locals are in the frame. */
    void leaveWholeLoop() {
        if (wholeLoop != null) {
            declared.setLength(wholeLoop.outerTypes);
            prefix = null;
            end = wholeLoop.outerEnd;
            wholeLoop = null;
        }
    }
}
