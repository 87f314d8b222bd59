package io.selvage.wasm;

/**
 * The type of a table (core spec §2.3.14).
 *
 * @param address the type of its indices, {@code i32} or {@code i64}
 * @param element what it holds, a reference type
 * @param limits its size range in elements
 */
public record TableType(ValueType address, ValueType element, Limits limits) implements ExternType {
    /** One with indices of 32 bits. */
    public TableType(ValueType element, Limits limits) {
        this(ValueType.I32, element, limits);
    }
}
