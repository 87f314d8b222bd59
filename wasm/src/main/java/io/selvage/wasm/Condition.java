package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import io.selvage.wasm.internal.Ops;

/**
 * What a conditional branch depends on; the operands are on the JVM's stack and no longer on the compiler's.
 *
 * @param comparison what is asked of the operands, or -1 if there is one, a number that is to be other than zero
 * @param sense whether that must hold, or must not
 */
record Condition(int comparison, boolean sense) {
    private static final String OPS = Ops.class.getName().replace('.', '/');

    /** That the number on the JVM's stack is other than zero, or that it is not. */
    static Condition notZero(boolean sense) {
        return new Condition(-1, sense);
    }

    /** Makes a number of it that is not zero if it holds. */
    Condition toNumber(CodeAssembler code) {
        if (comparison >= 0) {
            SimpleInstructions.emit(code, comparison);
        }
        if (!sense) {
            code.invokeStatic(OPS, "i32Eqz", "(I)I");
        }
        return notZero(true);
    }

    /** Jumps if it holds. */
    void jumpIf(CodeAssembler code, Label target) {
        if (comparison >= 0) {
            SimpleInstructions.emitComparison(code, comparison, sense, target);
        } else {
            code.jump(sense ? CodeAssembler.IFNE : CodeAssembler.IFEQ, target);
        }
    }

    /** Jumps if it does not hold. */
    void jumpUnless(CodeAssembler code, Label target) {
        new Condition(comparison, !sense).jumpIf(code, target);
    }
}
