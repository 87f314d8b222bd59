package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Structs and arrays with vectors in them: every instruction on them keeps all 128 bits, and traps where it should. */
class VectorObjectTest {
    private static final V128 A = new V128(0x0807_0605_0403_0201L, 0x100f_0e0d_0c0b_0a09L);
    private static final V128 B = new V128(-1, 0x8000_0000_0000_0000L);

    private static Instance instance(String text) {
        return Engine.create().load(WebAssemblyText.parse(text)).instantiate(Imports.none());
    }

    private static final Instance STRUCTS = instance("""
            (module
              (type $pair (sub (struct (field $v (mut v128)) (field $n (mut i8)))))
              (type $more (sub $pair (struct (field (mut v128)) (field (mut i8)) (field $w v128) (field i64))))
              (global $constant (ref $more)
                (struct.new $more (v128.const i64x2 1 2) (i32.const 3) (v128.const i64x2 4 5) (i64.const 6)))
              (global $zero (ref $more) (struct.new_default $more))
              (func (export "make") (param v128 v128) (result anyref)
                (struct.new $more (local.get 0) (i32.const 200) (local.get 1) (i64.const 7)))
              (func (export "makeDefault") (result anyref) (struct.new_default $more))
              (func (export "constant") (result anyref) (global.get $constant))
              (func (export "zero") (result anyref) (global.get $zero))
              (func (export "v") (param anyref) (result v128) (struct.get $pair $v (ref.cast (ref null $pair) (local.get 0))))
              (func (export "w") (param anyref) (result v128) (struct.get $more $w (ref.cast (ref null $more) (local.get 0))))
              (func (export "n") (param anyref) (result i32) (struct.get_u $pair $n (ref.cast (ref null $pair) (local.get 0))))
              (func (export "setV") (param anyref v128)
                (struct.set $pair $v (ref.cast (ref null $pair) (local.get 0)) (local.get 1)))
              (func (export "sum") (param i32) (result v128) (local $p (ref null $pair))
                (local.set $p (struct.new_default $pair))
                (loop $next
                  (struct.set $pair $v (local.get $p)
                    (i32x4.add (struct.get $pair $v (local.get $p)) (i32x4.splat (local.get 0))))
                  (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (struct.get $pair $v (local.get $p))))
            """);

    private static Object one(String name, Object... arguments) {
        Object[] results = call(STRUCTS, name, arguments);
        assertEquals(1, results.length);
        return results[0];
    }

    @Test
    void aStructKeepsItsVectors() {
        Object made = one("make", A, B);
        assertEquals(A, one("v", made));
        assertEquals(B, one("w", made));
        assertEquals(200, one("n", made));
        call(STRUCTS, "setV", made, B);
        assertEquals(B, one("v", made));
        assertEquals(B, one("w", made));
        // 1 + 2 + … + 100 in each of four lanes.
        assertEquals(new V128(0x0000_13ba_0000_13baL, 0x0000_13ba_0000_13baL), one("sum", 100));
    }

    @Test
    void vectorsBeginAsZero() {
        for (String zero : new String[] {"makeDefault", "zero"}) {
            Object made = one(zero);
            assertEquals(V128.ZERO, one("v", made));
            assertEquals(V128.ZERO, one("w", made));
        }
    }

    @Test
    void aConstantExpressionMakesThem() {
        Object constant = one("constant");
        assertEquals(new V128(1, 2), one("v", constant));
        assertEquals(new V128(4, 5), one("w", constant));
        assertEquals(3, one("n", constant));
    }

    @Test
    void aStructMayHaveMoreVectorsThanAMethodHasParameters() {
        String fields = "(field (mut v128))".repeat(300);
        String values = IntStream.range(0, 300)
                .mapToObj(i -> "(v128.const i64x2 " + i + " -" + i + ")")
                .collect(Collectors.joining());
        Instance guest = instance("""
                (module
                  (type $wide (struct FIELDS))
                  (func (export "run") (result v128 v128) (local (ref null $wide))
                    (local.set 0 (struct.new $wide VALUES))
                    (struct.set $wide 1 (local.get 0) (v128.not (struct.get $wide 1 (local.get 0))))
                    (struct.get $wide 299 (local.get 0)) (struct.get $wide 1 (local.get 0))))
                """.replace("FIELDS", fields).replace("VALUES", values));
        assertArrayEquals(new Object[] {new V128(299, -299), new V128(~1, 0)}, call(guest, "run"));
    }

    private static final Instance ARRAYS = instance("""
            (module
              (type $a (array (mut v128)))
              (data $bytes "\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\00\\00\\00\\00\\00\\00\\00\\80"
                "\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0a\\0b\\0c\\0d\\0e\\0f\\10#")
              (global $it (mut (ref null $a)) (ref.null $a))
              (global $constant (ref $a)
                (array.new_fixed $a 2 (v128.const i64x2 1 2) (v128.const i64x2 3 4)))
              (global $filled (ref $a) (array.new $a (v128.const i64x2 8 9) (i32.const 3)))
              (func (export "new") (param v128 i32) (global.set $it (array.new $a (local.get 0) (local.get 1))))
              (func (export "default") (param i32) (global.set $it (array.new_default $a (local.get 0))))
              (func (export "fixed") (param v128 v128 v128)
                (global.set $it (array.new_fixed $a 3 (local.get 0) (local.get 1) (local.get 2))))
              (func (export "data") (param i32 i32)
                (global.set $it (array.new_data $a $bytes (local.get 0) (local.get 1))))
              (func (export "constant") (global.set $it (global.get $constant)))
              (func (export "filled") (global.set $it (global.get $filled)))
              (func (export "drop") (data.drop $bytes))
              (func (export "null") (global.set $it (ref.null $a)))
              (func (export "length") (result i32) (array.len (global.get $it)))
              (func (export "get") (param i32) (result v128) (array.get $a (global.get $it) (local.get 0)))
              (func (export "set") (param i32 v128) (array.set $a (global.get $it) (local.get 0) (local.get 1)))
              (func (export "fill") (param i32 v128 i32)
                (array.fill $a (global.get $it) (local.get 0) (local.get 1) (local.get 2)))
              (func (export "copy") (param i32 i32 i32)
                (array.copy $a $a (global.get $it) (local.get 0) (global.get $it) (local.get 1) (local.get 2)))
              (func (export "init") (param i32 i32 i32)
                (array.init_data $a $bytes (global.get $it) (local.get 0) (local.get 1) (local.get 2))))
            """);

    private static V128[] contents(Instance guest) {
        return IntStream.range(0, (int) call(guest, "length")[0])
                .mapToObj(i -> (V128) call(guest, "get", i)[0])
                .toArray(V128[]::new);
    }

    private static void assertHolds(V128... expected) {
        assertArrayEquals(expected, contents(ARRAYS));
    }

    private static void assertTraps(Trap.Kind kind, String name, Object... arguments) {
        Trap trap = assertThrows(Trap.class, () -> call(ARRAYS, name, arguments));
        assertEquals(kind, trap.kind());
    }

    @Test
    void anArrayIsMadeInEveryWay() {
        call(ARRAYS, "new", B, 2);
        assertHolds(B, B);
        call(ARRAYS, "default", 3);
        assertHolds(V128.ZERO, V128.ZERO, V128.ZERO);
        call(ARRAYS, "fixed", A, B, V128.ZERO);
        assertHolds(A, B, V128.ZERO);
        call(ARRAYS, "constant");
        assertHolds(new V128(1, 2), new V128(3, 4));
        call(ARRAYS, "filled");
        assertHolds(new V128(8, 9), new V128(8, 9), new V128(8, 9));
        call(ARRAYS, "data", 0, 2);
        assertHolds(B, A);
        call(ARRAYS, "data", 1, 1);
        assertHolds(new V128(0x00ff_ffff_ffff_ffffL, 0x0180_0000_0000_0000L));
        call(ARRAYS, "default", 0);
        assertHolds();
    }

    @Test
    void itsElementsChange() {
        call(ARRAYS, "default", 5);
        call(ARRAYS, "set", 4, A);
        call(ARRAYS, "fill", 1, B, 2);
        assertHolds(V128.ZERO, B, B, V128.ZERO, A);
        call(ARRAYS, "copy", 0, 2, 3);
        assertHolds(B, V128.ZERO, A, V128.ZERO, A);
        call(ARRAYS, "copy", 1, 0, 4);
        assertHolds(B, B, V128.ZERO, A, V128.ZERO);
        call(ARRAYS, "init", 3, 0, 2);
        assertHolds(B, B, V128.ZERO, B, A);
        call(ARRAYS, "init", 0, 16, 1);
        assertHolds(A, B, V128.ZERO, B, A);
        call(ARRAYS, "init", 5, 33, 0);
    }

    @Test
    void whatIsOutsideTraps() {
        call(ARRAYS, "default", 2);
        for (int index : new int[] {2, 0x0800_0000, 0x1000_0000, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            assertTraps(Trap.Kind.ARRAY_OUT_OF_BOUNDS, "get", index);
            assertTraps(Trap.Kind.ARRAY_OUT_OF_BOUNDS, "set", index, A);
            assertTraps(Trap.Kind.ARRAY_OUT_OF_BOUNDS, "fill", index, A, 1);
            assertTraps(Trap.Kind.ARRAY_OUT_OF_BOUNDS, "fill", 0, A, index == 2 ? 3 : index);
            assertTraps(Trap.Kind.ARRAY_OUT_OF_BOUNDS, "copy", 0, index, 1);
            assertTraps(Trap.Kind.ARRAY_OUT_OF_BOUNDS, "copy", index, 0, 1);
            assertTraps(Trap.Kind.ARRAY_OUT_OF_BOUNDS, "init", index, 0, 1);
        }
        assertTraps(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "init", 0, 2, 2);
        assertTraps(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "data", 2, 2);
        assertTraps(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "data", 0, 0x1000_0000);
        assertTraps(Trap.Kind.OUT_OF_MEMORY, "default", 0x0800_0000);
        assertTraps(Trap.Kind.OUT_OF_MEMORY, "new", A, -1);
        assertHolds(V128.ZERO, V128.ZERO);
        call(ARRAYS, "null");
        assertTraps(Trap.Kind.NULL_REFERENCE, "get", 0);
        assertTraps(Trap.Kind.NULL_REFERENCE, "set", 0, A);
        assertTraps(Trap.Kind.NULL_REFERENCE, "fill", 0, A, 0);
        assertTraps(Trap.Kind.NULL_REFERENCE, "copy", 0, 0, 0);
        assertTraps(Trap.Kind.NULL_REFERENCE, "length");
    }

    @Test
    void aDroppedSegmentHasNothingLeft() {
        Instance guest = ARRAYS.module().instantiate(Imports.none());
        call(guest, "drop");
        call(guest, "data", 0, 0);
        assertEquals(0, contents(guest).length);
        Trap trap = assertThrows(Trap.class, () -> call(guest, "data", 0, 1));
        assertEquals(Trap.Kind.MEMORY_OUT_OF_BOUNDS, trap.kind());
    }

    @Test
    void aVectorCountsSixteenBytesOfTheLimit() {
        Instance guest = ARRAYS.module()
                .link(Imports.none())
                .instantiate(RunLimits.none().withMemory(1 << 20));
        call(guest, "default", 1 << 16);
        assertEquals(1 << 16, call(guest, "length")[0]);
        assertThrows(Trap.class, () -> call(guest, "default", (1 << 16) + 1));
    }

    @Test
    void othersMustNotMistakeThemForNumbersOrReferences() {
        for (String body : new String[] {
            "(array.set $a (local.get 0) (i32.const 0) (i64.const 0))",
            "(drop (array.get_s $a (local.get 0) (i32.const 0)))",
            "(array.copy $a $b (local.get 0) (i32.const 0) (array.new_default $b (i32.const 1)) (i32.const 0) (i32.const 1))",
            "(array.init_elem $a $e (local.get 0) (i32.const 0) (i32.const 0) (i32.const 0))"
        }) {
            byte[] binary = WebAssemblyText.parse("(module (type $a (array (mut v128))) (type $b (array (mut i64)))"
                    + " (elem $e funcref) (func (param (ref $a)) " + body + "))");
            InvalidException e =
                    assertThrows(InvalidException.class, () -> Engine.create().load(binary), body);
            assertTrue(String.valueOf(e.getMessage()).contains("at byte"), e.getMessage());
        }
    }
}
