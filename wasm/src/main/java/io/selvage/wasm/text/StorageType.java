package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;

/**
 * The type of a value or of a field (core spec §2.3.9).
 *
 * @param code its first byte in the binary format; of references always {@link #NULLABLE} or {@link #NON_NULL}
 * @param heap what a reference refers to: the index of a type, to which {@link HeapTypes#EXACT} may be added, or an
 *     abstract heap type as a negative number (§5.3.3)
 */
record StorageType(int code, long heap) {
    static final StorageType I32 = new StorageType(0x7f, 0);
    static final StorageType I64 = new StorageType(0x7e, 0);
    static final int NULLABLE = 0x63;
    static final int NON_NULL = 0x64;
    static final StorageType FUNCREF = new StorageType(NULLABLE, HeapTypes.FUNC);

    boolean isReference() {
        return code == NULLABLE || code == NON_NULL;
    }

    boolean isNullable() {
        return code == NULLABLE;
    }

    void write(BinaryWriter out) {
        if (isReference() && !(isNullable() && heap < 0)) {
            HeapTypes.write(heap, out.u8(code));
        } else if (isReference()) {
            HeapTypes.write(heap, out);
        } else {
            out.u8(code);
        }
    }
}
