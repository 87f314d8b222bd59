package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/** Compiles the instructions on memories, and for those on vectors and for atomic ones how an address gets checked. */
final class MemoryCompiler {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    private final FunctionCode function;
    private final OperandStack stack;
    private final RuntimeCalls runtime;
    private final InstructionReader in;

    MemoryCompiler(FunctionCode function, OperandStack stack, RuntimeCalls runtime, InstructionReader in) {
        this.function = function;
        this.stack = stack;
        this.runtime = runtime;
        this.in = in;
    }

    private CodeAssembler code() {
        return function.code();
    }

    // Accesses

    /** A load or a store of a number. */
    void access(int opcode) {
        int memory = in.accessedMemory();
        long offset = in.u64();
        boolean store = SimpleInstructions.isStore(opcode);
        stack.need(store ? 2 : 1);
        stack.deepen();
        String above = store ? String.valueOf(SimpleInstructions.memoryType(opcode)) : "";
        checkAddress(memory, offset, NumericOpcode.memoryWidth(opcode), above);
        int reach = isOutOfBounds(offset) ? -1 : (int) offset;
        SimpleInstructions.emitMemory(code(), opcode, reach, arrayOf(memory));
        stack.pop(store ? 2 : 1);
        if (reach < 0) {
            function.reachable(false);
        } else if (!store) {
            stack.push(SimpleInstructions.memoryType(opcode));
        }
    }

    /** Whether a static offset is out of bounds whatever the address: no memory has 2 GiB. */
    static boolean isOutOfBounds(long offset) {
        return offset >>> 31 != 0;
    }

    /** Traps as an access with such an offset does. */
    void throwOutOfBounds() {
        code().invokeStatic(OPS, "outOfBounds", "()Lio/selvage/wasm/Trap;");
        function.throwTop();
    }

    /**
     * Makes 32 bits of an address, if it has more, and checks it if the memory's array does not.
     *
     * @param width the binary logarithm of how many bytes are accessed
     * @param above the types of what lies above the address on the JVM's stack
     */
    void checkAddress(int memory, long offset, int width, String above) {
        MemoryType type = function.module().memories().get(memory);
        boolean mayGrow = type.shared()
                && type.limits().maximum().orElse(0) != type.limits().minimum();
        if (!Addresses.isWide(type) && !mayGrow) {
            return;
        }
        int slot = stack.scratchAbove();
        for (int i = above.length() - 1; i >= 0; i--) {
            code().store(above.charAt(i), slot);
            slot += CodeAssembler.width(above.charAt(i));
        }
        if (Addresses.isWide(type)) {
            Addresses.narrowInMemory(code());
        }
        if (mayGrow && !isOutOfBounds(offset)) {
            code().constant((int) offset + (1 << width));
            function.loadInstance().constant(memory);
            code().invokeStatic(OPS, "within", "(II" + STATE_D + "I)I");
        }
        for (int i = 0; i < above.length(); i++) {
            slot -= CodeAssembler.width(above.charAt(i));
            code().load(above.charAt(i), slot);
        }
    }

    /** The slot that holds the bytes of a memory. */
    int arrayOf(int memory) {
        return arrayOf(memory, 0);
    }

    /** The same while values that take so many slots are on the JVM's stack but no longer on the compiler's. */
    int arrayOf(int memory, int more) {
        if (memory == 0) {
            return function.memorySlot();
        }
        int slot = stack.scratchAbove() + more;
        function.loadInstance().constant(memory).invokeStatic(OPS, "memory", "(" + STATE_D + "I)[B");
        code().store('M', slot);
        return slot;
    }

    // Whole memories

    void size(int memory) {
        runtime.indexed("memorySize", "", 'I', memory);
        widen(memory);
    }

    void grow(int memory) {
        stack.narrow(1);
        runtime.indexed("memoryGrow", "I", 'I', memory);
        widen(memory);
        function.refreshMemory();
    }

    private void widen(int memory) {
        if (Addresses.isWide(function.module().memories().get(memory))) {
            stack.widen();
        }
    }

    void initialise(int segment, int memory) {
        stack.narrow(3, Addresses::narrowInMemory);
        runtime.indexed("memoryInit", "III", 'V', segment, memory);
    }

    void copy(int to, int from) {
        stack.narrow(3, Addresses::narrowInMemory);
        runtime.indexed("memoryCopy", "III", 'V', to, from);
    }

    void fill(int memory) {
        stack.narrow(3, Addresses::narrowInMemory);
        runtime.indexed("memoryFill", "III", 'V', memory);
    }

    void drop(int segment) {
        runtime.indexed("dataDrop", "", 'V', segment);
    }
}
