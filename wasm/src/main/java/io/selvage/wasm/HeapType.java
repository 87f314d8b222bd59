package io.selvage.wasm;

/** What a reference refers to (core spec §2.3.3). */
sealed interface HeapType permits AbstractHeapType, DefinedType {
    /** The abstract type that is the highest above this one: {@code any}, {@code func}, {@code extern} or {@code exn}. */
    AbstractHeapType top();

    /** Whether every object of this type is one of {@code other} too (§3.3.3). */
    boolean isSubtypeOf(HeapType other);
}
