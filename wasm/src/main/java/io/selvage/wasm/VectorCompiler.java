package io.selvage.wasm;

/** Compiles the instructions on vectors: calls of the static methods that {@link VectorOpcode} names. */
final class VectorCompiler {
    private final FunctionCode function;
    private final OperandStack stack;
    private final MemoryCompiler memories;
    private final InstructionReader in;

    VectorCompiler(FunctionCode function, OperandStack stack, MemoryCompiler memories, InstructionReader in) {
        this.function = function;
        this.stack = stack;
        this.memories = memories;
        this.in = in;
    }

    private CodeAssembler code() {
        return function.code();
    }

    /** An instruction by its number after {@link Opcode#PREFIX_FD}. */
    void instruction(int opcode) {
        if (VectorOpcode.isAccess(opcode)) {
            access(opcode);
            return;
        }
        String operands = VectorOpcode.operands(opcode);
        stack.need(operands.length());
        switch (opcode) {
            case VectorOpcode.V128_CONST -> {
                code().constant(in.f64()).constant(in.f64());
                code().invokeStatic(GuestNames.VECTORS, "constant", "(JJ)" + ValueCode.descriptor('Q'));
            }
            case VectorOpcode.I8X16_SHUFFLE -> shuffle(in.f64(), in.f64());
            default -> {
                boolean lane = VectorOpcode.lanes(opcode) > 0;
                if (lane) {
                    code().constant(in.u8());
                }
                call(opcode, lane ? "I" : "");
            }
        }
        stack.deepen();
        stack.pop(operands.length());
        stack.push(VectorOpcode.result(opcode));
    }

    /** Calls the method that does an instruction; {@code more} is what it takes besides the operands. */
    private void call(int opcode, String more) {
        String operands = ValueCode.descriptors(VectorOpcode.operands(opcode));
        String result = ValueCode.descriptor(VectorOpcode.result(opcode));
        code().invokeStatic(
                        VectorOpcode.owner(opcode), VectorOpcode.method(opcode), "(" + operands + more + ")" + result);
    }

    private void shuffle(long low, long high) {
        long second = 0x1010_1010_1010_1010L;
        String from = ((low | high) & second) == 0 ? "First" : (low & high & second) == second ? "Second" : "";
        String vector = ValueCode.descriptor('Q');
        code().constant(low).constant(high);
        code().invokeStatic(
                        VectorOpcode.owner(VectorOpcode.I8X16_SHUFFLE),
                        VectorOpcode.method(VectorOpcode.I8X16_SHUFFLE) + from,
                        "(" + vector + vector + "JJ)" + vector);
    }

    private void access(int opcode) {
        int memory = in.accessedMemory();
        long offset = in.u64();
        int operands = VectorOpcode.operands(opcode).length();
        stack.need(operands);
        stack.deepen();
        memories.checkAddress(memory, offset, VectorOpcode.width(opcode), operands == 2 ? "Q" : "");
        code().constant((int) offset);
        boolean lane = VectorOpcode.lanes(opcode) > 0;
        if (lane) {
            code().constant(in.u8());
        }
        if (MemoryCompiler.isOutOfBounds(offset)) {
            memories.throwOutOfBounds();
            stack.pop(operands);
            return;
        }
        code().load('M', memories.arrayOf(memory));
        call(opcode, lane ? "II[B" : "I[B");
        stack.pop(operands);
        if (VectorOpcode.result(opcode) != 'V') {
            stack.push(VectorOpcode.result(opcode));
        }
    }
}
