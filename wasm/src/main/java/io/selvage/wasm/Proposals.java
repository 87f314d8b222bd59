package io.selvage.wasm;

/** What is wrong with a code that means nothing, or nothing that the engine knows. */
final class Proposals {
    private Proposals() {}

    /** For an opcode without prefix. */
    static WasmException opcode(int opcode, int offset) {
        return new MalformedException("illegal opcode " + hex(opcode), offset);
    }

    /** For a number after the prefix of atomic instructions that is none. */
    static WasmException atomic(int opcode, int offset) {
        return new MalformedException("illegal opcode 0xfe " + hex(opcode), offset);
    }

    /** For a number after the prefix of vector instructions that is none. */
    static WasmException vector(int opcode, int offset) {
        return new MalformedException("illegal opcode 0xfd " + hex(opcode), offset);
    }

    /** For a byte that stands where a type should; {@code malformed} are the words if it means nothing. */
    static WasmException type(int code, String malformed, int offset) {
        return new MalformedException(malformed + " " + hex(code), offset);
    }

    /** For a byte that stands where the form of a type should. */
    static WasmException typeForm(int code, int offset) {
        return new MalformedException(
                code >= 0x80
                        ? "integer representation too long: the form of a type is one byte"
                        : "malformed definition type: a function, struct or array type expected, found " + hex(code),
                offset);
    }

    private static String hex(int code) {
        return String.format("0x%02x", code);
    }
}
