package io.selvage.wasm.text;

/** What follows the name of an instruction before its operands (core spec §6.5). */
enum Immediates {
    NONE,
    /** {@code block loop if try try_table} and the words that belong to them: they are no plain instructions. */
    STRUCTURED,
    LABEL,
    LABELS,
    FUNCTION,
    TYPE,
    LOCAL,
    GLOBAL,
    TAG,
    DATA,
    ELEMENT,
    /** A table; the first one if none is named. */
    TABLE,
    TABLE_COPY,
    TABLE_INIT,
    /** A memory; the first one if none is named. */
    MEMORY,
    MEMORY_COPY,
    MEMORY_INIT,
    /** Memory, offset and alignment. */
    MEMORY_ARGUMENT,
    MEMORY_ARGUMENT_LANE,
    LANE,
    SHUFFLE,
    /** A table and the type of a function. */
    CALL_INDIRECT,
    SELECT,
    I32,
    I64,
    F32,
    F64,
    V128,
    HEAP_TYPE,
    /** A reference type; the opcode of the nullable one is the next. */
    REFERENCE_TYPE,
    /** A label and two reference types. */
    CAST_LABEL,
    FIELD,
    TYPE_COUNT,
    TYPE_DATA,
    TYPE_ELEMENT,
    TYPE_TYPE,
    /** A zero byte that the text does not show. */
    ZERO
}
