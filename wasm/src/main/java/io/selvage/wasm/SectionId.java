package io.selvage.wasm;

import java.util.Locale;

/** The sections of a module in the order in which they must come (core spec §5.5.2); custom ones may stand anywhere. */
enum SectionId {
    CUSTOM,
    TYPE,
    IMPORT,
    FUNCTION,
    TABLE,
    MEMORY,
    TAG,
    GLOBAL,
    EXPORT,
    START,
    ELEMENT,
    DATA_COUNT,
    CODE,
    DATA;

    /** The section that the binary format marks with {@code code}, found at {@code offset}. */
    static SectionId of(int code, int offset) {
        return switch (code) {
            case 0 -> CUSTOM;
            case 1 -> TYPE;
            case 2 -> IMPORT;
            case 3 -> FUNCTION;
            case 4 -> TABLE;
            case 5 -> MEMORY;
            case 6 -> GLOBAL;
            case 7 -> EXPORT;
            case 8 -> START;
            case 9 -> ELEMENT;
            case 10 -> CODE;
            case 11 -> DATA;
            case 12 -> DATA_COUNT;
            case 13 -> TAG;
            default -> throw new MalformedException("malformed section id " + code, offset);
        };
    }

    /** The name as the specification writes it, for example {@code data count}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
