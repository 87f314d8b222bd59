package io.selvage.wasm;

/** The type of something that a module imports or exports (core spec §2.3.11). */
public sealed interface ExternType permits FunctionType, TableType, MemoryType, GlobalType, TagType {}
