package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/** Compiles the instructions on locals and globals. */
final class VariableCompiler {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    private final FunctionCode function;
    private final Locals locals;
    private final OperandStack stack;

    VariableCompiler(FunctionCode function, Locals locals, OperandStack stack) {
        this.function = function;
        this.locals = locals;
        this.stack = stack;
    }

    void localGet(int index) {
        locals.load(index);
        stack.push(locals.type(index));
    }

    void localSet(int index) {
        stack.need(1);
        locals.store(index);
        stack.pop();
    }

    void localTee(int index) {
        stack.need(1);
        function.code().op(CodeAssembler.width(stack.type(0)) == 2 ? CodeAssembler.DUP2 : CodeAssembler.DUP);
        locals.store(index);
    }

    void globalGet(int index) {
        CodeAssembler code = function.loadInstance();
        char type = globalType(index);
        if (function.names().hasField(index)) {
            code.getField(GuestNames.STATE, "g" + index, ValueCode.descriptor(type));
        } else if (!Signature.isNumber(type)) {
            code.constant(index).invokeStatic(OPS, "globalReference", "(" + STATE_D + "I)Ljava/lang/Object;");
            ValueCode.unbox(code, type);
        } else {
            code.constant(index).invokeStatic(OPS, "globalBits", "(" + STATE_D + "I)J");
            ValueCode.fromBits(code, type);
        }
        stack.push(type);
    }

    void globalSet(int index) {
        stack.need(1);
        CodeAssembler code = function.code();
        char type = globalType(index);
        if (function.names().hasField(index)) {
            function.loadInstance().swap(type);
            code.putField(GuestNames.STATE, "g" + index, ValueCode.descriptor(type));
        } else if (!Signature.isNumber(type)) {
            ValueCode.box(code, type);
            function.loadInstance().constant(index);
            code.invokeStatic(OPS, "setGlobalReference", "(Ljava/lang/Object;" + STATE_D + "I)V");
        } else {
            ValueCode.toBits(code, type);
            function.loadInstance().constant(index);
            code.invokeStatic(OPS, "setGlobalBits", "(J" + STATE_D + "I)V");
        }
        stack.pop();
    }

    private char globalType(int index) {
        return Signature.character(function.module().globals().get(index).type());
    }
}
