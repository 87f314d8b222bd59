package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Which locals the cases of a switch get values of their own of, and that they are the values that they had. */
class SwitchLocalsTest {
    /** The locals of the module below. */
    private static final int CODE = 0, STEP = 1, A = 2, B = 3;

    /**
     * A machine of eight instructions, each a hexadecimal digit of {@code $code}, the last first; others end it. An
     * instruction changes {@code $a}, some from {@code $b}; the first falls through to the second.
     *
     * @param table what the switch branches to
     */
    private static String machine(String table) {
        return """
                (module (func $f (export "f") (param $code i64) (result i32)
                  (local $step i32) (local $a i32) (local $b i32) (local $kept i32)
                  (local.set $b (i32.const 3))
                  (loop $l
                    (local.set $step (i32.and (i32.wrap_i64 (local.get $code)) (i32.const 15)))
                    (local.set $code (i64.shr_u (local.get $code) (i64.const 4)))
                    (block $end (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
                      (br_table TABLE (local.get $step)))
                      (local.set $a (i32.add (local.get $a) (i32.const 1))))
                      (local.set $a (i32.add (local.get $a) (i32.const 10))) (br $l))
                      (local.set $a (i32.mul (local.get $a) (local.get $b))) (br $l))
                      (local.set $a (local.get $b)) (br $l))
                      (if (local.get $a) (then (local.set $b (i32.add (local.get $a) (i32.const 5))) (br $l)))
                      (local.set $b (i32.const 7)) (br $l))
                      (local.set $a (i32.sub (local.get $a) (local.get $b))) (br $l))
                      (local.set $b (local.get $a)) (br $l))
                      (local.set $kept (local.get $a)) (br $l)))
                  (i32.add (i32.mul (local.get $kept) (i32.const 1000)) (local.get $a))))""".replace("TABLE", table);
    }

    private static final long[] PROGRAMS = {
        0xf, 0xf0, 0xf76543210L, 0xf8013542607L, 0xf462152230714L, 0xf77665544332211L
    };

    private static final String EACH = "$0 $1 $2 $3 $4 $5 $6 $7 $end";

    private static int run(String module, long code) {
        Instance instance = Engine.create().load(WebAssemblyText.parse(module)).instantiate(Imports.none());
        return (int) call(instance, "f", code)[0];
    }

    private static int expected(long code, int[] steps) {
        int a = 0;
        int b = 3;
        int kept = 0;
        for (long left = code; ; left >>>= 4) {
            int digit = (int) left & 15;
            int step = digit < steps.length ? steps[digit] : 8;
            switch (step) {
                case 0 -> a += 11;
                case 1 -> a += 10;
                case 2 -> a *= b;
                case 3 -> a = b;
                case 4 -> b = a == 0 ? 7 : a + 5;
                case 5 -> a -= b;
                case 6 -> b = a;
                case 7 -> kept = a;
                case 9 -> {}
                default -> {
                    return kept * 1000 + a;
                }
            }
        }
    }

    /**
     * Runs some programs.
     *
     * @param table what the switch branches to
     * @param steps the instruction for each digit
     */
    private static void check(String table, int... steps) {
        check(table, steps, PROGRAMS);
    }

    private static void check(String table, int[] steps, long... programs) {
        String module = machine(table);
        LongUnaryOperator actual = code -> run(module, code);
        for (long code : programs) {
            assertEquals(
                    expected(code, steps), actual.applyAsLong(code), () -> Long.toHexString(code) + " with " + table);
        }
    }

    @Test
    void everyCaseGoesOnWithTheValuesThatThereWere() {
        check(EACH, 0, 1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void severalOperandsMayLeadToACase() {
        check("$0 $1 $2 $2 $3 $4 $5 $6 $7 $end", 0, 1, 2, 2, 3, 4, 5, 6, 7);
        check("$7 $6 $5 $4 $3 $2 $1 $0 $0 $7 $end", 7, 6, 5, 4, 3, 2, 1, 0, 0, 7);
    }

    @Test
    void theTableMayGoBackToTheLoopItself() {
        int nothing = 9;
        check("$0 $1 $l $2 $3 $4 $5 $6 $7 $end", 0, 1, nothing, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void theLastCaseMayBeTheDefault() {
        int end = 8;
        int[] steps = {0, 1, 2, 3, 4, 5, 6, end, 7, 7, 7, 7, 7, 7, 7, 7};
        check("$0 $1 $2 $3 $4 $5 $6 $end $7", steps, 0x7, 0x7f0, 0x7a6820391L);
    }

    private static final String TYPES = "JIIII";

    private static BitSet[] ownLocals(String table, Integer... deciding) {
        byte[] binary = WebAssemblyText.parse(machine(table));
        int count = table.split(" ").length;
        int position = 0;
        while (binary[position] != Opcode.BR_TABLE || binary[position + 1] != count - 1) {
            position++;
        }
        InstructionReader in = new InstructionReader(binary, position + 2);
        int[] depths = new int[count];
        for (int i = 0; i < count; i++) {
            depths[i] = in.u32();
        }
        int behind = in.position();
        BitSet known = new BitSet();
        List.of(deciding).forEach(known::set);
        BitSet[] found = SwitchLocals.of(in, TYPES, depths, 9, known);
        assertEquals(behind, in.position(), "the position stays");
        return found;
    }

    private static BitSet set(int... locals) {
        BitSet set = new BitSet();
        for (int local : locals) {
            set.set(local);
        }
        return set;
    }

    @Test
    void aCaseOwnsWhatItReadsOfWhatSeveralReadAndOneSets() {
        BitSet[] own = ownLocals(EACH, CODE, STEP);
        BitSet[] expected = {
            set(A), set(A), set(A, B), set(B), set(A), set(A, B), set(A), set(A), set() // the end has no case
        };
        assertArrayEquals(expected, own);
    }

    @Test
    void noneOwnsWhatDecidesAboutTheNext() {
        for (BitSet own : ownLocals(EACH, STEP, A)) {
            assertFalse(own.get(A));
        }
    }

    @Test
    void aCaseOwnsNothingUnlessJustOneOperandLeadsThere() {
        BitSet[] own = ownLocals("$0 $1 $2 $2 $3 $4 $5 $6 $7", STEP);
        assertEquals(set(), own[2], "two operands");
        assertEquals(set(), own[7], "the default");
        assertEquals(set(A), own[0]);
    }

    @Test
    void fewCasesOwnNothing() {
        for (BitSet own : ownLocals("$0 $1 $2 $3 $4 $5 $6 $l", STEP)) {
            assertEquals(set(), own);
        }
    }
}
