package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Instances share what one exports and another imports; what does not fit is refused with its name. */
class LinkingTest {
    private Instance exporter = TestModules.instance("exporter");
    private Instance importer = TestModules.module("importer")
            .instantiate(Imports.builder().instance("e", exporter).build());

    @BeforeEach
    void link() {
        exporter = TestModules.instance("exporter");
        importer = TestModules.module("importer")
                .instantiate(Imports.builder().instance("e", exporter).build());
    }

    private static @Nullable Object one(Instance instance, String name, Object... arguments) {
        return TestModules.call(instance, name, arguments)[0];
    }

    @Test
    void functionsOfAnotherInstanceAreCalled() {
        assertEquals(14, one(importer, "call", 7));
        assertEquals(16, one(importer, "tail-call", 8));
        assertArrayEquals(new Object[] {4.5, 3}, TestModules.call(importer, "swap"));
        assertEquals(18, one(importer, "double-again", 9));
    }

    @Test
    void aTrapGoesThroughBothInstances() {
        Trap trap = assertThrows(Trap.class, () -> one(importer, "trap", 0));
        assertEquals(Trap.Kind.INTEGER_DIVIDE_BY_ZERO, trap.kind());
        assertEquals(1, one(importer, "trap", 1));
    }

    @Test
    void theMemoryIsOne() {
        assertEquals(42, one(exporter, "peek", 7));
        TestModules.call(importer, "poke", 8, 200);
        assertEquals(200, one(exporter, "peek", 8));
        exporter.memory("memory").orElseThrow().writeByte(9, 3);
        assertEquals(3, one(exporter, "peek", 9));
        assertEquals(1, one(importer, "grow"));
        assertEquals(2, one(exporter, "pages"));
        TestModules.call(importer, "poke", 70_000, 5);
        assertEquals(5, one(exporter, "peek", 70_000));
        assertEquals(-1, one(importer, "grow"));
    }

    @Test
    void theTableIsOne() {
        assertEquals(20, one(importer, "through-table", 0, 10));
        assertEquals(30, one(exporter, "through-table", 1, 10));
        Table table = exporter.table("table").orElseThrow();
        table.set(3, TestModules.function(importer, "call"));
        assertEquals(22, one(exporter, "through-table", 3, 11));
        table.set(3, null);
        Trap trap = assertThrows(Trap.class, () -> one(importer, "through-table", 3, 11));
        assertEquals(Trap.Kind.UNINITIALIZED_ELEMENT, trap.kind());
    }

    @Test
    void mutableGlobalsAreOne() {
        TestModules.call(importer, "bump");
        assertEquals(101L, one(exporter, "count"));
        exporter.global("counter").orElseThrow().set(5L);
        TestModules.call(importer, "bump");
        assertEquals(6L, one(exporter, "count"));
        assertEquals(12, importer.global("derived").orElseThrow().get());
    }

    @Test
    void endlessRecursionInAnotherInstanceLeavesBothUsable() {
        for (int i = 0; i < 3; i++) {
            Trap trap = assertThrows(Trap.class, () -> one(exporter, "forever"));
            assertEquals(Trap.Kind.CALL_STACK_EXHAUSTED, trap.kind());
            assertEquals(14, one(importer, "call", 7));
        }
    }

    @Test
    void aMissingImportIsNamed() {
        LinkException e = assertThrows(
                LinkException.class, () -> TestModules.module("importer").link(Imports.none()));
        assertTrue(String.valueOf(e.getMessage()).contains("memory"), e.getMessage());
    }

    @Test
    void anImportOfAnotherTypeIsRefused() {
        refused("double", global(ValueType.I32, false, 1));
        refused("constant", global(ValueType.I64, false, 1L));
        refused("constant", global(ValueType.I32, true, 1));
        refused("counter", global(ValueType.I64, false, 1L));
        refused("memory", new Memory(new MemoryType(Limits.atLeast(0))));
        refused("table", new Table(new TableType(ValueType.FUNCREF, Limits.atLeast(3)), null));
        refused("table", new Table(new TableType(ValueType.EXTERNREF, Limits.atLeast(4)), null));
        refused("swap", TestModules.function(exporter, "double"));
        refused("memory", new Table(new TableType(ValueType.FUNCREF, Limits.atLeast(4)), null));
    }

    private static Global global(ValueType type, boolean mutable, Object value) {
        return new Global(new GlobalType(type, mutable), value);
    }

    private void refused(String name, Extern wrong) {
        Imports imports = Imports.builder()
                .instance("e", exporter)
                .define("e", name, wrong)
                .build();
        LinkException e = assertThrows(
                LinkException.class, () -> TestModules.module("importer").instantiate(imports));
        assertTrue(String.valueOf(e.getMessage()).contains(name), e.getMessage());
    }

    @Test
    void aMissingFunctionCanBeStubbed() {
        Imports imports = Imports.builder()
                .define("e", "memory", exporter.memory("memory").orElseThrow())
                .define("e", "table", exporter.table("table").orElseThrow())
                .define("e", "constant", exporter.global("constant").orElseThrow())
                .define("e", "counter", exporter.global("counter").orElseThrow())
                .stubMissing()
                .build();
        Instance instance = TestModules.module("importer").instantiate(imports);
        Trap trap = assertThrows(Trap.class, () -> one(instance, "call", 1));
        assertEquals(Trap.Kind.MISSING_IMPORT, trap.kind());
        TestModules.call(instance, "bump");
    }

    @Test
    void segmentsBeforeTheOneOutOfBoundsStay() {
        Imports imports = Imports.builder().instance("e", exporter).build();
        Trap trap =
                assertThrows(Trap.class, () -> TestModules.module("segments").instantiate(imports));
        assertEquals(Trap.Kind.MEMORY_OUT_OF_BOUNDS, trap.kind());
        assertEquals(7, one(exporter, "peek", 20));
        assertEquals(0, one(exporter, "peek", 65_535));
        assertEquals(99, one(exporter, "through-table", 3, 0));
    }

    @Test
    void anElementSegmentOutOfBoundsTraps() {
        Trap trap = assertThrows(Trap.class, () -> TestModules.instance("elements"));
        assertEquals(Trap.Kind.TABLE_OUT_OF_BOUNDS, trap.kind());
    }

    @Test
    void aStartFunctionThatTrapsMakesNoInstance() {
        Trap trap = assertThrows(Trap.class, () -> TestModules.instance("start-trap"));
        assertEquals(Trap.Kind.UNREACHABLE, trap.kind());
    }

    @Test
    void theStackOfATrapNamesTheFunctions() {
        Trap trap = assertThrows(Trap.class, () -> TestModules.call(TestModules.instance("names"), "run"));
        assertEquals(
                "[innermost, middle, outermost]",
                trap.frames().stream().map(Trap.Frame::name).toList().toString());
    }

    @Test
    void growthStopsAtTheLimitOfTheRun() {
        Instance instance = TestModules.module("bulk")
                .link(Imports.none())
                .instantiate(RunLimits.none().withMemory(2L * Memory.PAGE_SIZE));
        assertEquals(1, one(instance, "grow", 1));
        assertEquals(-1, one(instance, "grow", 1));
        assertTrue(instance.memory().growthRefused());
    }

    @Test
    void aMemoryPastTheLimitOfTheRunIsRefusedAtTheStart() {
        LinkedModule linked = TestModules.module("bulk").link(Imports.none());
        Trap trap = assertThrows(
                Trap.class, () -> linked.instantiate(RunLimits.none().withMemory(Memory.PAGE_SIZE - 1)));
        assertEquals(Trap.Kind.OUT_OF_MEMORY, trap.kind());
    }

    @Test
    void tableGrowthStopsAtTheLimitOfTheRun() {
        Instance instance = TestModules.module("tables")
                .link(Imports.none())
                .instantiate(RunLimits.none().withTableElements(6));
        assertEquals(5, one(instance, "grow", 1));
        assertEquals(-1, one(instance, "grow", 1));
    }
}
