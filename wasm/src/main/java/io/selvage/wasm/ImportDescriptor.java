package io.selvage.wasm;

/**
 * Something that a module needs from outside (core spec §2.5.11).
 *
 * @param module the first part of its name
 * @param name the second part of its name
 * @param type what it must be
 */
public record ImportDescriptor(String module, String name, ExternType type) {}
