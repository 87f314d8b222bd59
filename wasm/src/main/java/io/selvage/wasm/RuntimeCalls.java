package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/** Compiles instructions that a static method of the engine does: it takes their operands and answers their result. */
final class RuntimeCalls {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    private final FunctionCode function;
    private final OperandStack stack;

    RuntimeCalls(FunctionCode function, OperandStack stack) {
        this.function = function;
        this.stack = stack;
    }

    /** Calls a method of {@link Ops} that takes just operands. */
    void ops(String method, String operands, char result) {
        call(OPS, method, operands, result);
    }

    /** Calls a method of {@link Ops} that takes operands, then the instance, then a number. */
    void indexed(String method, String operands, char result, int index) {
        stack.need(operands.length());
        function.loadInstance().constant(index);
        invoke(OPS, method, operands, STATE_D + "I", result);
    }

    /** The same with two numbers. */
    void indexed(String method, String operands, char result, int first, int second) {
        stack.need(operands.length());
        function.loadInstance().constant(first).constant(second);
        invoke(OPS, method, operands, STATE_D + "II", result);
    }

    /** Calls a method that takes just operands. */
    void call(String owner, String method, String operands, char result) {
        stack.need(operands.length());
        invoke(owner, method, operands, "", result);
    }

    /**
     * Calls a method when everything that it takes is on the JVM's stack.
     *
     * @param more the JVM descriptors of what it takes behind the operands
     */
    void invoke(String owner, String method, String operands, String more, char result) {
        String descriptor = "(" + ValueCode.descriptors(operands) + more + ")" + ValueCode.descriptor(result);
        function.code().invokeStatic(owner, method, descriptor);
        stack.deepen();
        stack.pop(operands.length());
        if (result != 'V') {
            stack.push(result);
        }
    }
}
