package io.selvage.wasm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Evaluates constant expressions that are known to be valid (core spec §3.3.7). */
final class ConstantExpression {
    private ConstantExpression() {}

    /**
     * The value, boxed.
     *
     * @param globals gives the value of a global
     * @param functions gives a reference to a function
     */
    static @Nullable Object evaluate(
            byte[] binary,
            ModuleData.Expression expression,
            IntFunction<@Nullable Object> globals,
            IntFunction<Function> functions) {
        InstructionReader in = new InstructionReader(binary, expression.start());
        List<@Nullable Object> stack = new ArrayList<>(2);
        while (true) {
            int opcode = in.u8();
            switch (opcode) {
                case Opcode.END -> {
                    return stack.getLast();
                }
                case Opcode.I32_CONST -> stack.add(in.s32());
                case Opcode.I64_CONST -> stack.add(in.s64());
                case Opcode.F32_CONST -> stack.add(Float.intBitsToFloat(in.f32()));
                case Opcode.F64_CONST -> stack.add(Double.longBitsToDouble(in.f64()));
                case Opcode.GLOBAL_GET -> stack.add(globals.apply(in.u32()));
                case Opcode.REF_FUNC -> stack.add(functions.apply(in.u32()));
                case Opcode.REF_NULL -> {
                    in.s64();
                    stack.add(null);
                }
                default -> binary(opcode, stack);
            }
        }
    }

    /** The extended constant expressions: add, sub and mul of i32 (0x6a) and i64 (0x7c). */
    private static void binary(int opcode, List<@Nullable Object> stack) {
        Object right = stack.removeLast();
        Object left = stack.removeLast();
        if (left instanceof Integer a && right instanceof Integer b) {
            stack.add(
                    switch (opcode) {
                        case 0x6a -> a + b;
                        case 0x6b -> a - b;
                        default -> a * b;
                    });
        } else if (left instanceof Long a && right instanceof Long b) {
            stack.add(
                    switch (opcode) {
                        case 0x7c -> a + b;
                        case 0x7d -> a - b;
                        default -> a * b;
                    });
        } else {
            throw new IllegalStateException("a constant expression was let through that is none");
        }
    }
}
