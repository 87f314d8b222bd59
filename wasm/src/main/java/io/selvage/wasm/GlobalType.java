package io.selvage.wasm;

/**
 * The type of a global variable (core spec §2.3.10).
 *
 * @param type the type of its value
 * @param mutable whether it can be set after its initialisation
 */
public record GlobalType(ValueType type, boolean mutable) implements ExternType {}
