package io.selvage.wasm;

/**
 * The type of a linear memory (core spec §2.3.13).
 *
 * @param address the type of its addresses, {@code i32} or {@code i64}
 * @param limits its size range in pages of 64 KiB, 0 to 65,536; with addresses of 64 bits to 2<sup>48</sup>
 * @param shared whether threads can have it together; then it has a maximum
 */
public record MemoryType(ValueType address, Limits limits, boolean shared) implements ExternType {
    /** One that is not shared. */
    public MemoryType(ValueType address, Limits limits) {
        this(address, limits, false);
    }

    /** One with addresses of 32 bits. */
    public MemoryType(Limits limits) {
        this(ValueType.I32, limits);
    }
}
