package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threads that have one memory together, each with an instance of its own. */
class SharedMemoryTest {
    private static final int THREADS = 4;

    /** Counters at 0 to 31, a mutex at 64, what it guards at 68, a queue of one place at 128 and 132. */
    private static final String TEXT = """
            (module (memory (export "memory") (import "e" "memory") 1 4 shared)
              (func (export "count") (param $n i32)
                (loop $again
                  (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
                  (drop (i64.atomic.rmw.add (i32.const 8) (i64.const 0x100000001)))
                  (drop (i32.atomic.rmw8.add_u (i32.const 17) (i32.const 1)))
                  (drop (i32.atomic.rmw16.xor_u (i32.const 18) (i32.const 0xffff)))
                  (drop (i64.atomic.rmw.add (i32.const 48) (i64.const -1)))
                  (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (func $lock (local $seen i32)
                (if (local.tee $seen (i32.atomic.rmw.cmpxchg (i32.const 64) (i32.const 0) (i32.const 1)))
                  (then (loop $again
                    (if (i32.or (i32.eq (local.get $seen) (i32.const 2))
                          (i32.atomic.rmw.cmpxchg (i32.const 64) (i32.const 1) (i32.const 2)))
                      (then (drop (memory.atomic.wait32 (i32.const 64) (i32.const 2) (i64.const -1)))))
                    (br_if $again (local.tee $seen (i32.atomic.rmw.cmpxchg (i32.const 64) (i32.const 0) (i32.const 2))))))))
              (func $unlock
                (if (i32.ne (i32.atomic.rmw.sub (i32.const 64) (i32.const 1)) (i32.const 1))
                  (then
                    (i32.atomic.store (i32.const 64) (i32.const 0))
                    (drop (memory.atomic.notify (i32.const 64) (i32.const 1))))))
              (func (export "guarded") (param $n i32)
                (loop $again
                  (call $lock)
                  (i32.store (i32.const 68) (i32.add (i32.load (i32.const 68)) (i32.const 1)))
                  (call $unlock)
                  (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (func (export "put") (param $n i32)
                (loop $again
                  (loop $full
                    (if (i32.atomic.load (i32.const 128))
                      (then (drop (memory.atomic.wait32 (i32.const 128) (i32.const 1) (i64.const -1))) (br $full))))
                  (i32.store (i32.const 132) (local.get $n))
                  (i32.atomic.store (i32.const 128) (i32.const 1))
                  (drop (memory.atomic.notify (i32.const 128) (i32.const 1)))
                  (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (func (export "take") (param $n i32) (result i64) (local $sum i64)
                (loop $again
                  (loop $empty
                    (if (i32.eqz (i32.atomic.load (i32.const 128)))
                      (then (drop (memory.atomic.wait32 (i32.const 128) (i32.const 0) (i64.const -1))) (br $empty))))
                  (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (i32.load (i32.const 132)))))
                  (i32.atomic.store (i32.const 128) (i32.const 0))
                  (drop (memory.atomic.notify (i32.const 128) (i32.const 1)))
                  (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $sum))
              (func (export "wait") (param $timeout i64) (result i32)
                (memory.atomic.wait32 (i32.const 256) (i32.const 0) (local.get $timeout)))
              (func (export "notify") (result i32) (memory.atomic.notify (i32.const 256) (i32.const -1)))
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "load") (param i32) (result i32) (i32.load offset=65532 (local.get 0)))
              (func (export "store") (param i32 i64) (i64.store offset=4 (local.get 0) (local.get 1)))
              (func (export "vector") (param i32) (result i32) (i8x16.extract_lane_u 0 (v128.load (local.get 0)))))
            """;

    private final Memory memory = new Memory(new MemoryType(ValueType.I32, Limits.between(1, 4), true));
    private final LinkedModule module = Engine.create()
            .load(WebAssemblyText.parse(TEXT))
            .link(Imports.builder().define("e", "memory", memory).build());

    private Function function(String name) {
        return module.instantiate(RunLimits.none()).function(name).orElseThrow();
    }

    private List<Object> onThreads(String name, int... arguments) throws Exception {
        List<Object> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Object[]>> calls = new ArrayList<>();
            for (int argument : arguments) {
                Function function = function(name);
                calls.add(threads.submit(() -> function.call(argument)));
            }
            for (Future<Object[]> call : calls) {
                results.addAll(List.of(call.get()));
            }
        }
        return results;
    }

    @Test
    void nothingIsLostWhenThreadsCountTogether() throws Exception {
        int n = 100_001;
        onThreads("count", n, n, n, n);
        int all = n * THREADS;
        assertEquals(all, memory.readInt(0));
        assertEquals(0x1_0000_0001L * all, memory.readLong(8));
        assertEquals(all & 0xff, memory.readByte(17));
        assertEquals(0, memory.readShort(18));
        assertEquals(0, memory.readByte(16));
        assertEquals(-all, memory.readLong(48));
    }

    @Test
    void aMutexOfWaitAndNotifyLetsOneThreadInAtATime() throws Exception {
        int n = 20_000;
        onThreads("guarded", n, n, n, n);
        assertEquals(n * THREADS, memory.readInt(68));
        assertEquals(0, memory.readInt(64));
    }

    @Test
    void aQueueHandsOverEveryNumber() throws Exception {
        int n = 5_000;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Function put = function("put");
            Function take = function("take");
            Future<Object[]> producer = threads.submit(() -> put.call(n));
            assertArrayEquals(
                    new Object[] {(long) n * (n + 1) / 2},
                    threads.submit(() -> take.call(n)).get());
            producer.get();
        }
    }

    @Test
    void aWaitEndsByItsTimeANotificationTheDeadlineOrAnInterrupt() throws Exception {
        assertEquals(2, function("wait").call(1_000_000L)[0]);
        Instance late = module.instantiate(RunLimits.none().withWall(Duration.ofMillis(20)));
        Function wait = late.function("wait").orElseThrow();
        assertEquals(
                Trap.Kind.DEADLINE_EXCEEDED,
                assertThrows(Trap.class, () -> wait.call(-1L)).kind());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Function waiting = function("wait");
            Future<Object[]> woken = threads.submit(() -> waiting.call(-1L));
            Function notify = function("notify");
            while (notify.call()[0].equals(0)) {
                Thread.onSpinWait();
            }
            assertEquals(0, woken.get()[0]);
            Instance interrupted = module.instantiate(RunLimits.none());
            Function ended = interrupted.function("wait").orElseThrow();
            Future<Object[]> call = threads.submit(() -> ended.call(-1L));
            interrupted.interrupt();
            ExecutionException e = assertThrows(ExecutionException.class, call::get);
            assertTrue(e.getCause() instanceof Trap trap && trap.kind() == Trap.Kind.INTERRUPTED, e.toString());
        }
    }

    @Test
    void growthIsSeenByAllAndTheEndIsExactBeforeAndAfter() {
        byte[] bytes = memory.bytes();
        Function load = function("load");
        assertEquals(0, load.call(0)[0]);
        assertThrows(Trap.class, () -> load.call(1));
        assertThrows(Trap.class, () -> function("store").call(65_525, -1L));
        assertThrows(Trap.class, () -> function("vector").call(65_521));
        assertEquals(0, function("vector").call(65_520)[0]);
        assertThrows(Trap.class, () -> load.call(-1));
        assertEquals(1, function("grow").call(2)[0]);
        assertEquals(-1, function("grow").call(2)[0]);
        function("store").call(65_536, -1L);
        assertEquals(-1, load.call(8)[0]);
        assertEquals(3, memory.pages());
        assertTrue(bytes == memory.bytes(), "the array has changed");
        assertThrows(Trap.class, () -> memory.readByte(3 * Memory.PAGE_SIZE));
    }

    @Test
    void aMemoryIsLinkedOnlyIfBothSidesShareItOrNeither() {
        Memory own = new Memory(new MemoryType(Limits.between(1, 4)));
        Module text = Engine.create().load(WebAssemblyText.parse(TEXT));
        Imports imports = Imports.builder().define("e", "memory", own).build();
        LinkException e = assertThrows(LinkException.class, () -> text.link(imports));
        assertTrue(String.valueOf(e.getMessage()).contains("shared memory"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "i32, 8, 0x11111180, 128",
        "i32, 16, 0xffff8280, 33408",
        "i64, 8, 0x1111111111111180, 128",
        "i64, 16, -32128, 33408",
        "i64, 32, 0x1111111184838280, 2223211136"
    })
    void aNarrowExchangeComparesTheLowBitsOfWhatIsExpected(String type, int bits, String expected, long before) {
        Instance guest = Engine.create()
                .load(WebAssemblyText.parse("""
                        (module (memory 1 1 shared) (data (i32.const 0) "\\80\\82\\83\\84")
                          (func (export "f") (result %1$s)
                            (%1$s.atomic.rmw%2$d.cmpxchg_u (i32.const 0) (%1$s.const %3$s) (%1$s.const 1)))
                          (func (export "now") (result i64) (i64.load32_u (i32.const 0))))
                        """.formatted(type, bits, expected)))
                .instantiate(Imports.none());
        Number found = (Number) Objects.requireNonNull(TestModules.call(guest, "f")[0]);
        assertEquals(before, found.longValue());
        long others = 0x8483_8280L & ~((1L << bits) - 1);
        assertArrayEquals(new Object[] {others | 1}, TestModules.call(guest, "now"));
    }
}
