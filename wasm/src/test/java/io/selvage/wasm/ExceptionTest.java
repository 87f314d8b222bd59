package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Exceptions between guests and the host, and between guests; the official suite has those within one guest. */
class ExceptionTest {
    private static final Tag NUMBER = new Tag(FunctionType.of(ValueType.I32));
    private static final Tag PAIR = new Tag(FunctionType.of(ValueType.I64, ValueType.EXTERNREF));

    private static Module module(String text) {
        return Engine.create().load(WebAssemblyText.parse(text));
    }

    private static Imports imports(HostFunction function) {
        return Imports.builder()
                .define("host", "number", NUMBER)
                .define("host", "pair", PAIR)
                .function("host", "call", function)
                .build();
    }

    /** A host function without parameters that throws. */
    private static HostFunction throwing(RuntimeException thrown) {
        return HostFunction.of(FunctionType.of(), (_, _) -> {
            throw thrown;
        });
    }

    private static final String CATCHES = """
            (module
              (import "host" "number" (tag $number (param i32)))
              (import "host" "pair" (tag $pair (param i64 externref)))
              (import "host" "call" (func $call))
              (func (export "present") (result i32)
                (block $h (result i32)
                  (try_table (catch $number $h) (call $call))
                  (i32.const -1)))
              (func (export "older") (result i32)
                (try (result i32)
                  (do (call $call) (i32.const -1))
                  (catch $number)))
              (func (export "both") (result i64 externref)
                (block $h (result i64 externref)
                  (try_table (catch $pair $h) (call $call))
                  (i64.const -1) (ref.null extern)))
              (func (export "all") (result exnref)
                (block $h (result exnref)
                  (try_table (catch_all_ref $h) (call $call))
                  (ref.null exn)))
              (func (export "again") (param exnref) (throw_ref (local.get 0))))
            """;

    /** The JVM's verifier compares an instruction with each handler that it may go to, which once took it half a minute. */
    @Test
    void triesMayBeNestedDeeply() {
        int depth = 2_000;
        String counts = "local.get 0 i32.const 1 i32.add local.set 0 ";
        String body = "try ".repeat(depth) + "throw $e " + ("catch_all " + counts + "rethrow 0 end ").repeat(depth - 1)
                + "catch_all " + counts + "end ";
        String tables = "block try_table (catch_all 0) ".repeat(depth) + "throw $e "
                + ("end end " + counts + "throw $e ").repeat(depth - 1) + "end end " + counts;
        Instance guest = module("(module (tag $e) (func (export \"try\") (result i32) (local i32) " + body
                        + "local.get 0) (func (export \"table\") (result i32) (local i32) " + tables + "local.get 0))")
                .instantiate(Imports.none());
        assertArrayEquals(new Object[] {depth}, call(guest, "try"));
        assertArrayEquals(new Object[] {depth}, call(guest, "table"));
    }

    @Test
    void aGuestCatchesWhatTheHostThrows() {
        Instance guest = module(CATCHES).instantiate(imports(throwing(new GuestException(NUMBER, 42))));
        assertArrayEquals(new Object[] {42}, call(guest, "present"));
        assertArrayEquals(new Object[] {42}, call(guest, "older"));
    }

    @Test
    void severalValuesOfAnExceptionArrive() {
        Instance guest = module(CATCHES).instantiate(imports(throwing(new GuestException(PAIR, 1L << 40, "payload"))));
        assertArrayEquals(new Object[] {1L << 40, "payload"}, call(guest, "both"));
    }

    @Test
    void theHostHoldsAnExceptionThatAGuestThrowsAgain() {
        GuestException thrown = new GuestException(PAIR, 7L, null);
        Instance guest = module(CATCHES).instantiate(imports(throwing(thrown)));
        @Nullable Object held = call(guest, "all")[0];
        assertSame(thrown, held);
        assertSame(thrown, assertThrows(GuestException.class, () -> call(guest, "again", held)));
    }

    @Test
    void throwingNullIsATrap() {
        Instance guest = module(CATCHES).instantiate(imports(throwing(new GuestException(NUMBER, 1))));
        Trap trap = assertThrows(Trap.class, () -> call(guest, "again", (Object) null));
        assertEquals(Trap.Kind.NULL_REFERENCE, trap.kind());
    }

    @Test
    void theHostCatchesWhatAGuestThrows() {
        Instance guest = module("""
                (module
                  (import "host" "number" (tag $number (param i32)))
                  (import "host" "call" (func $call))
                  (func (export "run") (throw $number (i32.const 5))))
                """).instantiate(imports(throwing(new IllegalStateException())));
        GuestException thrown = assertThrows(GuestException.class, () -> call(guest, "run"));
        assertSame(NUMBER, thrown.tag());
        assertArrayEquals(new Object[] {5}, thrown.values());
        assertTrue(thrown.getMessage().startsWith("uncaught exception"), thrown.getMessage());
    }

    @Test
    void aGuestsExceptionSaysWhereItWasThrown() {
        Instance guest = module("""
                (module
                  (tag $tag (param i32))
                  (func $throws (throw $tag (i32.const 1)))
                  (func $between (call $throws) (nop))
                  (func (export "caught") (block $h (try_table (catch_all $h) (call $between))))
                  (func (export "again") (block $h (result exnref)
                      (try_table (catch_all_ref $h) (call $between)) (unreachable)) (throw_ref))
                  (func (export "run") (call $between)))
                """).instantiate(Imports.none());
        assertEquals(List.of("throws", "between", "run"), names(guest, "run"));
        assertEquals(List.of("throws", "between", "again"), names(guest, "again"));
        for (int i = 2; i < GuestException.TRACED; i++) {
            call(guest, "caught");
        }
        assertEquals(List.of(), names(guest, "run"));
    }

    private static List<String> names(Instance guest, String export) {
        GuestException thrown = assertThrows(GuestException.class, () -> call(guest, export));
        return thrown.frames().stream().map(Trap.Frame::name).toList();
    }

    @Test
    void anExceptionHasToFitItsTag() {
        assertThrows(IllegalArgumentException.class, () -> new GuestException(NUMBER));
        assertThrows(IllegalArgumentException.class, () -> new GuestException(NUMBER, 1L));
        assertThrows(
                IllegalArgumentException.class, () -> new Tag(FunctionType.of().returning(ValueType.I32)));
    }

    @Test
    void anExceptionCrossesInstancesAndTheHostBetweenThem() {
        Instance inner = module("""
                (module
                  (tag (export "tag") (param i32))
                  (func (export "run") (throw 0 (i32.const 9))))
                """).instantiate(Imports.none());
        Function run = inner.function("run").orElseThrow();
        Instance outer = module("""
                (module
                  (import "inner" "tag" (tag $tag (param i32)))
                  (import "inner" "run" (func $direct))
                  (import "host" "run" (func $through))
                  (func (export "direct") (result i32)
                    (block $h (result i32) (try_table (catch $tag $h) (call $direct)) (i32.const 0)))
                  (func (export "through") (result i32)
                    (block $h (result i32) (try_table (catch $tag $h) (call $through)) (i32.const 0))))
                """)
                .instantiate(Imports.builder()
                        .instance("inner", inner)
                        .function("host", "run", HostFunction.of(FunctionType.of(), (_, _) -> run.call()))
                        .build());
        assertArrayEquals(new Object[] {9}, call(outer, "direct"));
        assertArrayEquals(new Object[] {9}, call(outer, "through"));
    }

    @Test
    void tagsOfOneTypeAreDifferent() {
        Tag other = new Tag(FunctionType.of(ValueType.I32));
        Instance guest = module(CATCHES).instantiate(imports(throwing(new GuestException(other, 1))));
        assertSame(
                other,
                assertThrows(GuestException.class, () -> call(guest, "present")).tag());
    }

    private static final String CATCHES_ALL = """
            (module
              (import "host" "call" (func $call))
              (memory 1)
              (func $deep (call $deep) (nop))
              (func $spin (loop $l (br $l)))
              (func (export "host") (block $h (try_table (catch_all $h) (call $call))))
              (func (export "trap") (block $h (try_table (catch_all $h) (drop (i32.load (i32.const -1))))))
              (func (export "older") (try (do (unreachable)) (catch_all)))
              (func (export "deep") (block $h (try_table (catch_all $h) (call $deep))))
              (func (export "spin") (block $h (try_table (catch_all $h) (call $spin)))))
            """;

    @Test
    void aGuestCatchesNeitherTrapsNorFailuresOfTheHost() {
        IllegalStateException failure = new IllegalStateException("of the host");
        Instance guest = module(CATCHES_ALL).instantiate(imports(throwing(failure)));
        assertSame(failure, assertThrows(IllegalStateException.class, () -> call(guest, "host")));
        assertEquals(Trap.Kind.MEMORY_OUT_OF_BOUNDS, trap(guest, "trap"));
        assertEquals(Trap.Kind.UNREACHABLE, trap(guest, "older"));
        assertEquals(Trap.Kind.CALL_STACK_EXHAUSTED, trap(guest, "deep"));
    }

    private static Trap.Kind trap(Instance guest, String function) {
        return assertThrows(Trap.class, () -> call(guest, function)).kind();
    }

    @Test
    void aGuestDoesNotCatchItsDeadline() {
        RunLimits limits = RunLimits.none().withWall(Duration.ofMillis(50));
        Instance guest = module(CATCHES_ALL)
                .link(imports(throwing(new IllegalStateException())))
                .instantiate(limits);
        assertEquals(Trap.Kind.DEADLINE_EXCEEDED, trap(guest, "spin"));
    }

    @Test
    void aHandlerSeesTheMemoryThatACalleeHasGrown() {
        Instance guest = module("""
                (module
                  (tag $t)
                  (memory 1)
                  (func $grow
                    (drop (memory.grow (i32.const 1)))
                    (i32.store (i32.const 100000) (i32.const 77))
                    (throw $t))
                  (func (export "run") (result i32)
                    (drop (i32.load (i32.const 0)))
                    (block $h (try_table (catch $t $h) (call $grow)))
                    (i32.load (i32.const 100000))))
                """).instantiate(Imports.none());
        assertArrayEquals(new Object[] {77}, call(guest, "run"));
    }

    @Test
    void exceptionsFindTheirHandlersInFunctionsThatAreCut() {
        // Where every function is cut everywhere, a small one has pieces enough.
        int times = Integer.getInteger("io.selvage.wasm.chunkBytes", 0) > 0 ? 20 : 3_000;
        String work = "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 7)))\n".repeat(times);
        Instance guest = module("""
                (module
                  (tag $t (param i32))
                  (func $fail (param i32) (throw $t (local.get 0)))
                  (func (export "present") (param i32) (result i32)
                    (block $h (result i32)
                      (try_table (catch $t $h) WORK (call $fail (local.get 0)) WORK)
                      (i32.const -1))
                    WORK)
                  (func (export "older") (param i32) (result i32)
                    (try (result i32)
                      (do
                        (try (do WORK (call $fail (local.get 0)) WORK) (delegate 0))
                        (i32.const -1))
                      (catch $t WORK))
                    WORK))
                """.replace("WORK", work)).instantiate(Imports.none());
        int expected = 1;
        for (int i = 0; i < times; i++) {
            expected = expected * 31 + 7;
        }
        assertArrayEquals(new Object[] {expected}, call(guest, "present", 1));
        assertArrayEquals(new Object[] {expected}, call(guest, "older", 1));
    }

    @Test
    void aTailCallLeavesTheBlockThatWouldCatch() {
        Instance guest = module("""
                (module
                  (tag $t)
                  (func $fail (throw $t))
                  (func $tail (block $h (try_table (catch $t $h) (return_call $fail))))
                  (func (export "run") (result i32)
                    (block $h (try_table (catch $t $h) (call $tail)) (return (i32.const 0)))
                    (i32.const 1)))
                """).instantiate(Imports.none());
        assertArrayEquals(new Object[] {1}, call(guest, "run"));
    }

    @Test
    void aHotLoopThatThrowsStaysRight() {
        Instance guest = module("""
                (module
                  (tag $t (param i32))
                  (func $odd (param i32)
                    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $t (local.get 0)))))
                  (func (export "run") (param $n i32) (result i64) (local $sum i64) (local $value i32)
                    (loop $l
                      (block $h (result i32)
                        (try_table (catch $t $h) (call $odd (local.get $n)))
                        (i32.const 0))
                      (local.set $value)
                      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $value))))
                      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                    (local.get $sum)))
                """).instantiate(Imports.none());
        for (int i = 0; i < 20; i++) {
            assertArrayEquals(new Object[] {10_000L * 10_000L}, call(guest, "run", 20_000));
        }
    }
}
