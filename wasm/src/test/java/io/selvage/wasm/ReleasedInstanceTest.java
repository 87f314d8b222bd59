package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Hunts for what one instance might leave to the next that gets its memory. */
class ReleasedInstanceTest {
    private static final String TEXT = """
            (module
              (memory (export "memory") 3 5)
              (table (export "table") 4 funcref)
              (global $own (mut i64) (i64.const 5))
              (global (export "shared") (mut i32) (i32.const 6))
              (data (i32.const 10) "in front")
              (data (i32.const 65530) "over the edge of a page")
              (data $passive "passive")
              (elem (i32.const 1) $own)
              (func $own (export "own") (result i64) (global.get $own))
              (func (export "setOwn") (param i64) (global.set $own (local.get 0)))
              (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
              (func (export "store") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
              (func (export "clear") (table.fill (i32.const 0) (ref.null func) (i32.const 4)))
              (func (export "passive") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 7)) (data.drop $passive))
              (func (export "grow") (result i32) (memory.grow (i32.const 1)))
              (func (export "endless") (loop (br 0))))
            """;

    private final LinkedModule module =
            Engine.create().load(WebAssemblyText.parse(TEXT)).link(Imports.none());

    private Instance instance() {
        return module.instantiate(RunLimits.none());
    }

    private static Object call(Instance instance, String name, Object... arguments) {
        Object[] results = instance.function(name).orElseThrow().call(arguments);
        return results.length == 0 ? "" : results[0];
    }

    private static byte[] contents(Instance instance) {
        return instance.memory().bytes().clone();
    }

    @Test
    void nothingOfAnInstanceIsLeftToTheNext() {
        byte[] fresh = contents(instance());
        Random random = new Random(4);
        for (int round = 0; round < 300; round++) {
            Instance instance = instance();
            assertArrayEquals(fresh, contents(instance));
            assertEquals(5L, call(instance, "own"));
            assertEquals(6, instance.global("shared").orElseThrow().get());
            Table table = instance.table("table").orElseThrow();
            assertEquals(5L, ((Function) table.get(1)).call()[0]);
            call(instance, "passive");
            call(instance, "setOwn", random.nextLong());
            instance.global("shared").orElseThrow().set(random.nextInt());
            call(instance, "clear");
            for (int i = 0; i < 50; i++) {
                call(instance, "store", random.nextInt(3 * 65_536 - 7), random.nextLong());
            }
            call(instance, "fill", random.nextInt(100_000), random.nextInt(), random.nextInt(90_000));
            if (round % 7 == 0) {
                call(instance, "grow");
                call(instance, "fill", 3 * 65_536, 1, 65_536);
            }
            instance.release();
        }
    }

    @Test
    void manyThreadsNeverShareAMemory() throws Exception {
        byte[] fresh = contents(instance());
        ConcurrentLinkedQueue<byte[]> different = new ConcurrentLinkedQueue<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int t = 0; t < 8; t++) {
                int mark = t + 1;
                Future<?> _ = threads.submit(() -> {
                    for (int i = 0; i < 500; i++) {
                        Instance instance = instance();
                        byte[] before = contents(instance);
                        call(instance, "fill", 0, mark, 3 * 65_536);
                        byte[] after = contents(instance);
                        if (!Arrays.equals(before, fresh) || after[0] != mark || after[3 * 65_535] != mark) {
                            different.add(before);
                        }
                        instance.release();
                    }
                });
            }
        }
        assertEquals(0, different.size());
    }

    @Test
    void aReleasedInstanceCannotBeUsed() {
        Instance instance = instance();
        Memory memory = instance.memory();
        instance.release();
        assertEquals(0, memory.size());
        assertThrows(Trap.class, () -> memory.readByte(0));
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> call(instance, "own"));
        assertEquals("the instance has been released", refused.getMessage());
    }

    @Test
    void aMemoryThatAnotherInstanceImportsStays() {
        Instance owner = instance();
        Module importing = Engine.create()
                .load(
                        WebAssemblyText.parse(
                                "(module (import \"a\" \"memory\" (memory 1)) (func (export \"read\") (result i32) (i32.load8_u (i32.const 10))))"));
        Instance user =
                importing.instantiate(Imports.builder().instance("a", owner).build());
        owner.release();
        assertEquals((int) 'i', call(user, "read"));
        call(instance(), "fill", 0, 0, 3 * 65_536);
        assertEquals((int) 'i', call(user, "read"));
    }
}
