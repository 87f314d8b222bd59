package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Every vector instruction answers the same before and after the JIT compiler has made machine code of it: cold, it is
 * Java code of the JDK, lane by lane; hot, it is instructions of the processor that have had their bugs.
 */
class VectorInstructionsTest {
    private static final int TURNS = 20_000;

    /** How many instructions one function has: they are compiled together. */
    private static final int GROUP = 12;

    private static final Map<Character, String> TYPES =
            Map.of('I', "i32", 'J', "i64", 'F', "f32", 'D', "f64", 'Q', "v128");

    /** No lane is NaN in two neighbours: which of two NaNs comes through a sum is left open, and C2 may swap them. */
    private static final V128[] INPUTS = {
        V128.ZERO,
        new V128(-1, -1),
        new V128(0x0706_0504_0302_0100L, 0x0f0e_0d0c_0b0a_0908L),
        new V128(0x8000_7fff_8001_7ffeL, 0x80ff_7f01_fe02_1081L),
        new V128(0x7fa0_0001_ff80_0000L, 0x8000_0000_3f00_0000L),
        new V128(0xcf00_0000_4f80_0000L, 0xc020_0000_3fc0_0000L),
        new V128(0x7ff0_0000_0000_0001L, 0x8000_0000_0000_0000L),
        new V128(0x41ef_ffff_fff0_0000L, 0xc1e0_0000_0020_0000L),
    };

    private static int group(int from, List<Integer> opcodes) {
        int next = from;
        while (next < Mnemonics.VECTORS && opcodes.size() < GROUP) {
            boolean plain = VectorOpcode.isKnown(next) && !VectorOpcode.isAccess(next);
            if (plain && next != VectorOpcode.V128_CONST) {
                opcodes.add(next);
            }
            next++;
        }
        return next;
    }

    /** One instruction on the two inputs; its scalar operands are made of them, its result is a vector again. */
    private static String expression(int opcode) {
        StringBuilder text = new StringBuilder("(" + Mnemonics.of(Opcode.PREFIX_FD, opcode));
        if (opcode == VectorOpcode.I8X16_SHUFFLE) {
            text.append(" 0 17 2 19 31 5 30 7 8 16 10 1 12 15 14 3");
        }
        text.append(VectorOpcode.lanes(opcode) > 0 ? " 1" : "");
        String operands = VectorOpcode.operands(opcode);
        for (int i = 0; i < operands.length(); i++) {
            String local = "(local.get " + (i % 2) + ")";
            String lane = switch (operands.charAt(i)) {
                case 'I' -> "(i32x4.extract_lane 2 " + local + ")";
                case 'J' -> "(i64x2.extract_lane 1 " + local + ")";
                case 'F' -> "(f32x4.extract_lane 0 " + local + ")";
                case 'D' -> "(f64x2.extract_lane 0 " + local + ")";
                default -> local;
            };
            text.append(' ').append(lane);
        }
        String splat = switch (VectorOpcode.result(opcode)) {
            case 'I' -> "i32x4.splat";
            case 'J' -> "i64x2.splat";
            case 'F' -> "f32x4.splat";
            case 'D' -> "f64x2.splat";
            default -> "";
        };
        String whole = splat.isEmpty() ? text + ")" : "(" + splat + text + "))";
        return whole.contains("nmadd") ? withoutNaN(whole, whole.substring(1, 6)) : whole;
    }

    /**
     * An expression with 0 for lanes that are not a number: which of its operands' NaNs an addition answers with is left open
     * (core spec §4.3.3), HotSpot may swap them, and here they are a number's and its negation's.
     */
    private static String withoutNaN(String expression, String shape) {
        return "(v128.and " + expression + " (" + shape + ".eq " + expression + " " + expression + "))";
    }

    /** Turns on and on, and answers the bits in which a result was not as expected. */
    private static String text(List<Integer> opcodes) {
        StringBuilder module = new StringBuilder("(module");
        StringBuilder loop = new StringBuilder();
        for (int opcode : opcodes) {
            String expression = expression(opcode);
            module.append("(func (export \"").append(opcode).append("\") (param v128 v128) (result v128) ");
            module.append(expression).append(")\n");
            loop.append("(local.set $bad (v128.or (local.get $bad) (v128.xor (local.get $e")
                    .append(opcode)
                    .append(") ")
                    .append(expression)
                    .append(")))\n");
        }
        module.append("(func (export \"hot\") (param v128 v128)");
        opcodes.forEach(opcode -> module.append(" (param $e").append(opcode).append(" v128)"));
        module.append(" (param $n i32) (result v128) (local $bad v128) (loop $again\n")
                .append(loop);
        module.append("(br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $bad)))");
        return module.toString();
    }

    @Test
    void everyInstructionAnswersHotAsCold() {
        int from = 0;
        while (from < Mnemonics.VECTORS) {
            List<Integer> opcodes = new ArrayList<>();
            from = group(from, opcodes);
            if (!opcodes.isEmpty()) {
                check(opcodes);
            }
        }
    }

    private static void check(List<Integer> opcodes) {
        Instance instance =
                Engine.create().load(WebAssemblyText.parse(text(opcodes))).instantiate(Imports.none());
        Function hot = instance.function("hot").orElseThrow();
        for (int i = 0; i < INPUTS.length; i++) {
            V128 a = INPUTS[i];
            V128 b = INPUTS[(i + 1) % INPUTS.length];
            List<Object> arguments = new ArrayList<>(List.of(a, b));
            for (int opcode : opcodes) {
                arguments.add(
                        instance.function(String.valueOf(opcode)).orElseThrow().call(a, b)[0]);
            }
            arguments.add(TURNS / INPUTS.length);
            assertEquals(V128.ZERO, hot.call(arguments.toArray())[0], () -> "one of " + names(opcodes) + " of " + a);
        }
    }

    private static List<String> names(List<Integer> opcodes) {
        return opcodes.stream()
                .map(opcode -> Mnemonics.of(Opcode.PREFIX_FD, opcode))
                .toList();
    }
}
