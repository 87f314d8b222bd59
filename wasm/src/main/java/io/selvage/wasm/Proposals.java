package io.selvage.wasm;

/**
 * Tells what is wrong with a code that the engine does not know: it belongs to a feature that is not supported, which
 * the message names, or it means nothing at all.
 */
final class Proposals {
    private static final String FUNCTION_REFERENCES = "typed function references";
    private static final String GARBAGE_COLLECTION = "garbage collection";

    private Proposals() {}

    /** For an opcode without prefix. */
    static WasmException opcode(int opcode, int offset) {
        String feature = switch (opcode) {
            case 0x14, 0x15, 0xd4, 0xd5, 0xd6 -> FUNCTION_REFERENCES;
            case 0xd3, 0xfb -> GARBAGE_COLLECTION;
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
            case 0x63, 0x64 -> FUNCTION_REFERENCES;
            case 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71, 0x72, 0x73, 0x77, 0x78 -> GARBAGE_COLLECTION;
            default -> "";
        };
        return feature.isEmpty()
                ? new MalformedException(malformed + " " + hex(code), offset)
                : unsupported(feature, code == 0x7b ? "the type v128" : "the type " + hex(code), offset);
    }

    /** For a byte that stands where a function type should. */
    static WasmException typeForm(int code, int offset) {
        return switch (code) {
            case 0x4e, 0x4f, 0x50, 0x5e, 0x5f -> unsupported(GARBAGE_COLLECTION, "the type form " + hex(code), offset);
            default ->
                new MalformedException(
                        code >= 0x80
                                ? "integer representation too long: the form of a type is one byte"
                                : "malformed function type: 0x60 expected, found " + hex(code),
                        offset);
        };
    }

    static UnsupportedException unsupported(String feature, String use, int offset) {
        return new UnsupportedException(feature + " is not supported: " + use, offset);
    }

    private static String hex(int code) {
        return String.format("0x%02x", code);
    }
}
