package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/**
 * Addresses, indices and lengths of 64 bits, which JVM code makes 32 bits of: no memory and no table has 2^31 elements,
 * so that all that does not fit becomes -1, or traps at once.
 */
final class Addresses {
    private static final String OPS = Ops.class.getName().replace('.', '/');

    private Addresses() {}

    static boolean isWide(MemoryType memory) {
        return memory.address() == ValueType.I64;
    }

    static boolean isWide(TableType table) {
        return table.address() == ValueType.I64;
    }

    /** Makes 32 bits of the number on top of the JVM's stack. */
    static void narrow(CodeAssembler code) {
        code.invokeStatic(OPS, "narrow", "(J)I");
    }

    /** The same for an address or length in a memory: traps, and says where, if no memory reaches as far. */
    static void narrowInMemory(CodeAssembler code) {
        code.invokeStatic(OPS, "address", "(J)I");
    }
}
