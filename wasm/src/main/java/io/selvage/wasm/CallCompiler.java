package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/** Compiles calls: of functions by their index, through tables and by reference, and tail calls of each. */
final class CallCompiler {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    private final FunctionCode function;
    private final Locals locals;
    private final OperandStack stack;
    private final PackedValues packed;
    private final Chunks chunks;
    private final LoopCompiler loops;
    private final TableCompiler tables;

    CallCompiler(
            FunctionCode function,
            Locals locals,
            OperandStack stack,
            PackedValues packed,
            Chunks chunks,
            LoopCompiler loops,
            TableCompiler tables) {
        this.function = function;
        this.locals = locals;
        this.stack = stack;
        this.packed = packed;
        this.chunks = chunks;
        this.loops = loops;
        this.tables = tables;
    }

    private CodeAssembler code() {
        return function.code();
    }

    private Signature signatureOf(int callee) {
        return function.names().signature(function.module().functionTypes()[callee]);
    }

    // Calls

    void call(int callee) {
        Signature type = signatureOf(callee);
        arguments(type);
        function.loadInstance();
        if (callee < function.module().importedFunctions()) {
            code().constant(callee);
            code().invokeStatic(
                            GuestNames.signatureClass(type),
                            "imported",
                            "(" + type.parameterDescriptor() + STATE_D + "I)" + type.resultDescriptor());
        } else {
            ModuleCode names = function.names();
            code().invokeStatic(
                            names.functionClass(callee), names.functionMethod(callee), names.functionDescriptor(type));
        }
        afterCall(type);
    }

    void callIndirect(int typeIndex, int table) {
        Signature type = function.names().signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        tables.narrowIndex(table);
        argumentsBelow(type, 'I');
        function.loadInstance().constant(table);
        wantedType(type, typeIndex);
        code().invokeStatic(GuestNames.signatureClass(type), "indirect", SignatureCode.indirectDescriptor(type));
        afterCall(type);
    }

    void callReference(int typeIndex) {
        Signature type = function.names().signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        argumentsBelow(type, 'L');
        function.loadInstance();
        code().invokeStatic(
                        GuestNames.signatureClass(type),
                        "reference",
                        "(" + type.parameterDescriptor() + "Ljava/lang/Object;" + STATE_D + ")"
                                + type.resultDescriptor());
        afterCall(type);
    }

    /** Where types share a class, an indirect call also says which it wants. */
    private void wantedType(Signature type, int typeIndex) {
        if (type.typed()) {
            code().constant(typeIndex);
        }
    }

    /** Leaves the arguments on the JVM's stack as the signature wants them, and takes them off the compiler's. */
    private void arguments(Signature type) {
        stack.need(type.parameters().length());
        if (type.boxed()) {
            packed.pack(type.parameters(), false);
        }
        stack.pop(type.parameters().length());
    }

    /** The same for arguments below what says which function is called, a value of type {@code callee}. */
    private void argumentsBelow(Signature type, char callee) {
        stack.pop();
        if (type.boxed()) {
            int held = stack.scratchAbove();
            code().store(callee, held);
            arguments(type);
            code().load(callee, held);
        } else {
            stack.pop(type.parameters().length());
        }
    }

    private void afterCall(Signature type) {
        function.refreshMemory();
        stack.deepen(CodeAssembler.slots(type.jvmParameters()));
        if (type.results().length() > 1) {
            packed.unpack(type.results(), type.packsNumbers());
        } else {
            stack.push(type.results());
        }
    }

    // Tail calls

    void returnCall(int callee) {
        Signature type = signatureOf(callee);
        if (callee == function.index() && loops.hasStart()) {
            returnCallOfItself(type);
            return;
        }
        stack.need(type.parameters().length());
        packed.pack(type.parameters(), false);
        stack.pop(type.parameters().length());
        function.loadInstance().constant(callee);
        code().invokeStatic(OPS, "tailCall", "([Ljava/lang/Object;" + STATE_D + "I)V");
        returnNothing();
    }

    private void returnCallOfItself(Signature type) {
        stack.arrange(type.parameters().length());
        for (int i = type.parameters().length() - 1; i >= 0; i--) {
            locals.store(i);
        }
        for (int i = type.parameters().length(); i < locals.count(); i++) {
            ValueCode.zero(code(), locals.type(i));
            locals.store(i);
        }
        loops.jumpToStart();
    }

    void returnCallIndirect(int typeIndex, int table) {
        Signature type = function.names().signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        tables.narrowIndex(table);
        stack.pop();
        function.loadInstance().constant(table);
        wantedType(type, typeIndex);
        code().invokeStatic(GuestNames.signatureClass(type), "lookup", SignatureCode.lookupDescriptor(type));
        returnCallFound(type);
    }

    void returnCallReference(int typeIndex) {
        Signature type = function.names().signature(typeIndex);
        stack.need(type.parameters().length() + 1);
        stack.pop();
        code().invokeStatic(OPS, "callable", "(Ljava/lang/Object;)L" + GuestNames.FUNCTION_BASE + ";");
        returnCallFound(type);
    }

    /** Leaves a tail call of the function that lies on the JVM's stack, above its arguments. */
    private void returnCallFound(Signature type) {
        int held = stack.scratchAbove();
        code().store('L', held);
        packed.pack(type.parameters(), false);
        stack.pop(type.parameters().length());
        code().load('L', held);
        function.loadInstance();
        String descriptor = "([Ljava/lang/Object;L" + GuestNames.FUNCTION_BASE + ";" + STATE_D + ")V";
        code().invokeStatic(OPS, "tailCall", descriptor);
        returnNothing();
    }

    /** Returns from a body that has left a tail call behind; what it returns is not looked at. */
    private void returnNothing() {
        stack.deepen();
        if (chunks.isCut()) {
            chunks.ret();
        } else {
            char result = function.signature().resultCharacter();
            if (result != 'V') {
                code().zero(result);
            }
            code().ret(result);
        }
        function.reachable(false);
    }
}
