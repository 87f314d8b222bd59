package io.selvage.wasm;

import static io.selvage.wasm.TestModules.call;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Structs, arrays and typed references where guests meet the host and each other. */
class ObjectTest {
    private static Module module(String text) {
        return Engine.create().load(WebAssemblyText.parse(text));
    }

    private static Instance instance(String text) {
        return module(text).instantiate(Imports.none());
    }

    private static final String POINTS = """
            (module
              (type $point (sub (struct (field $x (mut i32)) (field $y i64))))
              (type $named (sub $point (struct (field (mut i32)) (field i64) (field externref))))
              (type $other (struct (field (mut i32)) (field i64)))
              (func (export "make") (param i32 i64) (result (ref $point))
                (struct.new $point (local.get 0) (local.get 1)))
              (func (export "makeNamed") (param i32 i64 externref) (result (ref $named))
                (struct.new $named (local.get 0) (local.get 1) (local.get 2)))
              (func (export "makeOther") (result (ref $other)) (struct.new_default $other))
              (func (export "x") (param (ref null $point)) (result i32) (struct.get $point $x (local.get 0)))
              (func (export "setX") (param (ref $point) i32)
                (struct.set $point $x (local.get 0) (local.get 1)))
              (func (export "name") (param anyref) (result externref)
                (struct.get $named 2 (ref.cast (ref $named) (local.get 0)))))
            """;

    @Test
    void theHostPassesObjectsOn() {
        Instance guest = instance(POINTS);
        @Nullable Object point = call(guest, "make", 3, 4L)[0];
        assertNotNull(point);
        call(guest, "setX", point, 5);
        assertArrayEquals(new Object[] {5}, call(guest, "x", point));
        @Nullable Object named = call(guest, "makeNamed", 6, 7L, "name")[0];
        assertArrayEquals(new Object[] {6}, call(guest, "x", named));
        assertArrayEquals(new Object[] {"name"}, call(guest, "name", named));
    }

    @Test
    void theHostCannotPassWhatIsOfAnotherType() {
        Instance guest = instance(POINTS);
        @Nullable Object other = call(guest, "makeOther")[0];
        assertThrows(IllegalArgumentException.class, () -> call(guest, "x", other));
        assertThrows(IllegalArgumentException.class, () -> call(guest, "x", "text"));
        assertThrows(IllegalArgumentException.class, () -> call(guest, "setX", null, 1));
    }

    @Test
    void wrongCastsAndNullsAreTraps() {
        Instance guest = instance(POINTS);
        assertEquals(Trap.Kind.CAST_FAILURE, trap(guest, "name", call(guest, "make", 1, 1L)[0]));
        assertEquals(Trap.Kind.CAST_FAILURE, trap(guest, "name", "of the host"));
        assertEquals(Trap.Kind.NULL_REFERENCE, trap(guest, "x", (Object) null));
    }

    private static Trap.Kind trap(Instance guest, String function, @Nullable Object... arguments) {
        return assertThrows(Trap.class, () -> call(guest, function, arguments)).kind();
    }

    @Test
    void modulesShareTheTypesThatTheyWriteAlike() {
        Instance first = instance(POINTS);
        Instance second = instance("""
                (module
                  (type $unrelated (array i8))
                  (type $point (sub (struct (field $x (mut i32)) (field $y i64))))
                  (func (export "y") (param (ref $point)) (result i64) (struct.get $point $y (local.get 0))))
                """);
        assertArrayEquals(new Object[] {9L}, call(second, "y", call(first, "make", 8, 9L)[0]));
        assertArrayEquals(new Object[] {11L}, call(second, "y", call(first, "makeNamed", 10, 11L, null)[0]));
        @Nullable Object other = call(first, "makeOther")[0];
        assertThrows(IllegalArgumentException.class, () -> call(second, "y", other));
    }

    @Test
    void anArrayTooLargeIsATrapAndNotTheEndOfTheNode() {
        Module arrays = module("""
                (module
                  (type $longs (array (mut i64)))
                  (func (export "make") (param i32) (result i32)
                    (array.len (array.new_default $longs (local.get 0)))))
                """);
        Instance guest =
                arrays.link(Imports.none()).instantiate(RunLimits.none().withMemory(1 << 20));
        assertArrayEquals(new Object[] {131_072}, call(guest, "make", 131_072));
        for (int length : new int[] {131_073, Integer.MAX_VALUE, -1}) {
            assertEquals(Trap.Kind.OUT_OF_MEMORY, trap(guest, "make", length));
        }
    }

    @Test
    void aStructMayHaveMoreFieldsThanAMethodHasParameters() {
        String fields = "(field i64)".repeat(500);
        String values =
                IntStream.range(0, 500).mapToObj(i -> "(i64.const " + i + ")").collect(Collectors.joining());
        Instance guest = instance("""
                (module
                  (type $wide (struct FIELDS))
                  (func (export "run") (result i64) (local (ref null $wide))
                    (local.set 0 (struct.new $wide VALUES))
                    (i64.add (struct.get $wide 499 (local.get 0)) (struct.get $wide 1 (local.get 0)))))
                """.replace("FIELDS", fields).replace("VALUES", values));
        assertArrayEquals(new Object[] {500L}, call(guest, "run"));
    }

    @Test
    void packedFieldsKeepTheirBitsAlone() {
        Instance guest = instance("""
                (module
                  (type $s (struct (field (mut i8)) (field (mut i16))))
                  (func (export "run") (param i32) (result i32 i32 i32 i32) (local (ref $s))
                    (local.set 1 (struct.new $s (local.get 0) (local.get 0)))
                    (struct.get_s $s 0 (local.get 1)) (struct.get_u $s 0 (local.get 1))
                    (struct.get_s $s 1 (local.get 1)) (struct.get_u $s 1 (local.get 1))))
                """);
        assertArrayEquals(new Object[] {-1, 0xff, -2_561, 0xf5ff}, call(guest, "run", 0x1234_f5ff));
    }

    @Test
    void functionsOfASubtypeAnswerCallsOfTheirSupertype() {
        Instance guest = instance("""
                (module
                  (type $general (sub (func (result anyref))))
                  (type $special (sub $general (func (result i31ref))))
                  (table 2 funcref)
                  (elem (i32.const 0) func $seven $plain)
                  (func $seven (type $special) (ref.i31 (i32.const 7)))
                  (func $plain (result anyref) (ref.null any))
                  (func (export "indirect") (param i32) (result i32)
                    (i31.get_s (ref.cast i31ref (call_indirect (type $general) (local.get 0)))))
                  (func (export "reference") (result i32)
                    (i31.get_s (ref.cast i31ref (call_ref $general (ref.func $seven)))))
                  (func (export "null") (result i32)
                    (i31.get_s (ref.cast i31ref (call_ref $general (ref.null $general))))))
                """);
        assertArrayEquals(new Object[] {7}, call(guest, "indirect", 0));
        assertArrayEquals(new Object[] {7}, call(guest, "reference"));
        assertEquals(Trap.Kind.INDIRECT_CALL_TYPE_MISMATCH, trap(guest, "indirect", 1));
        assertEquals(Trap.Kind.NULL_REFERENCE, trap(guest, "null"));
    }

    @Test
    void hostFunctionsServeTypesOfRecursiveGroups() {
        Module needs = module("""
                (module
                  (rec
                    (type $callback (func (param i32) (result i32)))
                    (type $node (struct (field (ref null $node)) (field (ref $callback)))))
                  (import "host" "twice" (func $twice (type $callback)))
                  (elem declare func $twice)
                  (func (export "run") (param i32) (result i32)
                    (call_ref $callback (local.get 0)
                      (struct.get $node 1 (struct.new $node (ref.null $node) (ref.func $twice))))))
                """);
        FunctionType type = FunctionType.of(ValueType.I32).returning(ValueType.I32);
        Instance guest = needs.instantiate(Imports.builder()
                .function("host", "twice", HostFunction.of(type, (_, arguments) ->
                        new Object[] {2 * (Integer) arguments[0]}))
                .build());
        assertArrayEquals(new Object[] {42}, call(guest, "run", 21));
    }

    @Test
    void whatTheHostGaveComesBackTheSame() {
        Instance guest = instance("""
                (module
                  (func (export "any") (param externref) (result anyref) (any.convert_extern (local.get 0)))
                  (func (export "extern") (param anyref) (result externref) (extern.convert_any (local.get 0)))
                  (func (export "isI31") (param externref) (result i32)
                    (ref.test i31ref (any.convert_extern (local.get 0))))
                  (func (export "i31") (param i32) (result externref)
                    (extern.convert_any (ref.i31 (local.get 0))))
                  (func (export "same") (param externref externref) (result i32)
                    (ref.eq (ref.cast eqref (any.convert_extern (local.get 0)))
                            (ref.cast eqref (any.convert_extern (local.get 1))))))
                """);
        Object given = new Object();
        @Nullable Object any = call(guest, "any", given)[0];
        assertSame(given, call(guest, "extern", any)[0]);
        assertArrayEquals(new Object[] {0}, call(guest, "isI31", 5));
        @Nullable Object number = call(guest, "i31", 1 << 29)[0];
        assertArrayEquals(new Object[] {1}, call(guest, "isI31", number));
        assertArrayEquals(new Object[] {1}, call(guest, "same", number, call(guest, "i31", 1 << 29)[0]));
    }

    @Test
    void globalsAndTablesHoldObjectsFromTheStart() {
        Instance guest =
                instance("""
                (module
                  (type $pair (struct (field i32) (field (ref $bytes))))
                  (type $bytes (array i8))
                  (global $a (ref $pair)
                    (struct.new $pair (i32.const 5) (array.new_fixed $bytes 2 (i32.const 6) (i32.const 300))))
                  (table $t 3 (ref null $pair) (struct.new $pair (i32.const 9) (array.new $bytes (i32.const 1) (i32.const 4))))
                  (func (export "run") (result i32 i32 i32 i32)
                    (struct.get $pair 0 (global.get $a))
                    (array.get_u $bytes (struct.get $pair 1 (global.get $a)) (i32.const 1))
                    (struct.get $pair 0 (table.get $t (i32.const 2)))
                    (array.len (struct.get $pair 1 (table.get $t (i32.const 0))))))
                """.replace("(type $pair", "(rec (type $pair").replace("(array i8))", "(array i8)))"));
        assertArrayEquals(new Object[] {5, 44, 9, 4}, call(guest, "run"));
    }

    @Test
    void aChainOfSupertypesHasAnEnd() {
        StringBuilder text = new StringBuilder("(module (type $0 (sub (struct)))");
        for (int i = 1; i <= 100; i++) {
            text.append("(type $" + i + " (sub $" + (i - 1) + " (struct)))");
        }
        UnsupportedException refused = assertThrows(
                UnsupportedException.class, () -> module(text.append(")").toString()));
        assertTrue(refused.getMessage().contains("the limit is 63"), refused.getMessage());
    }

    @Test
    void aModuleSaysThatItUsesObjects() {
        ModuleSummary summary = ModuleSummary.of(WebAssemblyText.parse(POINTS));
        assertTrue(summary.features().contains(Feature.GARBAGE_COLLECTION), summary.toString());
        assertTrue(summary.problem().isEmpty(), summary.toString());
    }
}
