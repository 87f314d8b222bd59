package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.selvage.wasm.text.WebAssemblyText;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text reader and the engine's messages call every instruction the same. */
class InstructionNamesTest {
    @ParameterizedTest
    @ValueSource(ints = {0, Opcode.PREFIX_FC, Opcode.PREFIX_FD})
    void anOpcodesNameIsReadAsThatOpcode(int prefix) {
        for (int opcode = 0; opcode < 0x200; opcode++) {
            String name = prefix == 0 ? Mnemonics.of(opcode) : Mnemonics.of(prefix, opcode);
            boolean hasTwoOpcodes = prefix == 0 && opcode == Opcode.SELECT_TYPED;
            if (!name.equals("-") && !hasTwoOpcodes) {
                check(name, prefix, opcode);
            }
        }
    }

    private static void check(String name, int prefix, int opcode) {
        byte[] module;
        try {
            module = WebAssemblyText.parse("(func " + name + ")");
        } catch (TextException e) {
            assertFalse(
                    String.valueOf(e.getMessage()).startsWith("unknown operator"), () -> name + ": " + e.getMessage());
            return;
        }
        byte[] leb =
                opcode < 0x80 ? new byte[] {(byte) opcode} : new byte[] {(byte) (opcode | 0x80), (byte) (opcode >> 7)};
        byte[] expected = prefix == 0 ? new byte[] {(byte) opcode} : new byte[leb.length + 1];
        if (prefix != 0) {
            expected[0] = (byte) prefix;
            System.arraycopy(leb, 0, expected, 1, leb.length);
        }
        int start = 8 + 6 + 4 + 5;
        assertEquals(
                Arrays.toString(expected),
                Arrays.toString(Arrays.copyOfRange(module, start, start + expected.length)),
                name);
    }
}
