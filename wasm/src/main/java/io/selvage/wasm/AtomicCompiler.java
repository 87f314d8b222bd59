package io.selvage.wasm;

import io.selvage.wasm.internal.AtomicOps;

/** Compiles the atomic instructions: calls of the methods of {@link AtomicOps}. */
final class AtomicCompiler {
    private static final String ATOMIC_OPS = AtomicOps.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    private final FunctionCode function;
    private final OperandStack stack;
    private final MemoryCompiler memories;
    private final InstructionReader in;

    AtomicCompiler(FunctionCode function, OperandStack stack, MemoryCompiler memories, InstructionReader in) {
        this.function = function;
        this.stack = stack;
        this.memories = memories;
        this.in = in;
    }

    /** An instruction by its number after {@link Opcode#PREFIX_FE}. */
    void instruction(int opcode) {
        CodeAssembler code = function.code();
        if (opcode == AtomicOpcode.FENCE) {
            in.u8();
            code.invokeStatic(ATOMIC_OPS, AtomicOpcode.method(opcode), "()V");
            return;
        }
        int memory = in.accessedMemory();
        long offset = in.u64();
        String operands = AtomicOpcode.operands(opcode);
        stack.need(operands.length());
        stack.deepen();
        memories.checkAddress(memory, offset, AtomicOpcode.width(opcode), operands.substring(1));
        stack.pop(operands.length());
        code.constant((int) offset);
        if (MemoryCompiler.isOutOfBounds(offset)) {
            memories.throwOutOfBounds();
            return;
        }
        String more = "[B";
        if (AtomicOpcode.isWaiting(opcode)) {
            function.loadInstance().constant(memory);
            more = STATE_D + "I";
        } else {
            code.load('M', memories.arrayOf(memory, CodeAssembler.slots(operands)));
        }
        char result = AtomicOpcode.result(opcode);
        code.invokeStatic(
                ATOMIC_OPS,
                AtomicOpcode.method(opcode),
                "(" + operands + "I" + more + ")" + ValueCode.descriptor(result));
        if (result != 'V') {
            stack.push(result);
        }
    }
}
