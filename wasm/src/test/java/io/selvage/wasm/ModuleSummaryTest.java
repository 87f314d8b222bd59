package io.selvage.wasm;

import static io.selvage.wasm.ModuleBuilder.everything;
import static io.selvage.wasm.ModuleBuilder.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleSummaryTest {
    @Test
    void everySectionIsListedWithItsPlaceAndSize() {
        byte[] binary = everything();
        ModuleSummary summary = ModuleSummary.of(binary);
        assertEquals(
                List.of(
                        "custom",
                        "type",
                        "import",
                        "function",
                        "table",
                        "memory",
                        "global",
                        "export",
                        "start",
                        "element",
                        "data count",
                        "code",
                        "data",
                        "custom",
                        "custom"),
                summary.sections().stream().map(ModuleSummary.Section::kind).toList());
        assertEquals(
                List.of("before", "name", "after"),
                summary.sections().stream()
                        .map(ModuleSummary.Section::name)
                        .filter(name -> !name.isEmpty())
                        .toList());
        assertEquals(
                List.of(0, 4, 4, 4, 1, 1, 3, 4, 0, 8, 3, 4, 3, 0, 0),
                summary.sections().stream().map(ModuleSummary.Section::items).toList());
        ModuleSummary.Section last = summary.sections().getLast();
        assertEquals(binary.length, last.offset() + last.length());
        assertEquals(binary.length, summary.bytes());
    }

    @Test
    void whatGoesInAndOutIsListedWithItsType() {
        ModuleSummary summary = ModuleSummary.of(everything());
        assertEquals(Optional.of("sample"), summary.name());
        assertEquals(4, summary.imports().size());
        assertEquals(
                new ExportDescriptor("run", FunctionType.of(ValueType.I32).returning(ValueType.I32)),
                summary.exports().getFirst());
        assertEquals(
                new ExportDescriptor("global", new GlobalType(ValueType.I64, true)),
                summary.exports().getLast());
        assertEquals(4, summary.functions());
        assertEquals(3, summary.globals());
        assertEquals(1, summary.memories().size());
        assertEquals(2, summary.tables().size());
        assertEquals(Optional.of(1), summary.start());
        assertEquals(Optional.empty(), summary.problem());
    }

    @Test
    void featuresAreThoseThatAreUsed() {
        assertEquals(
                EnumSet.of(
                        Feature.MUTABLE_GLOBALS,
                        Feature.SATURATING_CONVERSIONS,
                        Feature.MULTI_VALUE,
                        Feature.BULK_MEMORY,
                        Feature.REFERENCE_TYPES,
                        Feature.EXTENDED_CONSTANTS),
                ModuleSummary.of(everything()).features());
        assertEquals(Set.of(), ModuleSummary.of(module("05 03 01 00 01")).features());
        assertEquals("bulk-memory", Feature.BULK_MEMORY.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "MUTABLE_GLOBALS, 02 06 01 00 00 03 7f 01",
        "MULTI_VALUE, 01 06 01 60 00 02 7f 7f",
        "REFERENCE_TYPES, 04 07 02 70 00 00 70 00 00",
        "BULK_MEMORY, 0c 01 00",
        "EXTENDED_CONSTANTS, 06 09 01 7f 00 41 01 41 02 6a 0b",
        "SIGN_EXTENSION, 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 41 00 c0 1a 0b",
        "TAIL_CALL, 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 12 00 0b"
    })
    void aFeatureIsSeenWhereverItShows(Feature feature, String bytes) {
        ModuleSummary summary = ModuleSummary.of(module(bytes));
        assertEquals(Optional.empty(), summary.problem());
        assertEquals(Set.of(feature), summary.features());
    }

    @Test
    void aModuleThatTheEngineDoesNotRunIsStillDescribed() {
        ModuleSummary summary = ModuleSummary.of(
                module("01 04 01 60 00 00 03 02 01 00 07 05 01 01 61 00 00 0a 07 01 05 00 fd 9a 01 0b"));
        assertEquals(4, summary.sections().size());
        assertEquals(1, summary.exports().size());
        assertEquals("illegal opcode 0xfd 0x9a (at byte 30)", summary.problem().orElseThrow());
    }

    @Test
    void whatIsNoRowOfSectionsCannotBeDescribed() {
        MalformedException e = assertThrows(MalformedException.class, () -> ModuleSummary.of(new byte[] {1, 2, 3, 4}));
        assertTrue(String.valueOf(e.getMessage()).startsWith("magic header not detected"), e.getMessage());
        assertThrows(MalformedException.class, () -> ModuleSummary.of(module("01 05 00")));
    }
}
