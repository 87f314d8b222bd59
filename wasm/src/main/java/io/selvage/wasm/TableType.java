package io.selvage.wasm;

/**
 * The type of a table (core spec §2.3.9).
 *
 * @param element what it holds, a reference type
 * @param limits its size range in elements
 */
public record TableType(ValueType element, Limits limits) implements ExternType {}
