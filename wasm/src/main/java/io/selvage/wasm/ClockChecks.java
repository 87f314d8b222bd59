package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import io.selvage.wasm.internal.Ops;

/**
 * Where a function's code looks at the clock, so that deadlines hold: as it is entered if it calls others, and when its
 * loops have used up the fuel.
 */
final class ClockChecks {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    /** For benchmarks: guests never look at the clock, so neither deadlines nor fairness hold. */
    private static final boolean UNCHECKED = Boolean.getBoolean("io.selvage.wasm.unchecked");

    private final FunctionCode function;
    private int fuelSlot;

    ClockChecks(FunctionCode function) {
        this.function = function;
    }

    /** Whether a function's code calls {@link #pausedMethod} when an epoch has passed as it is entered. */
    static boolean isNeededOnEntry(FunctionLayout layout) {
        return layout.hasCalls() && !UNCHECKED;
    }

    /**
     * The name of the method that a function goes on in when an epoch has passed: {@link ModuleCode} makes it. A tail
     * call, as it were: where nothing of the function is needed after a call, the JIT compiler need not put anything
     * away on the usual way either.
     */
    static String pausedMethod(int function) {
        return "p" + function;
    }

    /**
     * Writes what a function does first if {@link #isNeededOnEntry} says so.
     *
     * @param locals the JVM locals
     */
    void onEntry(String locals) {
        CodeAssembler code = function.code();
        ModuleCode names = function.names();
        Signature signature = function.signature();
        Label current = new Label();
        function.loadInstance().getField(GuestNames.STATE_BASE, "due", "I").jump(CodeAssembler.IFEQ, current);
        code.line(CodeOffsets.NO_LINE);
        FunctionMethods.loadParameters(code, signature);
        code.stack(CodeAssembler.slots(signature.jvmParameters()) + 2);
        code.invokeStatic(
                names.functionClass(function.index()),
                pausedMethod(function.index()),
                names.functionDescriptor(signature));
        code.ret(signature.resultCharacter());
        code.bind(current, locals, "");
        function.line(function.body().start());
    }

    /** Fills up the fuel that loops use, and keeps it in a JVM local. */
    void fuelIn(int slot) {
        fuelSlot = slot;
        function.code().constant(Ops.FUEL).store('I', slot);
    }

    /** Sees to it that the next turn does not know of the flag what this one has read. */
    void readAnew() {
        if (!UNCHECKED) {
            function.code().invokeStatic(OPS, "readAnew", "()V");
        }
    }

    /** Jumps to {@code head} with less fuel; if there is none, looks at the clock and falls through. */
    void turn(Label head) {
        if (!UNCHECKED) {
            function.code().increment(fuelSlot, -1).load('I', fuelSlot).jump(CodeAssembler.IFGE, head);
            function.loadInstance()
                    .invokeStatic(OPS, "poll", "(" + STATE_D + ")I")
                    .store('I', fuelSlot);
        }
    }
}
