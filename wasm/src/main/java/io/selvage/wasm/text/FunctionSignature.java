package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.util.List;

/** What a function takes and answers (core spec §2.3.8). */
record FunctionSignature(List<StorageType> parameters, List<StorageType> results) {
    boolean isEmpty() {
        return parameters.isEmpty() && results.isEmpty();
    }

    void write(BinaryWriter out) {
        out.u8(0x60);
        write(out, parameters);
        write(out, results);
    }

    private static void write(BinaryWriter out, List<StorageType> types) {
        out.u32(types.size());
        types.forEach(type -> type.write(out));
    }
}
