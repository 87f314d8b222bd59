package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory limit where a guest keeps objects. */
class ObjectLimitTest {
    private static final RunLimits LIMITS = RunLimits.none().withMemory(8 << 20);

    private static final String KEEPER = """
            (module
              (type $node (struct (field $next (ref null $node)) (field i64 i64)))
              (type $bytes (array (mut i8)))
              (type $links (array (mut anyref)))
              (tag $chain (param exnref))
              (global $kept (mut (ref null $node)) (ref.null $node))
              (func $add
                (global.set $kept (struct.new $node (global.get $kept) (i64.const 1) (i64.const 2))))
              (func (export "structs") (loop $again (call $add) (br $again)))
              (func (export "arrays") (local $last (ref null $links))
                (loop $again
                  (local.set $last (array.new_fixed $links 3
                    (local.get $last) (array.new_default $bytes (i32.const 1000)) (ref.null any)))
                  (br $again)))
              (func (export "large") (local $last (ref null $links)) (local $next (ref null $links))
                (loop $again
                  (local.set $next (array.new $links (ref.null any) (i32.const 250000)))
                  (array.set $links (local.get $next) (i32.const 0) (local.get $last))
                  (local.set $last (local.get $next))
                  (br $again)))
              (func (export "exceptions") (local $last exnref)
                (loop $again
                  (block $caught (result exnref)
                    (try_table (catch_all_ref $caught) (throw $chain (local.get $last)))
                    (unreachable))
                  (local.set $last)
                  (br $again)))
              (func (export "recursion")
                (call $hold (struct.new $node (ref.null $node) (i64.const 1) (i64.const 2))))
              (func $hold (param $first (ref $node)) (local $last (ref $node))
                (local.set $last (local.get $first))
                (loop $again
                  (local.set $last (struct.new $node (local.get $last) (i64.const 1) (i64.const 2)))
                  (br $again)))
              (func (export "garbage") (param $count i32) (result i32) (local $made i32)
                (loop $again
                  (drop (array.new_default $bytes (i32.const 10000)))
                  (local.set $made (i32.add (local.get $made) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $made) (local.get $count))))
                (local.get $made))
              (func (export "wave") (param $count i32) (result i32) (local $made i32)
                (global.set $kept (ref.null $node))
                (loop $again
                  (call $add)
                  (local.set $made (i32.add (local.get $made) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $made) (local.get $count))))
                (local.get $made)))
            """;

    private static Instance instance(String text, RunLimits limits) {
        return Engine.create()
                .load(WebAssemblyText.parse(text))
                .link(Imports.none())
                .instantiate(limits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"structs", "arrays", "large", "exceptions", "recursion"})
    void aGuestThatKeepsMoreAndMoreIsEnded(String what) {
        Instance guest = instance(KEEPER, LIMITS);
        Trap trap = assertThrows(Trap.class, () -> call(guest, what));
        assertEquals(Trap.Kind.OUT_OF_MEMORY, trap.kind());
        assertTrue(trap.getMessage().contains("structs and arrays take about"), trap.getMessage());
    }

    @Test
    void garbageDoesNotCount() {
        Instance guest = instance(KEEPER, LIMITS);
        assertArrayEquals(new Object[] {200_000}, call(guest, "garbage", 200_000));
    }

    @Test
    void whatWasKeptForAWhileDoesNotCount() {
        Instance guest = instance(KEEPER, LIMITS);
        for (int i = 0; i < 200; i++) {
            assertArrayEquals(new Object[] {100_000}, call(guest, "wave", 100_000));
        }
    }

    @Test
    void withoutALimitAsMuchIsKeptAsThereIsHeap() {
        Instance guest = instance(KEEPER, RunLimits.none());
        assertArrayEquals(new Object[] {2_000_000}, call(guest, "wave", 2_000_000));
    }

    @Test
    void theInitialValueOfAGlobalCountsToo() {
        String text = "(module (type $a (array i64)) (global (ref $a) (array.new_default $a (i32.const 2000000))))";
        Trap trap = assertThrows(Trap.class, () -> instance(text, LIMITS));
        assertEquals(Trap.Kind.OUT_OF_MEMORY, trap.kind());
        StringBuilder many = new StringBuilder("(module (type $a (array i64))");
        for (int i = 0; i < 2_000; i++) {
            many.append("(global (ref $a) (array.new_default $a (i32.const 125000)))");
        }
        String large = many.append(")").toString();
        assertEquals(
                Trap.Kind.OUT_OF_MEMORY,
                assertThrows(Trap.class, () -> instance(large, LIMITS)).kind());
    }

    /** Makes so many arrays of 64 KiB, and counts them. */
    private static List<byte[]> keep(ObjectMeter meter, int arrays) {
        List<byte[]> kept = new ArrayList<>();
        for (int i = 0; i < arrays; i++) {
            byte[] array = new byte[1 << 16];
            kept.add(array);
            meter.sample(array, (1 << 16) - meter.nextInterval());
        }
        return kept;
    }

    @Test
    void whereAllGuestsHaveTooMuchWhoHasMoreThanAShareIsEnded() {
        long shared = 8 << 20;
        ObjectMeter large = new ObjectMeter(64 << 20, shared);
        ObjectMeter small = new ObjectMeter(64 << 20, shared);
        List<byte[]> much = keep(large, 200);
        List<byte[]> little = keep(small, 8);
        System.gc();
        small.check(0);
        Trap trap = assertThrows(Trap.class, () -> large.check(0));
        assertEquals(Trap.Kind.OUT_OF_MEMORY, trap.kind());
        assertTrue(String.valueOf(trap.getMessage()).contains("those of all guests"), trap.getMessage());
        much.clear();
        System.gc();
        large.check(0);
        assertEquals(8, little.size());
    }
}
