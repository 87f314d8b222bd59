package io.selvage.wasm;

/**
 * Something that a module gives to the outside (core spec §2.5.10).
 *
 * @param name its name, unique within the module
 * @param type what it is
 */
public record ExportDescriptor(String name, ExternType type) {}
