package io.selvage.wasm;

import java.util.Locale;

/** The heap types that need no definition (core spec §2.3.3), with their codes in the binary format (§5.3.3). */
enum AbstractHeapType implements HeapType {
    FUNC(0x70),
    NOFUNC(0x73),
    EXTERN(0x6f),
    NOEXTERN(0x72),
    ANY(0x6e),
    EQ(0x6d),
    I31(0x6c),
    STRUCT(0x6b),
    ARRAY(0x6a),
    NONE(0x71),
    EXN(0x69),
    NOEXN(0x74);

    private static final AbstractHeapType[] BY_CODE = new AbstractHeapType[0x80];

    static {
        for (AbstractHeapType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;

    AbstractHeapType(int code) {
        this.code = code;
    }

    /** The byte that stands for it in the binary format. */
    int code() {
        return code;
    }

    /** Whether {@code code} stands for one of them. */
    static boolean isCode(int code) {
        return code >= 0 && code < BY_CODE.length && BY_CODE[code] != null;
    }

    /** The type that {@code code}, which is one of theirs, stands for. */
    static AbstractHeapType of(int code) {
        return BY_CODE[code];
    }

    @Override
    public AbstractHeapType top() {
        return switch (this) {
            case FUNC, NOFUNC -> FUNC;
            case EXTERN, NOEXTERN -> EXTERN;
            case EXN, NOEXN -> EXN;
            default -> ANY;
        };
    }

    /** Whether nothing but null is of this type. */
    boolean isBottom() {
        return this == NONE || this == NOFUNC || this == NOEXTERN || this == NOEXN;
    }

    @Override
    public boolean isSubtypeOf(HeapType other) {
        if (this == other) {
            return true;
        }
        if (isBottom()) {
            return top() == other.top();
        }
        return switch (this) {
            case EQ -> other == ANY;
            case I31, STRUCT, ARRAY -> other == EQ || other == ANY;
            default -> false;
        };
    }

    /** The name in the text format, for example {@code noextern}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
