package io.selvage.wasm;

/**
 * Several values as one array, where the JVM can pass only one: results, the arguments of some calls, what an exception
 * carries. Numbers alone are the bits of a {@code long[]}, others are boxed in an {@code Object[]}.
 */
final class PackedValues {
    private final FunctionCode function;
    private final OperandStack stack;

    PackedValues(FunctionCode function, OperandStack stack) {
        this.function = function;
        this.stack = stack;
    }

    /** Makes an array of the topmost values of the JVM's stack. */
    void pack(String values, boolean numbers) {
        CodeAssembler code = function.code();
        int[] slots = new int[values.length()];
        int slot = stack.scratch();
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
    void unpack(String values, boolean numbers) {
        CodeAssembler code = function.code();
        int slot = stack.scratchAbove();
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
            stack.push(type);
        }
    }
}
