package io.selvage.wasm;

/**
 * Tells what is wrong with a code that the engine does not know: it belongs to a feature that is not supported, which
 * the message names, or it means nothing at all.
 */
final class Proposals {

    private Proposals() {}

    /** For an opcode without prefix. */
    static WasmException opcode(int opcode, int offset) {
        String feature = switch (opcode) {
            case 0xfe -> "threads";
            default -> "";
        };
        return feature.isEmpty()
                ? new MalformedException("illegal opcode " + hex(opcode), offset)
                : unsupported(feature, "the opcode " + hex(opcode), offset);
    }

    /** For a vector instruction, by its number after the prefix. */
    static WasmException vector(int opcode, int offset) {
        String name = Mnemonics.of(Opcode.PREFIX_FD, opcode);
        return name.equals("-")
                ? new MalformedException("illegal opcode 0xfd " + hex(opcode), offset)
                : unsupported(opcode >= 0x100 ? "relaxed SIMD" : "SIMD", name, offset);
    }

    /** For a byte that stands where a type should; {@code malformed} are the words if it means nothing. */
    static WasmException type(int code, String malformed, int offset) {
        String feature = switch (code) {
            case 0x7b -> "SIMD";
            default -> "";
        };
        return feature.isEmpty()
                ? new MalformedException(malformed + " " + hex(code), offset)
                : unsupported(feature, code == 0x7b ? "the type v128" : "the type " + hex(code), offset);
    }

    /** For a byte that stands where the form of a type should. */
    static WasmException typeForm(int code, int offset) {
        return new MalformedException(
                code >= 0x80
                        ? "integer representation too long: the form of a type is one byte"
                        : "malformed definition type: a function, struct or array type expected, found " + hex(code),
                offset);
    }

    static UnsupportedException unsupported(String feature, String use, int offset) {
        return new UnsupportedException(feature + " is not supported: " + use, offset);
    }

    private static String hex(int code) {
        return String.format("0x%02x", code);
    }
}
