package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Moves so long that they are cut into pieces: the specification's order of bytes is kept where both places overlap. */
class BulkTest {
    private static final int LENGTH = 20 << 20;

    private final Instance instance =
            Engine.create().load(WebAssemblyText.parse("""
            (module
              (memory (export "memory") 320)
              (func (export "copy") (param i32 i32 i32)
                (memory.copy (local.get 0) (local.get 1) (local.get 2)))
              (func (export "fill") (param i32 i32 i32)
                (memory.fill (local.get 0) (local.get 1) (local.get 2))))
            """)).instantiate(Imports.none());
    private final Memory memory = instance.memory("memory").orElseThrow();
    private final byte[] expected = new byte[LENGTH];

    BulkTest() {
        new Random(1).nextBytes(expected);
        memory.write(0, expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 20971519",
        "1, 0, 20971519",
        "4194304, 0, 16777216",
        "0, 4194304, 16777216",
        "10000000, 3, 10971520",
        "7, 7, 12582912",
        "5, 9, 4194304",
        "9, 5, 4194305",
        "0, 20971520, 0"
    })
    void aLongCopyIsAsOneMove(int target, int source, int length) {
        System.arraycopy(expected, source, expected, target, length);
        TestModules.function(instance, "copy").call(target, source, length);
        assertArrayEquals(expected, memory.read(0, LENGTH));
    }

    @ParameterizedTest
    @CsvSource({"0, 20971520", "3, 4194304", "3, 4194305", "4194304, 8388608", "5, 0"})
    void aLongFillIsAsOne(int target, int length) {
        Arrays.fill(expected, target, target + length, (byte) 7);
        TestModules.function(instance, "fill").call(target, 7, length);
        assertArrayEquals(expected, memory.read(0, LENGTH));
    }
}
