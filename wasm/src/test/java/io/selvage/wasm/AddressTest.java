package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.selvage.wasm.text.WebAssemblyText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memories with addresses of 64 bits, and modules with several memories. */
class AddressTest {
    private static Module module(String text) {
        return Engine.create().load(WebAssemblyText.parse(text));
    }

    private static final String WIDE = """
            (module
              (memory (export "memory") i64 1 0x1_0000_0000)
              (table (export "table") i64 2 funcref)
              (func (export "load") (param i64) (result i32) (i32.load8_u (local.get 0)))
              (func (export "near") (param i64) (result i32) (i32.load8_u offset=0x7fff_0000 (local.get 0)))
              (func (export "far") (param i64) (result i32) (i32.load8_u offset=0xffff_ffff_ffff_ffff (local.get 0)))
              (func (export "store") (param i64 i64) (i64.store offset=1 (local.get 0) (local.get 1)))
              (func (export "fill") (param i64 i64) (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
              (func (export "copy") (param i64 i64 i64) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
              (func (export "get") (param i64) (result funcref) (table.get (local.get 0)))
              (func (export "growTable") (param i64) (result i64) (table.grow (ref.null func) (local.get 0)))
              (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
              (func (export "size") (result i64) (memory.size)))
            """;

    private final Instance wide = module(WIDE).instantiate(Imports.none());

    @ParameterizedTest
    @ValueSource(
            longs = {65_536, Integer.MAX_VALUE, 1L << 31, 1L << 32, (1L << 32) + 8, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void anAddressPastTheMemoryTraps(long address) {
        for (String function : new String[] {"load", "near", "far"}) {
            outOfBounds(Trap.Kind.MEMORY_OUT_OF_BOUNDS, function, address);
        }
        outOfBounds(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "store", address, 1L);
        outOfBounds(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "fill", address, 1L);
        outOfBounds(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "fill", 1L, address);
        outOfBounds(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "copy", 1L, address, 1L);
        outOfBounds(Trap.Kind.TABLE_OUT_OF_BOUNDS, "get", address);
        assertArrayEquals(new Object[] {-1L}, call(wide, "grow", address));
        assertArrayEquals(new Object[] {1L}, call(wide, "size"));
    }

    @Test
    void anAddressPastAnyMemoryIsNamed() {
        for (String function : new String[] {"load", "near"}) {
            assertMessage("out of bounds memory access: 5000000000 is past any memory", function, 5_000_000_000L);
        }
        assertMessage("out of bounds memory access: 18446744073709551615 is past any memory", "fill", 0L, -1L);
    }

    private void assertMessage(String message, String function, Object... arguments) {
        assertEquals(
                message,
                assertThrows(Trap.class, () -> call(wide, function, arguments)).getMessage());
    }

    private void outOfBounds(Trap.Kind kind, String function, Object... arguments) {
        assertEquals(
                kind,
                assertThrows(Trap.class, () -> call(wide, function, arguments)).kind());
    }

    @Test
    void anAccessAcrossTheEndTrapsAndChangesNothing() {
        outOfBounds(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "store", 65_528L, -1L);
        call(wide, "store", 65_527L, -1L);
        assertArrayEquals(new Object[] {255}, call(wide, "load", 65_535L));
    }

    @Test
    void aWideMemoryGrowsAsFarAsItsLimit() {
        RunLimits limits = RunLimits.none().withMemory(3 * 65_536).withTableElements(4);
        Instance limited = module(WIDE).link(Imports.none()).instantiate(limits);
        assertArrayEquals(new Object[] {1L}, call(limited, "grow", 2L));
        assertArrayEquals(new Object[] {-1L}, call(limited, "grow", 1L));
        assertArrayEquals(new Object[] {3L}, call(limited, "size"));
        assertArrayEquals(new Object[] {2L}, call(limited, "growTable", 2L));
        assertArrayEquals(new Object[] {-1L}, call(limited, "growTable", 1L << 32));
    }

    @Test
    void aMemoryThatCannotBeIsRefusedWhenItIsMade() {
        Module huge = module("(module (memory i64 0x8000))");
        Trap trap = assertThrows(Trap.class, () -> huge.instantiate(Imports.none()));
        assertEquals(Trap.Kind.OUT_OF_MEMORY, trap.kind());
    }

    @Test
    void addressesOfOneWidthAreNotThoseOfAnother() {
        Module needs = module("(module (import \"m\" \"memory\" (memory 0)))");
        Imports given = Imports.builder()
                .define("m", "memory", wide.memory("memory").orElseThrow())
                .build();
        assertThrows(LinkException.class, () -> needs.link(given));
    }

    @Test
    void severalMemoriesAreApart() {
        Instance guest = module("""
                (module
                  (memory $a (export "a") 1)
                  (memory $b (export "b") 1)
                  (data (memory $b) (i32.const 4) "bees")
                  (data $more "more")
                  (func (export "both") (param i32) (result i32 i32)
                    (i32.load $a (local.get 0)) (i32.load $b (local.get 0)))
                  (func (export "copy") (memory.copy $a $b (i32.const 0) (i32.const 4) (i32.const 4)))
                  (func (export "init") (memory.init $b $more (i32.const 8) (i32.const 0) (i32.const 4)))
                  (func (export "grow") (param i32) (result i32 i32 i32)
                    (memory.grow $b (local.get 0)) (memory.size $a) (memory.size $b)))
                """).instantiate(Imports.none());
        assertArrayEquals(new Object[] {0, 0x7365_6562}, call(guest, "both", 4));
        call(guest, "copy");
        call(guest, "init");
        assertArrayEquals(new Object[] {0x7365_6562, 0}, call(guest, "both", 0));
        assertEquals("more", guest.memory("b").orElseThrow().readString(8, 4));
        assertEquals("\0\0\0\0", guest.memory("a").orElseThrow().readString(8, 4));
        assertArrayEquals(new Object[] {1, 1, 3}, call(guest, "grow", 2));
    }

    @Test
    void severalMemoriesHaveOneLimitTogether() {
        Module two = module("""
                (module
                  (memory $a 1)
                  (memory $b 1)
                  (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
                  (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0))))
                """);
        Instance guest = two.link(Imports.none()).instantiate(RunLimits.none().withMemory(4 * 65_536));
        assertArrayEquals(new Object[] {-1}, call(guest, "a", 3));
        assertArrayEquals(new Object[] {1}, call(guest, "a", 1));
        assertArrayEquals(new Object[] {1}, call(guest, "b", 1));
        assertArrayEquals(new Object[] {-1}, call(guest, "b", 1));
        RunLimits tooLittle = RunLimits.none().withMemory(65_536);
        LinkedModule linked = two.link(Imports.none());
        assertEquals(
                Trap.Kind.OUT_OF_MEMORY,
                assertThrows(Trap.class, () -> linked.instantiate(tooLittle)).kind());
    }

    @Test
    void oneMemoryUnderTwoIndicesIsOneMemory() {
        Instance guest = module("""
                (module
                  (import "m" "m" (memory $a 1))
                  (import "m" "m" (memory $b 1))
                  (func (export "run") (result i32)
                    (i32.store $a (i32.const 0) (i32.const 1))
                    (drop (memory.grow $b (i32.const 1)))
                    (i32.store $b (i32.const 65536) (i32.const 41))
                    (i32.add (i32.load $b (i32.const 0)) (i32.load $a (i32.const 65536)))))
                """)
                .instantiate(Imports.builder()
                        .define("m", "m", new Memory(new MemoryType(Limits.between(1, 2))))
                        .build());
        assertArrayEquals(new Object[] {42}, call(guest, "run"));
    }
}
