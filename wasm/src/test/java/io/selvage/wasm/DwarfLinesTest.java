package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules that {@code clang -g} has made of {@code src/test/modules/lines.c}; the comment there says how. */
class DwarfLinesTest {
    @ParameterizedTest
    @ValueSource(strings = {"lines-dwarf4", "lines-dwarf5"})
    void theFramesOfATrapShowTheLinesOfTheSource(String name) {
        Trap trap = trap(TestModules.module(name));
        assertEquals("""
                [parse (lines.c:9) [func 0 at 0x54], run (lines.c:13) [func 1 at 0x7e], \
                go (lines.c:17) [func 2 at 0x8c]]""", trap.frames().toString());
    }

    @Test
    void withoutLinesTheFramesShowTheFunctionAndTheOffset() {
        Trap trap = assertThrows(Trap.class, () -> TestModules.call(TestModules.instance("names"), "run"));
        assertTrue(
                trap.frames().getFirst().toString().matches("innermost \\[func \\d+ at 0x[0-9a-f]+\\]"),
                trap.frames().toString());
    }

    @Test
    void brokenTablesAreAsIfTheyWereNotThere() {
        byte[] good = TestModules.resource("lines-dwarf5.wasm");
        ModuleData.CustomSection section = TestModules.module("lines-dwarf5").data().customSections().stream()
                .filter(custom -> custom.name().equals(".debug_line"))
                .findFirst()
                .orElseThrow();
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            byte[] broken = good.clone();
            for (int change = 0; change <= i % 4; change++) {
                broken[section.start() + random.nextInt(section.end() - section.start())] = (byte) random.nextInt();
            }
            Module module = Engine.create().load(broken);
            for (int offset = 0x40; offset < 0xa0; offset += 7) {
                module.source(offset).ifPresent(line -> assertTrue(line.line() != 0));
            }
        }
    }

    private static Trap trap(Module module) {
        Instance instance = module.instantiate(Imports.none());
        return assertThrows(Trap.class, () -> TestModules.call(instance, "go", 100));
    }
}
