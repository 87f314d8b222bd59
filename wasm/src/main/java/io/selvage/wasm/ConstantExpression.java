package io.selvage.wasm;

import io.selvage.wasm.internal.I31;
import io.selvage.wasm.internal.InstanceState;
import io.selvage.wasm.internal.Ops;
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
     * @param state whose limits what it makes is counted against
     * @param globals gives the value of a global
     * @param functions gives a reference to a function
     */
    static @Nullable Object evaluate(
            ModuleData module,
            ModuleData.Expression expression,
            InstanceState state,
            IntFunction<@Nullable Object> globals,
            IntFunction<Function> functions) {
        InstructionReader in = new InstructionReader(module.binary(), expression.start());
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
                case Opcode.PREFIX_FD -> {
                    in.u32();
                    stack.add(new V128(in.f64(), in.f64()));
                }
                case Opcode.GLOBAL_GET -> stack.add(globals.apply(in.u32()));
                case Opcode.REF_FUNC -> stack.add(functions.apply(in.u32()));
                case Opcode.REF_NULL -> {
                    in.s64();
                    stack.add(null);
                }
                case Opcode.PREFIX_FB -> aggregate(in, module.types(), state, stack);
                default -> binary(opcode, stack);
            }
        }
    }

    private static void aggregate(
            InstructionReader in, ModuleTypes types, InstanceState state, List<@Nullable Object> stack) {
        int opcode = in.u32();
        switch (opcode) {
            case Opcode.ANY_CONVERT_EXTERN, Opcode.EXTERN_CONVERT_ANY -> {}
            case Opcode.REF_I31 -> stack.add(I31.of(integer(stack)));
            case Opcode.STRUCT_NEW_DEFAULT -> stack.add(struct(types.get(in.u32()), List.of(), state));
            case Opcode.STRUCT_NEW -> {
                DefinedType type = types.get(in.u32());
                int count = ((StructType) type.composite()).fields().size();
                List<@Nullable Object> values = stack.subList(stack.size() - count, stack.size());
                Object struct = struct(type, values, state);
                values.clear();
                stack.add(struct);
            }
            default -> array(opcode, types.get(in.u32()), in, state, stack);
        }
    }

    private static Object struct(DefinedType type, List<@Nullable Object> values, InstanceState state) {
        Object struct = Aggregates.newStruct(type, values);
        Ops.made(struct, state, StructCode.bytes((StructType) type.composite()));
        return struct;
    }

    private static void array(
            int opcode, DefinedType type, InstructionReader in, InstanceState state, List<@Nullable Object> stack) {
        int elementBytes = Aggregates.bytes(((ArrayType) type.composite()).element());
        int length = Ops.arrayLength(opcode == Opcode.ARRAY_NEW_FIXED ? in.u32() : integer(stack), state, elementBytes);
        Object array = Aggregates.newArray(type, length);
        Ops.arrayMade(array, state, elementBytes);
        if (opcode == Opcode.ARRAY_NEW) {
            Object value = stack.removeLast();
            for (int i = 0; i < length; i++) {
                Aggregates.set(array, i, value);
            }
        } else if (opcode == Opcode.ARRAY_NEW_FIXED) {
            for (int i = length - 1; i >= 0; i--) {
                Aggregates.set(array, i, stack.removeLast());
            }
        }
        stack.add(array);
    }

    private static int integer(List<@Nullable Object> stack) {
        return stack.removeLast() instanceof Integer number ? number : 0;
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
