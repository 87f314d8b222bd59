package io.selvage.wasm;

/** Something that an instance exports and another can import (core spec §4.2.11). */
public sealed interface Extern permits Function, Table, Memory, Global, Tag {
    /** What it is now; a memory's or table's minimum is its present size. */
    ExternType type();
}
