package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest that does not end by itself is ended: by its deadline, its CPU time or the host, whatever it repeats. */
class EndlessGuestTest {
    private static final Duration SOON = Duration.ofMillis(40);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Module ENDLESS = TestModules.module("endless");

    private static List<String> programs() {
        return ENDLESS.exports().stream()
                .map(ExportDescriptor::name)
                .filter(name -> !name.equals("answer"))
                .toList();
    }

    @Test
    void thatItComputesIsKnownWhileItDoes() throws InterruptedException {
        waitUntil(() -> !Engine.isComputing());
        Instance instance = ENDLESS.instantiate(Imports.none());
        Thread guest = Thread.ofVirtual().start(() -> trap(instance, programs().getFirst()));
        waitUntil(Engine::isComputing);
        instance.interrupt();
        guest.join();
        waitUntil(() -> !Engine.isComputing());
    }

    private static void waitUntil(BooleanSupplier condition) {
        assertTimeoutPreemptively(PATIENCE, () -> {
            while (!condition.getAsBoolean()) {
                Thread.onSpinWait();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> theWallClockEndsIt() {
        return programs().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Instance instance = ENDLESS.link(Imports.none())
                            .instantiate(RunLimits.none().withWall(SOON));
                    assertEquals(
                            Trap.Kind.DEADLINE_EXCEEDED, trap(instance, name).kind());
                }));
    }

    /** Each turn moves so much that a thousand of them take minutes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(memory.copy (i32.const 0) (i32.const 1) (i32.const 33554431))",
                "(memory.copy (i32.const 1) (i32.const 0) (i32.const 33554431))",
                "(memory.fill (i32.const 0) (i32.const 1) (i32.const 33554432))",
                "(table.fill (i32.const 0) (ref.null func) (i32.const 4000000))",
                "(table.copy (i32.const 0) (i32.const 1) (i32.const 3999999))",
                "(array.fill $a (global.get $g) (i32.const 0) (i64.const 1) (i32.const 4000000))",
                "(array.copy $a $a (global.get $g) (i32.const 0) (global.get $g) (i32.const 1) (i32.const 3999999))",
                "(drop (array.new $a (i64.const 1) (i32.const 4000000)))"
            })
    void instructionsThatTakeLongAreCountedByTheirLength(String instruction) {
        Instance instance = Engine.create()
                .load(WebAssemblyText.parse("""
                        (module
                          (type $a (array (mut i64)))
                          (memory 512)
                          (table 4000000 funcref)
                          (global $g (mut (ref null $a)) (ref.null $a))
                          (func (export "f")
                            (global.set $g (array.new $a (i64.const 0) (i32.const 4000000)))
                            (loop $l %s (br $l))))""".formatted(instruction.repeat(20))))
                .link(Imports.none())
                .instantiate(RunLimits.none().withCpu(SOON));
        assertEquals(Trap.Kind.CPU_TIME_EXCEEDED, trap(instance, "f").kind());
    }

    /** Such a loop does not count its turns, as the function looks at its flag in each; long enough for the JIT compiler. */
    @Test
    void aLoopThatCallsItsOwnFunctionInEveryTurnIsEnded() {
        for (int i = 0; i < 10; i++) {
            Instance instance = Engine.create()
                    .load(WebAssemblyText.parse("""
                            (module
                              (func $f (export "f") (param $inner i32)
                                (if (local.get $inner) (then (return)))
                                (loop $l (call $f (i32.const 1)) (br $l))))"""))
                    .link(Imports.none())
                    .instantiate(RunLimits.none().withWall(Duration.ofMillis(300)));
            Trap trap = assertTimeoutPreemptively(
                    PATIENCE, () -> assertThrows(Trap.class, () -> TestModules.call(instance, "f", 0)));
            assertEquals(Trap.Kind.DEADLINE_EXCEEDED, trap.kind());
        }
    }

    @TestFactory
    Stream<DynamicTest> itsCpuTimeEndsIt() {
        return programs().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Instance instance = ENDLESS.link(Imports.none())
                            .instantiate(RunLimits.none().withCpu(SOON));
                    assertEquals(
                            Trap.Kind.CPU_TIME_EXCEEDED, trap(instance, name).kind());
                    assertTrue(instance.cpuNanos() >= SOON.toNanos(), () -> "it ran " + instance.cpuNanos() + " ns");
                }));
    }

    @TestFactory
    Stream<DynamicTest> theHostEndsIt() {
        return programs().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Instance instance = ENDLESS.instantiate(Imports.none());
                    CountDownLatch begun = new CountDownLatch(1);
                    Thread interrupter = Thread.ofVirtual().start(() -> {
                        try {
                            begun.await();
                        } catch (InterruptedException _) {
                            Thread.currentThread().interrupt();
                        }
                        instance.interrupt();
                    });
                    begun.countDown();
                    assertEquals(Trap.Kind.INTERRUPTED, trap(instance, name).kind());
                    interrupter.join();
                }));
    }

    @Test
    void endlessGuestsOnEveryProcessorDoNotKeepANewOneWaiting() throws InterruptedException {
        List<Instance> endless = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
            Instance instance = ENDLESS.instantiate(Imports.none());
            endless.add(instance);
            Function function = TestModules.function(instance, programs().getFirst());
            Object[] arguments = function.type().parameters().stream()
                    .map(_ -> (Object) 1000)
                    .toArray();
            threads.add(Thread.ofVirtual().start(() -> assertThrows(Trap.class, () -> function.call(arguments))));
        }
        for (int i = 0; i < 20; i++) {
            Thread shortOne =
                    Thread.ofVirtual().start(() -> TestModules.call(ENDLESS.instantiate(Imports.none()), "answer"));
            assertTrue(shortOne.join(PATIENCE), "a short guest has waited for " + PATIENCE);
        }
        endless.forEach(Instance::interrupt);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static Trap trap(Instance instance, String name) {
        Function function = TestModules.function(instance, name);
        Object[] arguments =
                function.type().parameters().stream().map(_ -> (Object) 1000).toArray();
        Object[] shallow =
                function.type().parameters().stream().map(_ -> (Object) 60).toArray();
        return assertTimeoutPreemptively(
                PATIENCE,
                () -> assertThrows(
                        Trap.class, () -> function.call(name.startsWith("recursion") ? shallow : arguments)));
    }

    @Test
    void whatWasInterruptedDoesNotRunAgain() {
        Instance instance = ENDLESS.instantiate(Imports.none());
        assertArrayEquals(new Object[] {42}, TestModules.call(instance, "answer"));
        instance.interrupt();
        assertEquals(Trap.Kind.INTERRUPTED, trap(instance, "loop").kind());
        assertEquals(Trap.Kind.INTERRUPTED, trap(instance, "tail").kind());
    }

    @Test
    void anotherInstanceOfTheModuleGoesOn() {
        LinkedModule linked = ENDLESS.link(Imports.none());
        Instance ended = linked.instantiate(RunLimits.none());
        Instance other = linked.instantiate(RunLimits.none());
        ended.interrupt();
        assertEquals(Trap.Kind.INTERRUPTED, trap(ended, "loop").kind());
        assertArrayEquals(new Object[] {42}, TestModules.call(other, "answer"));
    }

    @Test
    void aStartFunctionThatNeverEndsIsEnded() {
        LinkedModule linked = TestModules.module("start-loop").link(Imports.none());
        Trap wall = assertTimeoutPreemptively(
                PATIENCE,
                () -> assertThrows(
                        Trap.class, () -> linked.instantiate(RunLimits.none().withWall(SOON))));
        assertEquals(Trap.Kind.DEADLINE_EXCEEDED, wall.kind());
        Trap cpu = assertTimeoutPreemptively(
                PATIENCE,
                () -> assertThrows(
                        Trap.class, () -> linked.instantiate(RunLimits.none().withCpu(SOON))));
        assertEquals(Trap.Kind.CPU_TIME_EXCEEDED, cpu.kind());
    }

    @Test
    void waitingInTheHostIsNoCpuTime() {
        Instance instance = waiting(RunLimits.none().withCpu(Duration.ofMillis(60)));
        assertTimeoutPreemptively(PATIENCE, () -> TestModules.call(instance, "wait", 150));
        assertTrue(
                instance.cpuNanos() < TimeUnit.MILLISECONDS.toNanos(60), () -> "it ran " + instance.cpuNanos() + " ns");
        assertEquals(
                Trap.Kind.CPU_TIME_EXCEEDED,
                assertTimeoutPreemptively(
                                PATIENCE,
                                () -> assertThrows(Trap.class, () -> TestModules.call(instance, "wait-then-loop", 1)))
                        .kind());
    }

    @Test
    void theDeadlineCountsTheWaitToo() {
        Instance instance = waiting(RunLimits.none().withWall(SOON));
        Trap trap = assertThrows(Trap.class, () -> TestModules.call(instance, "wait", 100));
        assertEquals(Trap.Kind.DEADLINE_EXCEEDED, trap.kind());
    }

    /** A module whose {@code wait} blocks in the host for some milliseconds. */
    private static Instance waiting(RunLimits limits) {
        HostFunction wait = HostFunction.of(FunctionType.of(ValueType.I32), (caller, arguments) -> {
            caller.beginWait();
            try {
                assertTrue(!new CountDownLatch(1).await((Integer) arguments[0], TimeUnit.MILLISECONDS));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } finally {
                caller.endWait();
            }
            return new Object[0];
        });
        return TestModules.module("wait")
                .link(Imports.builder().function("h", "wait", wait).build())
                .instantiate(limits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "i32", "i64", "f32", "f64", "v128", "externref", "i64 i64", "f64 externref"})
    void aRecursionIsEndedWhateverItTakesAndReturns(String types) {
        int count = types.isEmpty() ? 0 : types.split(" ").length;
        String again =
                "(call $twice (i32.sub (local.get 0) (i32.const 1))" + locals(1, count) + ")" + "(drop)".repeat(count);
        Instance instance = text("(module (func $twice (param i32) (param " + types + ") (result " + types + ")"
                        + "(if (local.get 0) (then " + again + again + "))" + locals(1, count) + ")"
                        + "(func (export \"f\") (local " + types + ")"
                        + "(call $twice (i32.const 60)" + locals(0, count) + ")" + "(drop)".repeat(count) + "))")
                .link(Imports.none())
                .instantiate(RunLimits.none().withWall(SOON));
        assertEquals(Trap.Kind.DEADLINE_EXCEEDED, trap(instance, "f").kind());
    }

    private static String locals(int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(local -> "(local.get " + local + ")")
                .collect(Collectors.joining());
    }

    private static final String FIBONACCI = """
            (func $fibonacci (export "fibonacci") (param i32) (result i32)
              (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
                (then (local.get 0))
                (else (i32.add
                  (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
                  (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))))
            """;

    private static Module text(String text) {
        return Engine.create().load(WebAssemblyText.parse(text));
    }

    @Test
    void aRecursionWithoutLoopsIsEndedAlsoIfAnotherGuestHasCalledIt() {
        Instance callee = text("(module (memory (export \"m\") 1)" + FIBONACCI + ")")
                .link(Imports.none())
                .instantiate(RunLimits.none().withWall(SOON));
        Instance caller =
                text("""
                        (module (import "e" "fibonacci" (func $f (param i32) (result i32)))
                          (func (export "direct") (result i32) (call $f (i32.const 60)))
                          (table funcref (elem $f))
                          (type $t (func (param i32) (result i32)))
                          (func (export "indirect") (result i32)
                            (call_indirect (type $t) (i32.const 60) (i32.const 0))))
                        """).instantiate(Imports.builder().instance("e", callee).build());
        for (String name : List.of("direct", "indirect")) {
            assertTimeoutPreemptively(
                    PATIENCE,
                    () -> assertEquals(
                            Trap.Kind.DEADLINE_EXCEEDED,
                            assertThrows(Trap.class, () -> TestModules.call(caller, name))
                                    .kind()));
        }
    }

    @Test
    void aFunctionThatLooksAtTheClockIsOnTheStackOnce() {
        Instance instance = text("(module " + FIBONACCI + """
                (func (export "f") (local $n i32)
                  (loop $again
                    (drop (call $fibonacci (i32.const 12)))
                    (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 30_000))))
                  (unreachable)))
                """).instantiate(Imports.none());
        Trap trap = assertThrows(Trap.class, () -> TestModules.call(instance, "f"));
        assertEquals(1, trap.frames().size(), trap.frames()::toString);
        Instance ended = text("(module " + FIBONACCI + ")")
                .link(Imports.none())
                .instantiate(RunLimits.none().withWall(SOON));
        Trap deadline = assertThrows(Trap.class, () -> TestModules.call(ended, "fibonacci", 60));
        assertTrue(deadline.frames().size() <= 60, deadline.frames()::toString);
        deadline.frames().forEach(frame -> assertEquals("fibonacci", frame.name()));
    }
}
