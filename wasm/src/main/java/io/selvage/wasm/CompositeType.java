package io.selvage.wasm;

/** What a type definition defines (core spec §2.3.8–2.3.10). */
sealed interface CompositeType permits FunctionType, StructType, ArrayType {
    /** The abstract type above all of its form: {@code func}, {@code struct} or {@code array}. */
    default AbstractHeapType form() {
        return switch (this) {
            case FunctionType _ -> AbstractHeapType.FUNC;
            case StructType _ -> AbstractHeapType.STRUCT;
            case ArrayType _ -> AbstractHeapType.ARRAY;
        };
    }

    /** Whether a definition of this type may name one of {@code other} as its supertype (§3.3.9–3.3.11). */
    default boolean matches(CompositeType other) {
        return switch (this) {
            case FunctionType type -> other instanceof FunctionType above && type.isSubtypeOf(above);
            case StructType type -> other instanceof StructType above && type.isSubtypeOf(above);
            case ArrayType type ->
                other instanceof ArrayType above && type.element().isSubtypeOf(above.element());
        };
    }
}
