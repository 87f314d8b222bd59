package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.selvage.wasm.text.WebAssemblyText;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A table that has room to grow ends where it says it does. */
class TableGrowthTest {
    private static final int GROWN = 300_001;

    private final Instance guest =
            Engine.create().load(WebAssemblyText.parse("""
                    (module
                      (type $answer (func (result i32)))
                      (table $t 1 400000 funcref)
                      (elem declare func $seven)
                      (func $seven (result i32) (i32.const 7))
                      (func (export "growByOne") (param i32)
                        (loop $again
                          (drop (table.grow $t (ref.func $seven) (i32.const 1)))
                          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
                      (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
                      (func (export "size") (result i32) (table.size $t))
                      (func (export "call") (param i32) (result i32) (call_indirect $t (type $answer) (local.get 0)))
                      (func (export "isNull") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
                      (func (export "set") (param i32) (table.set $t (local.get 0) (ref.null func)))
                      (func (export "fill") (param i32) (table.fill $t (local.get 0) (ref.null func) (i32.const 2))))
                    """)).instantiate(Imports.none());

    @BeforeEach
    void growOneByOne() {
        call(guest, "growByOne", GROWN - 1);
    }

    @Test
    void allIsThereUpToTheEnd() {
        assertArrayEquals(new Object[] {GROWN}, call(guest, "size"));
        assertArrayEquals(new Object[] {7}, call(guest, "call", GROWN - 1));
        assertArrayEquals(new Object[] {0}, call(guest, "isNull", GROWN - 1));
        assertMessage("uninitialized element 0", "call", 0);
    }

    @Test
    void nothingIsBehindTheEnd() {
        assertMessage("undefined element: 300001 in a table of 300001", "call", GROWN);
        assertMessage("undefined element: 4294967295 in a table of 300001", "call", -1);
        assertMessage("out of bounds table access: element 300001 of 300001", "isNull", GROWN);
        assertMessage("out of bounds table access: element 300001 of 300001", "set", GROWN);
        assertMessage("out of bounds table access: 2 elements at 300000 of 300001", "fill", GROWN - 1);
    }

    @Test
    void whatGrowsIntoTheRoomIsNew() {
        assertArrayEquals(new Object[] {GROWN}, call(guest, "grow", 2));
        assertArrayEquals(new Object[] {1}, call(guest, "isNull", GROWN + 1));
        assertMessage("uninitialized element 300002", "call", GROWN + 1);
        assertArrayEquals(new Object[] {-1}, call(guest, "grow", 400_000 - GROWN - 1));
        assertArrayEquals(new Object[] {GROWN + 2}, call(guest, "grow", 400_000 - GROWN - 2));
        assertArrayEquals(new Object[] {-1}, call(guest, "grow", 1));
    }

    private void assertMessage(String expected, String function, Object... arguments) {
        assertEquals(
                expected,
                assertThrows(Trap.class, () -> call(guest, function, arguments)).getMessage());
    }
}
