package io.selvage.wasm;

import org.jspecify.annotations.Nullable;

/**
 * A type of WebAssembly value (core spec §2.3.1–2.3.5). There is one object for each type, so {@code ==} compares; a
 * {@code switch} goes over {@link #kind}.
 */
public final class ValueType {
    /** What a value is made of. */
    public enum Kind {
        /** {@code int} in Java. */
        I32,
        /** {@code long} in Java. */
        I64,
        /** {@code float} in Java. */
        F32,
        /** {@code double} in Java. */
        F64,
        /** {@link io.selvage.wasm.V128} in Java. */
        V128,
        /** An object of Java, or null. */
        REFERENCE
    }

    /** A 32-bit integer; {@code int} in Java. */
    public static final ValueType I32 = new ValueType(Kind.I32, 0x7f, "i32");
    /** A 64-bit integer; {@code long} in Java. */
    public static final ValueType I64 = new ValueType(Kind.I64, 0x7e, "i64");
    /** An IEEE 754 binary32 number; {@code float} in Java. */
    public static final ValueType F32 = new ValueType(Kind.F32, 0x7d, "f32");
    /** An IEEE 754 binary64 number; {@code double} in Java. */
    public static final ValueType F64 = new ValueType(Kind.F64, 0x7c, "f64");
    /** A 128-bit vector; {@link io.selvage.wasm.V128} in Java. */
    public static final ValueType V128 = new ValueType(Kind.V128, 0x7b, "v128");

    private static final ValueType[] NULLABLE = new ValueType[AbstractHeapType.values().length];
    private static final ValueType[] NON_NULL = new ValueType[NULLABLE.length];

    static {
        for (AbstractHeapType heap : AbstractHeapType.values()) {
            NULLABLE[heap.ordinal()] = new ValueType(heap, true);
            NON_NULL[heap.ordinal()] = new ValueType(heap, false);
        }
    }

    /** A reference to a function, or null; {@link Function} in Java. */
    public static final ValueType FUNCREF = reference(AbstractHeapType.FUNC, true);
    /** A reference to any object of the host, or null; {@link Object} in Java. */
    public static final ValueType EXTERNREF = reference(AbstractHeapType.EXTERN, true);
    /** A reference to an exception, or null; {@link GuestException} in Java. */
    public static final ValueType EXNREF = reference(AbstractHeapType.EXN, true);
    /** A reference to any object of a guest, or null. */
    public static final ValueType ANYREF = reference(AbstractHeapType.ANY, true);
    /** A reference to a struct, an array or an {@code i31}, or null. */
    public static final ValueType EQREF = reference(AbstractHeapType.EQ, true);
    /** A reference that is a 31-bit integer, or null. */
    public static final ValueType I31REF = reference(AbstractHeapType.I31, true);
    /** A reference to a struct, or null. */
    public static final ValueType STRUCTREF = reference(AbstractHeapType.STRUCT, true);
    /** A reference to an array, or null. */
    public static final ValueType ARRAYREF = reference(AbstractHeapType.ARRAY, true);
    /** The type of just null below {@link #ANYREF}. */
    public static final ValueType NULLREF = reference(AbstractHeapType.NONE, true);
    /** The type of just null below {@link #FUNCREF}. */
    public static final ValueType NULLFUNCREF = reference(AbstractHeapType.NOFUNC, true);
    /** The type of just null below {@link #EXTERNREF}. */
    public static final ValueType NULLEXTERNREF = reference(AbstractHeapType.NOEXTERN, true);
    /** The type of just null below {@link #EXNREF}. */
    public static final ValueType NULLEXNREF = reference(AbstractHeapType.NOEXN, true);

    private final Kind kind;
    private final @Nullable HeapType heap;
    private final boolean nullable;
    private final int code;
    private final String text;

    private ValueType(Kind kind, int code, String text) {
        this.kind = kind;
        this.code = code;
        this.text = text;
        heap = null;
        nullable = false;
    }

    /** For {@link DefinedType}, which keeps the only two for itself. */
    ValueType(HeapType heap, boolean nullable) {
        kind = Kind.REFERENCE;
        this.heap = heap;
        this.nullable = nullable;
        code = !nullable ? 0x64 : heap instanceof AbstractHeapType known ? known.code() : 0x63;
        text = text(heap, nullable);
    }

    private static String text(HeapType heap, boolean nullable) {
        if (!nullable) {
            return "(ref " + heap + ")";
        }
        return switch (heap) {
            case DefinedType type -> "(ref null " + type + ")";
            case AbstractHeapType type ->
                switch (type) {
                    case NONE -> "nullref";
                    case NOFUNC, NOEXTERN, NOEXN -> "null" + type.top() + "ref";
                    default -> type + "ref";
                };
        };
    }

    /** The type of references to {@code heap}, with or without null. */
    static ValueType reference(HeapType heap, boolean nullable) {
        return switch (heap) {
            case AbstractHeapType type -> (nullable ? NULLABLE : NON_NULL)[type.ordinal()];
            case DefinedType type -> type.reference(nullable);
        };
    }

    /** What its values are made of. */
    public Kind kind() {
        return kind;
    }

    /** The byte that stands for this type in the binary format, or the first of several. */
    public int code() {
        return code;
    }

    /** Whether this is one of the reference types. */
    public boolean isReference() {
        return kind == Kind.REFERENCE;
    }

    /** Whether null is a value of this type. */
    public boolean isNullable() {
        return nullable;
    }

    /** Whether variables of this type have a value to begin with: all but references that cannot be null (§3.2.12). */
    boolean isDefaultable() {
        return nullable || heap == null;
    }

    /** Whether this is one of {@code i32 i64 f32 f64}. */
    public boolean isNumeric() {
        return kind.compareTo(Kind.F64) <= 0;
    }

    /** What a reference of this type refers to. */
    HeapType heap() {
        if (heap == null) {
            throw new IllegalStateException(text + " is not a reference type");
        }
        return heap;
    }

    /** Whether every value of this type is one of {@code other} too (core spec §3.3.4). */
    public boolean isSubtypeOf(ValueType other) {
        return this == other
                || (heap != null
                        && other.heap != null
                        && (other.nullable || !nullable)
                        && heap.isSubtypeOf(other.heap));
    }

    /** The name in the text format, for example {@code i32} or {@code (ref eq)}. */
    @Override
    public String toString() {
        return text;
    }
}
