package io.selvage.wasm;

/**
 * The type of a tag, which marks exceptions of one kind (core spec §2.3.16).
 *
 * @param type its parameters are what an exception carries; it has no results
 */
public record TagType(FunctionType type) implements ExternType {}
