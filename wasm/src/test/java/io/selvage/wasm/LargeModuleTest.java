package io.selvage.wasm;

import static io.selvage.wasm.ValueType.F64;
import static io.selvage.wasm.ValueType.I32;
import static io.selvage.wasm.ValueType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.WasmBuilder.Code;
import io.selvage.wasm.text.WebAssemblyText;
import java.time.Duration;
import java.util.Collections;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules past the limits of one JVM method or class run like small ones. */
class LargeModuleTest {
    private static final FunctionType I32_I32 = FunctionType.of(I32).returning(I32);
    private static final int ADD = 0x6a, SUB = 0x6b, MUL = 0x6c, XOR = 0x73, ROTL = 0x77, AND = 0x71;
    private static final int I64_ADD = 0x7c, EXTEND_U = 0xad, WRAP = 0xa7, LT_S = 0x48, GE_U = 0x4f;
    private static final int F64_ADD = 0xa0, F64_CONVERT_I32 = 0xb7, TRUNC_F64 = 0xaa;

    private static Instance instantiate(WasmBuilder builder) {
        return Engine.create().load(builder.build()).instantiate(Imports.none());
    }

    private static Instance single(int locals, ValueType localType, Code code) {
        WasmBuilder builder = new WasmBuilder().memory();
        builder.export("run", builder.function(I32_I32, locals, localType, code));
        return instantiate(builder);
    }

    private static int run(Instance instance, int argument) {
        return (Integer) TestModules.call(instance, "run", argument)[0];
    }

    /** One step of {@link #steps} in Java. */
    private static int step(int i, int x) {
        return switch (i % 4) {
            case 0 -> x + i * 7919;
            case 1 -> x ^ (i << 7);
            case 2 -> Integer.rotateLeft(x, i);
            default -> x * (2 * i + 1);
        };
    }

    /** {@code local = step(i, local)} in WebAssembly. */
    private static Code step(Code code, int i, int local) {
        code.get(local);
        switch (i % 4) {
            case 0 -> code.i32(i * 7919).op(ADD);
            case 1 -> code.i32(i << 7).op(XOR);
            case 2 -> code.i32(i).op(ROTL);
            default -> code.i32(2 * i + 1).op(MUL);
        }
        return code.set(local);
    }

    private static int steps(int from, int to, int start) {
        int x = start;
        for (int i = from; i < to; i++) {
            x = step(i, x);
        }
        return x;
    }

    @Test
    void aStraightLineOfHundredsOfKilobytes() {
        Code code = new Code();
        for (int i = 0; i < 60_000; i++) {
            step(code, i, 0);
        }
        assertTrue(code.size() > 400_000);
        Instance instance = single(0, I32, code.get(0));
        assertEquals(steps(0, 60_000, 5), run(instance, 5));
        assertEquals(steps(0, 60_000, -1), run(instance, -1));
    }

    /** As large as a body is that V8 takes, about. */
    @Test
    void aStraightLineOfSevenMegabytes() {
        int count = 0;
        Code code = new Code();
        for (; code.size() < 7_000_000; count++) {
            step(code, count, 0);
        }
        Instance instance = single(0, I32, code.get(0));
        instance.module().compileLarge(7_000_000);
        assertEquals(steps(0, count, 5), run(instance, 5));
    }

    @Test
    void aStraightLineWithATrapInTheMiddle() {
        Code code = new Code();
        for (int i = 0; i < 20_000; i++) {
            step(code, i, 0);
        }
        code.i32(100).get(1).op(0x6d).set(1);
        for (int i = 0; i < 20_000; i++) {
            step(code, i, 0);
        }
        Instance instance = single(1, I32, code.get(0));
        Trap trap = assertThrows(Trap.class, () -> run(instance, 1));
        assertEquals(Trap.Kind.INTEGER_DIVIDE_BY_ZERO, trap.kind());
    }

    @Test
    void aLargeBodyKeepsItsOperandsOfEveryType() {
        // i64, f64 and i32 operands wait below more code than fits in one JVM method
        Code code = new Code().get(0).op(EXTEND_U).get(0).op(F64_CONVERT_I32).i32(17);
        for (int i = 0; i < 25_000; i++) {
            step(code, i, 0);
        }
        code.ops(F64_CONVERT_I32, F64_ADD, TRUNC_F64, EXTEND_U, I64_ADD, WRAP)
                .get(0)
                .op(XOR);
        Instance instance = single(0, I32, code.set(0).get(0));
        assertEquals((1000 + 1017) ^ steps(0, 25_000, 1000), run(instance, 1000));
    }

    /** Two bytes move hundreds of values, so a short body becomes a long method. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(call $same)",
                "(block (type $t))",
                "(loop (type $t) (br_if 0 (i32.const 0)))",
                "(if (type $t) (i32.const 1) (then) (else (call $same)))"
            })
    void aShortBodyThatMovesManyValues(String instruction) {
        String values = "i32 ".repeat(300);
        String all =
                IntStream.range(0, 300).mapToObj(i -> "(local.get " + i + ")").collect(Collectors.joining());
        String constants =
                IntStream.range(0, 300).mapToObj(i -> "(i32.const " + i + ")").collect(Collectors.joining());
        Instance instance = Engine.create()
                .load(WebAssemblyText.parse("(module (type $t (func (param " + values + ") (result " + values + ")))"
                        + "(func $same (type $t) " + all + ")"
                        + "(func (export \"run\") (result i32) " + constants + instruction.repeat(12)
                        + "drop ".repeat(299) + "))"))
                .instantiate(Imports.none());
        assertEquals(0, TestModules.call(instance, "run")[0]);
    }

    @Test
    void aDeepOperandStack() {
        Code code = new Code();
        int depth = 5_000;
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < depth; i++) {
                code.get(0).i32(i).op(XOR);
            }
            for (int i = 1; i < depth; i++) {
                code.op(SUB);
            }
            code.set(0);
        }
        IntUnaryOperator expected = start -> {
            int x = start;
            for (int round = 0; round < 4; round++) {
                int sum = x ^ (depth - 1);
                for (int i = depth - 2; i >= 0; i--) {
                    sum = (x ^ i) - sum;
                }
                x = sum;
            }
            return x;
        };
        Instance instance = single(0, I32, code.get(0));
        assertEquals(expected.applyAsInt(3), run(instance, 3));
        assertEquals(expected.applyAsInt(-77), run(instance, -77));
    }

    @Test
    void tenThousandNestedBlocksWithBranchesOutOfEach() {
        int depth = 10_000;
        Code code = new Code();
        for (int i = 0; i < depth; i++) {
            code.op(Opcode.BLOCK, WasmBuilder.EMPTY);
        }
        for (int i = 0; i < depth; i++) {
            // leave by as many blocks as are left when the argument says so
            code.get(0).i32(i).op(0x46).op(Opcode.BR_IF, depth - 1 - i);
            code.get(1).i32(1).op(ADD).set(1).op(Opcode.END);
        }
        Instance instance = single(1, I32, code.get(1));
        assertEquals(0, run(instance, 0));
        assertEquals(4_321, run(instance, 4_321));
        assertEquals(depth, run(instance, -1));
    }

    @Test
    void thousandsOfNestedIfsAndLoops() {
        int depth = 3_000;
        Code code = new Code();
        for (int i = 0; i < depth; i++) {
            code.get(0).i32(i).op(0x4a).op(Opcode.IF, WasmBuilder.EMPTY);
            code.op(Opcode.LOOP, WasmBuilder.EMPTY);
            code.get(1).i32(1).op(ADD).set(1);
        }
        for (int i = 0; i < depth; i++) {
            code.ops(Opcode.END, Opcode.ELSE).get(1).i32(1000).op(XOR).set(1).op(Opcode.END);
        }
        Instance instance = single(1, I32, code.get(1));
        assertEquals(1000, run(instance, 0));
        assertEquals(1234 ^ 1000, run(instance, 1234));
        assertEquals(depth, run(instance, depth));
    }

    @Test
    void aGiantBrTable() {
        int size = 40_000;
        Code code = new Code();
        code.op(Opcode.BLOCK, WasmBuilder.EMPTY)
                .op(Opcode.BLOCK, WasmBuilder.EMPTY)
                .op(Opcode.BLOCK, WasmBuilder.EMPTY);
        code.get(0).op(Opcode.BR_TABLE).u32(size);
        for (int i = 0; i < size; i++) {
            code.u32(i % 7 == 3 ? 1 : 0);
        }
        code.u32(2)
                .op(Opcode.END)
                .i32(100)
                .ops(Opcode.RETURN, Opcode.END)
                .i32(200)
                .ops(Opcode.RETURN, Opcode.END)
                .i32(300);
        Instance instance = single(0, I32, code);
        assertEquals(100, run(instance, 0));
        assertEquals(200, run(instance, 3));
        assertEquals(200, run(instance, 7 * 5_000 + 3));
        assertEquals(100, run(instance, size - 1));
        assertEquals(300, run(instance, size));
        assertEquals(300, run(instance, -1));
    }

    /** The shape of an interpreter: a loop around a br_table with a block of code for each of many cases. */
    @ParameterizedTest
    @CsvSource({"400, 60", "100, 14", "50, 14", "33, 6"})
    void aLoopAroundManyLargeCases(int cases, int stepsEach) {
        Code code = new Code().op(Opcode.LOOP, WasmBuilder.EMPTY);
        for (int i = 0; i <= cases; i++) {
            code.op(Opcode.BLOCK, WasmBuilder.EMPTY);
        }
        code.get(0).i32(0x1ff).op(AND).op(Opcode.BR_TABLE).u32(cases);
        for (int i = 0; i <= cases; i++) {
            code.u32(i);
        }
        for (int i = 0; i < cases; i++) {
            code.op(Opcode.END);
            for (int j = 0; j < stepsEach; j++) {
                step(code, i * 31 + j, 0);
            }
            code.get(1).i32(1).op(ADD).op(0x22, 1).i32(2_000).op(LT_S).op(Opcode.BR_IF, cases - i);
            code.get(0).op(Opcode.RETURN);
        }
        code.op(Opcode.END)
                .get(0)
                .i32(12_345)
                .op(ADD)
                .set(0)
                .get(1)
                .i32(1)
                .op(ADD)
                .op(0x22, 1);
        code.i32(2_000).op(LT_S).op(Opcode.BR_IF, 0).op(Opcode.END).get(0);
        Instance instance = single(1, I32, code);
        for (int start : new int[] {0, 7, -5, 500}) {
            int x = start;
            for (int n = 0; n < 2_000; n++) {
                int at = x & 0x1ff;
                x = at >= cases ? x + 12_345 : steps(at * 31, at * 31 + stepsEach, x);
            }
            assertEquals(x, run(instance, start));
        }
    }

    /** A loop whose body is larger than a JVM method, with branches forth and back across all of it. */
    @Test
    void aLargeLoopWithBranchesAcrossIt() {
        int parts = 40;
        Code code = new Code().op(Opcode.BLOCK, WasmBuilder.EMPTY).op(Opcode.LOOP, WasmBuilder.EMPTY);
        for (int part = 0; part < parts; part++) {
            code.op(Opcode.BLOCK, WasmBuilder.EMPTY);
            code.get(0).i32(part).op(AND).op(Opcode.BR_IF, 0);
            for (int j = 0; j < 500; j++) {
                step(code, part * 500 + j, 0);
            }
            code.op(Opcode.END);
            code.get(1).i32(1).op(ADD).op(0x22, 1).i32(1_000).op(GE_U).op(Opcode.BR_IF, 1);
            if (part % 5 == 4) {
                code.get(0).i32(1).op(AND).op(Opcode.BR_IF, 0);
            }
        }
        code.op(Opcode.BR, 0).op(Opcode.END).op(Opcode.END).get(0);
        Instance instance = single(1, I32, code);
        for (int start : new int[] {0, 1, 42, -9}) {
            assertEquals(largeLoop(parts, start), run(instance, start));
        }
    }

    private static int largeLoop(int parts, int start) {
        int x = start;
        int count = 0;
        while (true) {
            for (int part = 0; part < parts; part++) {
                if ((x & part) == 0) {
                    x = steps(part * 500, part * 500 + 500, x);
                }
                if (++count >= 1_000) {
                    return x;
                }
                if (part % 5 == 4 && (x & 1) != 0) {
                    break;
                }
            }
        }
    }

    @Test
    void anEndlessLargeLoopIsEnded() {
        Code code = new Code().op(Opcode.LOOP, WasmBuilder.EMPTY);
        for (int i = 0; i < 20_000; i++) {
            step(code, i, 0);
        }
        WasmBuilder builder = new WasmBuilder();
        builder.export(
                "run",
                builder.function(I32_I32, code.op(Opcode.BR, 0).op(Opcode.END).get(0)));
        Instance instance = Engine.create()
                .load(builder.build())
                .link(Imports.none())
                .instantiate(RunLimits.none().withWall(Duration.ofMillis(300)));
        Trap trap = assertThrows(Trap.class, () -> run(instance, 1));
        assertEquals(Trap.Kind.DEADLINE_EXCEEDED, trap.kind());
    }

    @Test
    void largeBodiesCallEachOther() {
        WasmBuilder builder = new WasmBuilder();
        for (int f = 0; f < 3; f++) {
            Code code = new Code()
                    .get(0)
                    .i32(0)
                    .op(0x4c)
                    .op(Opcode.IF, WasmBuilder.EMPTY)
                    .i32(f)
                    .ops(Opcode.RETURN, Opcode.END);
            for (int i = 0; i < 9_000; i++) {
                step(code, i, 1);
            }
            code.get(0).i32(1).op(SUB).op(Opcode.CALL, (f + 1) % 3);
            for (int i = 0; i < 3_000; i++) {
                step(code, i, 1);
            }
            builder.function(I32_I32, 1, I32, code.get(1).op(XOR));
        }
        builder.export("run", 0);
        int inner = steps(0, 3_000, steps(0, 9_000, 0));
        Instance instance = instantiate(builder);
        for (int n = 0; n < 20; n++) {
            assertEquals((n % 3) ^ (n % 2 == 0 ? 0 : inner), run(instance, n));
        }
        assertEquals(
                Trap.Kind.CALL_STACK_EXHAUSTED,
                assertThrows(Trap.class, () -> run(instance, Integer.MAX_VALUE)).kind());
    }

    @Test
    void fortyThousandLocalsOfEachType() {
        for (ValueType type : new ValueType[] {I32, I64, F64}) {
            int count = 40_000;
            Code code = new Code();
            for (int i = 1; i <= count; i += 1_000) {
                code.get(0).i32(i).op(XOR);
                switch (type.kind()) {
                    case I64 -> code.op(EXTEND_U);
                    case F64 -> code.op(F64_CONVERT_I32);
                    default -> {}
                }
                code.set(i);
            }
            code.i32(0);
            for (int i = 1; i <= count; i += 500) {
                code.get(i);
                switch (type.kind()) {
                    case I64 -> code.op(WRAP);
                    case F64 -> code.op(TRUNC_F64);
                    default -> {}
                }
                code.op(ADD);
            }
            int expected = 0;
            for (int i = 1; i <= count; i += 1_000) {
                expected += 9 ^ i;
            }
            assertEquals(expected, run(single(count, type, code), 9), type.toString());
        }
    }

    @Test
    void manyParametersAndResults() {
        wide(500, 500);
        wide(1_000, 300);
    }

    /** A function that gives back its first parameters in reverse order, and one that calls it. */
    private static void wide(int parameters, int results) {
        FunctionType wide = new FunctionType(Collections.nCopies(parameters, I64), Collections.nCopies(results, I64));
        WasmBuilder builder = new WasmBuilder();
        Code reverse = new Code();
        for (int i = 0; i < results; i++) {
            reverse.get(results - 1 - i);
        }
        int callee = builder.function(wide, reverse);
        Code caller = new Code();
        for (int i = 0; i < parameters; i++) {
            caller.get(0).i32(i).ops(MUL, EXTEND_U);
        }
        caller.op(Opcode.CALL, callee);
        int expected = 0;
        for (int i = 0; i < results; i++) {
            // the last result, which is the first argument, is on top
            caller.op(WRAP).i32(i).op(MUL).get(1).op(XOR).set(1);
            expected ^= 3 * i * i;
        }
        builder.export("run", builder.function(I32_I32, 1, I32, caller.get(1)));
        builder.export("wide", callee);
        Instance instance = instantiate(builder);
        assertEquals(expected, run(instance, 3));
        @Nullable Object[] arguments = new Object[parameters];
        for (int i = 0; i < parameters; i++) {
            arguments[i] = (long) i;
        }
        @Nullable Object[] answers = TestModules.call(instance, "wide", arguments);
        assertEquals(results - 1L, answers[0]);
        assertEquals(0L, answers[results - 1]);
    }

    @Test
    void twentyThousandFunctionsThatCallEachOther() {
        int count = 20_000;
        WasmBuilder builder = new WasmBuilder().table(count);
        for (int f = 0; f < count; f++) {
            Code code = new Code().get(0);
            if (f % 100 != 0) {
                code.op(Opcode.CALL, f - 1);
            }
            builder.function(I32_I32, code.i32(f).op(ADD));
        }
        int sum = builder.function(
                I32_I32,
                1,
                I32,
                new Code()
                        .op(Opcode.LOOP, WasmBuilder.EMPTY)
                        .i32(1)
                        .get(0)
                        .op(Opcode.CALL_INDIRECT)
                        .u32(builder.type(I32_I32))
                        .u32(0)
                        .get(1)
                        .op(ADD)
                        .set(1)
                        .get(0)
                        .i32(1)
                        .op(ADD)
                        .op(0x22, 0)
                        .i32(count)
                        .op(LT_S)
                        .op(Opcode.BR_IF, 0)
                        .op(Opcode.END)
                        .get(1));
        builder.export("run", sum).export("last", count - 1);
        Instance instance = instantiate(builder);
        int last = 0;
        int expected = 0;
        for (int f = 0; f < count; f++) {
            last = f % 100 == 0 ? f + 1 : last + f;
            expected += last;
        }
        assertEquals(last, TestModules.call(instance, "last", 1)[0]);
        assertEquals(expected, run(instance, 0));
    }

    @Test
    void seventyThousandGlobals() {
        int count = 70_000;
        WasmBuilder builder = new WasmBuilder().globals(count);
        Code code = new Code();
        for (int i = 0; i < count; i += 2) {
            code.op(Opcode.GLOBAL_GET, i).get(0).op(ADD).op(Opcode.GLOBAL_SET, i + 1);
        }
        code.i32(0);
        for (int i = 1; i < count; i += 2) {
            code.op(Opcode.GLOBAL_GET, i).op(XOR);
        }
        builder.export("run", builder.function(I32_I32, code));
        Instance instance = instantiate(builder);
        int expected = 0;
        for (int i = 0; i < count; i += 2) {
            expected ^= i + 11;
        }
        assertEquals(expected, run(instance, 11));
    }

    @Test
    void tenMegabytesOfNops() {
        Code code = new Code();
        int[] nops = new int[1_000];
        java.util.Arrays.fill(nops, Opcode.NOP);
        for (int i = 0; i < 10_000; i++) {
            code.ops(nops);
        }
        assertEquals(8, run(single(0, I32, code.get(0).i32(1).op(ADD)), 7));
    }

    @Test
    void aMegabyteOfCodeThatIsNeverReached() {
        Code code = new Code().get(0).op(Opcode.RETURN);
        for (int i = 0; i < 150_000; i++) {
            step(code, i, 0);
        }
        assertEquals(3, run(single(0, I32, code.get(0)), 3));
    }
}
