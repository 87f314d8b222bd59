package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A module made of an instance begins where the instance was, and is a module like any other. */
class SnapshotTest {
    private static final String TEXT = """
            (module
              (import "host" "offset" (global $offset i32))
              (memory (export "memory") 1 9)
              (memory $second 1)
              (global $count (export "count") (mut i32) (i32.const 1))
              (global $wide (mut i64) (i64.const -1))
              (global $real (mut f64) (f64.const 0))
              (global $fixed (export "fixed") i32 (i32.const 77))
              (table 3 funcref)
              (elem (i32.const 1) $answer)
              (data (i32.const 16) "from a segment")
              (data $later "later")
              (data $gone "gone")
              (func $answer (result i32) (i32.add (global.get $count) (i32.wrap_i64 (global.get $wide))))
              (func $start (global.set $count (i32.add (global.get $count) (i32.const 1))))
              (start $start)
              (func (export "init")
                (global.set $count (i32.add (global.get $count) (i32.const 40)))
                (global.set $wide (i64.const 0x100000001))
                (global.set $real (f64.const -0.5))
                (drop (memory.grow (i32.const 2)))
                (i32.store (i32.const 16) (i32.const 0x41414141))
                (i32.store (i32.const 196600) (i32.const 0x01020304))
                (i32.store $second (i32.const 65532) (i32.const 9))
                (data.drop $gone))
              (func (export "answer") (result i32) (call_indirect (result i32) (i32.const 1)))
              (func (export "real") (result f64) (global.get $real))
              (func (export "second") (result i32) (i32.load $second (i32.const 65532)))
              (func (export "later") (memory.init $later (i32.const 500) (i32.const 0) (i32.const 5)))
              (func (export "gone") (memory.init $gone (i32.const 0) (i32.const 0) (i32.const 1))))
            """;

    private static final Imports IMPORTS = Imports.builder()
            .define("host", "offset", new Global(new GlobalType(ValueType.I32, false), 3))
            .build();

    private static Object call(Instance instance, String name) {
        Object[] results = instance.function(name).orElseThrow().call();
        return results.length == 0 ? "" : results[0];
    }

    private static Instance initialized() {
        Instance instance = Engine.create().load(WebAssemblyText.parse(TEXT)).instantiate(IMPORTS);
        call(instance, "init");
        return instance;
    }

    @Test
    void aModuleMadeOfAnInstanceBeginsWhereItWas() {
        Instance before = initialized();
        Module module = Engine.create().load(before.snapshot(Set.of("init")));
        for (int i = 0; i < 2; i++) {
            Instance after = module.instantiate(IMPORTS);
            assertArrayEquals(before.memory().bytes(), after.memory().bytes());
            assertEquals(42, after.global("count").orElseThrow().get());
            assertEquals(77, after.global("fixed").orElseThrow().get());
            assertEquals(43, call(after, "answer"));
            assertEquals(-0.5, call(after, "real"));
            assertEquals(9, call(after, "second"));
            assertTrue(after.function("init").isEmpty());
            call(after, "later");
            assertEquals("later", after.memory().readString(500, 5));
            assertEquals(
                    Trap.Kind.MEMORY_OUT_OF_BOUNDS,
                    assertThrows(Trap.class, () -> call(after, "gone")).kind());
        }
    }

    @Test
    void aSnapshotOfASnapshotIsTheSame() {
        byte[] once = initialized().snapshot(Set.of("init"));
        byte[] twice = Engine.create().load(once).instantiate(IMPORTS).snapshot(Set.of());
        Instance a = Engine.create().load(once).instantiate(IMPORTS);
        Instance b = Engine.create().load(twice).instantiate(IMPORTS);
        assertArrayEquals(a.memory().bytes(), b.memory().bytes());
        assertEquals(call(a, "answer"), call(b, "answer"));
    }

    @Test
    void aGlobalOfVectorsIsKept() {
        Instance instance = Engine.create().load(WebAssemblyText.parse("""
                        (module
                          (global $v (mut v128) (v128.const i64x2 0 0))
                          (func (export "init") (global.set $v (v128.const i64x2 -1 0x0123456789abcdef)))
                          (func (export "low") (result i64) (i64x2.extract_lane 0 (global.get $v)))
                          (func (export "high") (result i64) (i64x2.extract_lane 1 (global.get $v))))
                        """)).instantiate(Imports.none());
        call(instance, "init");
        Instance after = Engine.create().load(instance.snapshot(Set.of("init"))).instantiate(Imports.none());
        assertEquals(-1L, call(after, "low"));
        assertEquals(0x0123456789abcdefL, call(after, "high"));
    }

    @Test
    void aModuleWithoutMemoryOrDataHasSnapshotsToo() {
        Instance instance = Engine.create()
                .load(WebAssemblyText.parse(
                        "(module (memory 1) (func (export \"f\") (i32.store8 (i32.const 9) (i32.const 8)))"
                                + " (func (export \"g\") (result i32) (i32.load (i32.const 9))))"))
                .instantiate(Imports.none());
        call(instance, "f");
        Instance after = Engine.create().load(instance.snapshot(Set.of())).instantiate(Imports.none());
        assertEquals(8, call(after, "g"));
        Instance bare = Engine.create()
                .load(WebAssemblyText.parse("(module (func (export \"g\") (result i32) (i32.const 5)))"))
                .instantiate(Imports.none());
        assertEquals(5, call(Engine.create().load(bare.snapshot(Set.of())).instantiate(Imports.none()), "g"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                (module (table 2 funcref) (func $f (export "init") (table.set (i32.const 0) (ref.func $f))) (elem declare func $f)) | changed table 0
                (module (table 2 funcref) (func (export "init") (drop (table.grow (ref.null func) (i32.const 1)))))                 | changed table 0
                (module (global (mut funcref) (ref.null func)) (func (export "init")))                                             | global 0 can change and is a reference
                (module (table 2 funcref) (elem $e func $f) (func $f (export "init") (elem.drop $e)))                              | dropped an element segment
                """)
    void whatAModuleCannotSayIsRefused(String text, String why) {
        Instance instance = Engine.create().load(WebAssemblyText.parse(text)).instantiate(Imports.none());
        call(instance, "init");
        UnsupportedException refused = assertThrows(UnsupportedException.class, () -> instance.snapshot(Set.of()));
        assertTrue(refused.getMessage().contains(why), refused.getMessage());
    }
}
