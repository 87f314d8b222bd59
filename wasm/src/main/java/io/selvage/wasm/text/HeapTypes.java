package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of types that are single words (core spec §6.4.1–6.4.3). */
final class HeapTypes {
    static final long FUNC = 0x70 - 0x80;

    /** Added to the index of a type, it stands for that type without its subtypes (custom descriptors proposal). */
    static final long EXACT = 1L << 32;

    private static final int EXACT_PREFIX = 0x62;

    private static final Map<String, Long> ABSTRACT = new HashMap<>();
    private static final Map<String, StorageType> VALUES = new HashMap<>();

    static {
        heap("any", "anyref", 0x6e);
        heap("eq", "eqref", 0x6d);
        heap("i31", "i31ref", 0x6c);
        heap("struct", "structref", 0x6b);
        heap("array", "arrayref", 0x6a);
        heap("exn", "exnref", 0x69);
        heap("noexn", "nullexnref", 0x74);
        heap("nofunc", "nullfuncref", 0x73);
        heap("noextern", "nullexternref", 0x72);
        heap("none", "nullref", 0x71);
        heap("func", "funcref", 0x70);
        heap("extern", "externref", 0x6f);
        VALUES.put("i32", StorageType.I32);
        VALUES.put("i64", StorageType.I64);
        VALUES.put("f32", new StorageType(0x7d, 0));
        VALUES.put("f64", new StorageType(0x7c, 0));
        VALUES.put("v128", new StorageType(0x7b, 0));
    }

    private HeapTypes() {}

    private static void heap(String name, String nullable, int code) {
        long heap = code - 0x80;
        ABSTRACT.put(name, heap);
        VALUES.put(nullable, new StorageType(StorageType.NULLABLE, heap));
    }

    /** Writes a heap type as {@link StorageType#heap} gives it. */
    static void write(long heap, BinaryWriter out) {
        if (heap >= EXACT) {
            out.u8(EXACT_PREFIX).u32((int) heap);
        } else {
            out.s64(heap);
        }
    }

    /** The abstract heap type of this name, or {@code null}. */
    static @Nullable Long heap(String name) {
        return ABSTRACT.get(name);
    }

    /** The value type of this name, or {@code null}. */
    static @Nullable StorageType value(String name) {
        return VALUES.get(name);
    }
}
