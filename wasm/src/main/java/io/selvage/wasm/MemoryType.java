package io.selvage.wasm;

/**
 * The type of a linear memory (core spec §2.3.8).
 *
 * @param limits its size range in pages of 64 KiB, 0 to 65,536
 */
public record MemoryType(Limits limits) implements ExternType {}
