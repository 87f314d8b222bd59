package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_STATIC;

import io.selvage.wasm.internal.Ops;

/**
 * Writes the methods of one function: its body and, where it needs them, what it goes on in when an epoch has passed as
 * it is entered, and what calls its body and then the functions that it leaves tail calls of.
 */
final class FunctionMethods {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String BASE_D = "L" + GuestNames.STATE_BASE + ";";

    /** HotSpot puts a method of up to so many bytes into its callers, however seldom they call it (MaxInlineSize). */
    private static final int ALWAYS_INLINED = 35;

    private final ModuleCode names;
    private final ModuleData module;
    private final ClassAssembler target;
    private final int function;
    private final Signature signature;
    private final String descriptor;
    /** The slot of the instance's state, behind the parameters. */
    private final int state;

    FunctionMethods(ModuleCode names, ClassAssembler target, int function) {
        this.names = names;
        this.target = target;
        this.function = function;
        module = names.module();
        signature = names.signature(module.functionTypes()[function]);
        descriptor = names.functionDescriptor(signature);
        state = CodeAssembler.slots(signature.jvmParameters());
    }

    /** Pushes everything that a function has been called with. */
    static void loadParameters(CodeAssembler code, Signature signature) {
        int slot = 0;
        for (char type : (signature.jvmParameters() + "S").toCharArray()) {
            code.load(type, slot);
            slot += CodeAssembler.width(type);
        }
    }

    void write() {
        FunctionLayout layout = FunctionLayout.whole(module, function);
        boolean tailCalls = layout.hasTailCalls();
        CodeAssembler body;
        try {
            if (ChunkedFunction.isForced()) {
                throw new MethodTooLargeException();
            }
            body = FunctionCompiler.compile(names, function, layout, target);
        } catch (MethodTooLargeException _) {
            body = new ChunkedFunction(names, function).compile(target);
            // In chunks a tail call of the function to itself is one like any other.
            tailCalls = FunctionLayout.chunked(module, function, ChunkedFunction.chunkBytes())
                    .hasTailCalls();
        }
        String method = (tailCalls ? "t" : "f") + function;
        target.method(ACC_PUBLIC | ACC_STATIC, method, descriptor, body);
        if (ClockChecks.isNeededOnEntry(layout)) {
            target.method(ACC_STATIC, ClockChecks.pausedMethod(function), descriptor, paused(method));
        }
        if (tailCalls) {
            target.method(ACC_PUBLIC | ACC_STATIC, "f" + function, descriptor, trampoline(method));
        }
    }

    /** A function that makes tail calls: calls its body, and then what the body has left to be called. */
    private CodeAssembler trampoline(String body) {
        String locals = signature.jvmParameters() + "S";
        CodeAssembler code = names.code(target, locals);
        CodeAssembler.Label fromHost = new CodeAssembler.Label();
        CodeAssembler.Label tail = new CodeAssembler.Label();
        char result = signature.resultCharacter();
        code.load('L', state).getField(GuestNames.STATE_BASE, "direct", "I").constant(function + 1);
        code.jump(CodeAssembler.IF_ICMPNE, fromHost);
        code.load('L', state).constant(0).putField(GuestNames.STATE_BASE, "direct", "I");
        callAgain(code, body);
        code.ret(result);
        code.bind(fromHost, locals, "");
        callAgain(code, body);
        int held = state + 1;
        if (result != 'V') {
            code.store(result, held);
        }
        String pending = "Lio/selvage/wasm/internal/InstanceState$TailCall;";
        code.load('L', state).getField(GuestNames.STATE_BASE, "pending", pending);
        code.jump(CodeAssembler.IFNONNULL, tail);
        if (result != 'V') {
            code.load(result, held);
        }
        code.ret(result);
        code.bind(tail, locals, "");
        code.load('L', state).invokeStatic(OPS, "trampoline", "(" + BASE_D + ")Ljava/lang/Object;");
        unboxResult(code);
        code.ret(result);
        code.stack(state + 8);
        return code;
    }

    private void unboxResult(CodeAssembler code) {
        char result = signature.resultCharacter();
        if (result == 'V') {
            code.op(CodeAssembler.POP);
        } else if (signature.results().length() > 1) {
            code.checkCast(signature.resultDescriptor());
        } else {
            ValueCode.unbox(code, result);
        }
    }

    /** Calls a method of the class with what the present one has been called with. */
    private void callAgain(CodeAssembler code, String method) {
        loadParameters(code, signature);
        code.invokeStatic(target.name(), method, descriptor);
    }

    /**
     * What a function goes on in when an epoch has passed as it is entered: the clock is looked at, and the function
     * called again. Too long for the JIT compiler to put it into the function as a matter of course.
     */
    private CodeAssembler paused(String method) {
        CodeAssembler code = names.code(target, signature.jvmParameters() + "S");
        ModuleData.Body body = module.bodies().get(function - module.importedFunctions());
        for (int i = 0; i < ALWAYS_INLINED; i++) {
            code.op(CodeAssembler.NOP);
        }
        code.line(CodeOffsets.line(body, body.start()));
        code.load('L', state).invokeStatic(OPS, "tick", "(" + BASE_D + ")V");
        code.line(CodeOffsets.NO_LINE);
        callAgain(code, method);
        code.ret(signature.resultCharacter());
        code.stack(state + 2);
        return code;
    }
}
