package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.selvage.wasm.text.WebAssemblyText;
import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop whose body is written several times does what it says, whatever number of turns it makes and however it ends. */
class UnrolledLoopTest {
    private static final int MOST_TURNS = 13;

    private static Instance instance(String body) {
        return Engine.create()
                .load(WebAssemblyText.parse(
                        "(module (func $f (export \"f\") (param $n i32) (result i32) " + body + "))"))
                .instantiate(Imports.none());
    }

    private static void check(LongUnaryOperator expected, String body) {
        Instance instance = instance(body);
        for (int n = 0; n <= MOST_TURNS; n++) {
            int turns = n;
            assertEquals(
                    (int) expected.applyAsLong(n), call(instance, "f", n)[0], () -> "with " + turns + " in " + body);
        }
    }

    @Test
    void aLoopIsLeftAtItsEnd() {
        check(n -> Math.max(1, n), """
                (local $i i32)
                (loop $l
                  (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (br_if $l (i32.lt_s (local.get $i) (local.get $n))))
                (local.get $i)""");
    }

    @Test
    void aLoopIsLeftFromTheMiddleForABlockAround() {
        check(n -> n * 3, """
                (local $i i32) (local $sum i32)
                (block $out
                  (block $inner
                    (loop $l
                      (br_if $out (i32.eq (local.get $i) (local.get $n)))
                      (local.set $i (i32.add (local.get $i) (i32.const 1)))
                      (local.set $sum (i32.add (local.get $sum) (i32.const 3)))
                      (br $l)))
                  (unreachable))
                (local.get $sum)""");
    }

    @Test
    void aLoopLeavesAValueAndAnotherWayTheFunction() {
        check(n -> n == 7 ? 700 : n + 1000, """
                (local $i i32)
                (i32.add (i32.const 1000)
                  (loop $l (result i32)
                    (if (i32.eq (local.get $i) (i32.const 6))
                      (then (if (i32.eq (local.get $n) (i32.const 7)) (then (return (i32.const 700))))))
                    (local.get $i)
                    (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
                    (drop)
                    (local.get $n)))""");
    }

    @Test
    void aTableOfBranchesGoesToTheLoopAndPastIt() {
        check(n -> n % 3 + 10 * (n / 3), """
                (local $i i32)
                (block $done
                  (loop $l
                    (block $big
                      (block $small
                        (br_table $small $small $small $big (local.get $n)))
                      (br $done))
                    (local.set $n (i32.sub (local.get $n) (i32.const 3)))
                    (local.set $i (i32.add (local.get $i) (i32.const 10)))
                    (br_table $l $l $l (local.get $i))))
                (i32.add (local.get $n) (local.get $i))""");
    }

    @Test
    void loopsInALoopAreCopiedEachForItself() {
        check(n -> (long) n * n + n, """
                (local $i i32) (local $j i32) (local $sum i32)
                (if (local.get $n) (then
                  (loop $outer
                    (local.set $j (i32.const 0))
                    (loop $inner
                      (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
                      (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
                    (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
                    (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))))
                (local.get $sum)""");
    }

    @Test
    void aLoopThatNobodyRepeatsRunsOnce() {
        check(n -> n + 1, "(loop (local.set $n (i32.add (local.get $n) (i32.const 1)))) (local.get $n)");
        check(n -> n + 2, """
                (block $out (loop (local.set $n (i32.add (local.get $n) (i32.const 2))) (br $out)) (unreachable))
                (local.get $n)""");
    }

    @Test
    void aLoopBelowWhichValuesLieKeepsThem() {
        check(n -> 40 + 2 - n, """
                (local $i i32)
                (i32.const 40) (i32.const 2)
                (loop $l (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
                (local.get $n) (i32.sub) (i32.add)""");
    }

    /** A cut function has its locals in a frame; a loop in it that is not cut takes them out, and puts them back. */
    @ParameterizedTest
    @ValueSource(ints = {4_000, 20_000})
    void loopsOfACutFunctionPutTheirLocalsBackHoweverTheyEnd(int filling) {
        String nothing = "(local.set $x (i32.add (local.get $x) (i32.const 1)))".repeat(filling);
        check(n -> 3L * n + filling, "(local $i i32) (local $x i32) (local $sum i32)" + nothing + """
                (block $out
                  (loop $l
                    (br_if $out (i32.eq (local.get $i) (local.get $n)))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (local.set $sum (i32.add (local.get $sum) (i32.const 2)))
                    (br $l)))
                (local.set $sum (i32.add (local.get $sum)
                  (loop $m (result i32)
                    (if (local.get $i) (then (local.set $i (i32.sub (local.get $i) (i32.const 1))) (br $m)))
                    (local.get $n))))
                (i32.add (local.get $sum) (i32.add (local.get $x) (local.get $i)))""");
    }

    @Test
    void aCopiedLoopThatNeverEndsIsEnded() {
        Instance instance = Engine.create()
                .load(WebAssemblyText.parse("(module (func (export \"f\") (loop $l (br $l))))"))
                .link(Imports.none())
                .instantiate(RunLimits.none().withWall(Duration.ofMillis(40)));
        assertEquals(
                Trap.Kind.DEADLINE_EXCEEDED,
                assertThrows(Trap.class, () -> call(instance, "f")).kind());
    }
}
