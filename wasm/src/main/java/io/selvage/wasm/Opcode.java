package io.selvage.wasm;

/** The opcodes of the binary format (core spec §5.4) that need a name. */
final class Opcode {
    private Opcode() {}

    static final int UNREACHABLE = 0x00, NOP = 0x01, BLOCK = 0x02, LOOP = 0x03, IF = 0x04, ELSE = 0x05;
    static final int TRY = 0x06, CATCH = 0x07, THROW = 0x08, RETHROW = 0x09, THROW_REF = 0x0a;
    static final int END = 0x0b, BR = 0x0c, BR_IF = 0x0d, BR_TABLE = 0x0e, RETURN = 0x0f;
    static final int CALL = 0x10, CALL_INDIRECT = 0x11, RETURN_CALL = 0x12, RETURN_CALL_INDIRECT = 0x13;
    static final int CALL_REF = 0x14, RETURN_CALL_REF = 0x15;
    static final int DELEGATE = 0x18, CATCH_ALL = 0x19, TRY_TABLE = 0x1f;
    static final int DROP = 0x1a, SELECT = 0x1b, SELECT_TYPED = 0x1c;
    static final int LOCAL_GET = 0x20, LOCAL_SET = 0x21, LOCAL_TEE = 0x22, GLOBAL_GET = 0x23, GLOBAL_SET = 0x24;
    static final int TABLE_GET = 0x25, TABLE_SET = 0x26;
    static final int I32_LOAD = 0x28, I64_LOAD = 0x29, F32_LOAD = 0x2a, F64_LOAD = 0x2b;
    static final int I32_LOAD8_S = 0x2c, I64_LOAD32_U = 0x35, I32_STORE = 0x36, I64_STORE32 = 0x3e;
    static final int MEMORY_SIZE = 0x3f, MEMORY_GROW = 0x40;
    static final int I32_CONST = 0x41, I64_CONST = 0x42, F32_CONST = 0x43, F64_CONST = 0x44;
    static final int I32_EQZ = 0x45, F64_GE = 0x66, I32_CLZ = 0x67, F64_COPYSIGN = 0xa6, I32_WRAP_I64 = 0xa7;
    static final int I32_ADD = 0x6a, I32_SUB = 0x6b, I32_MUL = 0x6c, I64_ADD = 0x7c, I64_SUB = 0x7d, I64_MUL = 0x7e;
    static final int I32_EXTEND8_S = 0xc0, I64_EXTEND32_S = 0xc4;
    static final int REF_NULL = 0xd0, REF_IS_NULL = 0xd1, REF_FUNC = 0xd2, REF_EQ = 0xd3, REF_AS_NON_NULL = 0xd4;
    static final int BR_ON_NULL = 0xd5, BR_ON_NON_NULL = 0xd6;
    /** The kinds of clauses of a {@link #TRY_TABLE}: with a tag or for all, and with the exception itself or not. */
    static final int CLAUSE_CATCH = 0, CLAUSE_CATCH_REF = 1, CLAUSE_CATCH_ALL = 2, CLAUSE_CATCH_ALL_REF = 3;
    /** Prefix of the saturating conversions, bulk memory and table instructions. */
    static final int PREFIX_FC = 0xfc;
    /** Prefix of the instructions on structs, arrays and other objects of guests. */
    static final int PREFIX_FB = 0xfb;
    /** Second part after {@link #PREFIX_FB}. */
    static final int STRUCT_NEW = 0, STRUCT_NEW_DEFAULT = 1, STRUCT_GET = 2, STRUCT_GET_S = 3, STRUCT_GET_U = 4;

    static final int STRUCT_SET = 5, ARRAY_NEW = 6, ARRAY_NEW_DEFAULT = 7, ARRAY_NEW_FIXED = 8, ARRAY_NEW_DATA = 9;
    static final int ARRAY_NEW_ELEM = 10, ARRAY_GET = 11, ARRAY_GET_S = 12, ARRAY_GET_U = 13, ARRAY_SET = 14;
    static final int ARRAY_LEN = 15, ARRAY_FILL = 16, ARRAY_COPY = 17, ARRAY_INIT_DATA = 18, ARRAY_INIT_ELEM = 19;
    static final int REF_TEST = 20, REF_TEST_NULL = 21, REF_CAST = 22, REF_CAST_NULL = 23, BR_ON_CAST = 24;
    static final int BR_ON_CAST_FAIL = 25, ANY_CONVERT_EXTERN = 26, EXTERN_CONVERT_ANY = 27, REF_I31 = 28;
    static final int I31_GET_S = 29, I31_GET_U = 30;
    /** Prefix of the vector instructions. */
    static final int PREFIX_FD = 0xfd;
    /** Prefix of the atomic instructions. */
    static final int PREFIX_FE = 0xfe;
    /** Set in the flags of a memory access whose memory's index follows. */
    static final int MEMORY_INDEX_FLAG = 0x40;

    /** Second part after {@link #PREFIX_FC}. */
    static final int MEMORY_INIT = 8, DATA_DROP = 9, MEMORY_COPY = 10, MEMORY_FILL = 11;

    static final int TABLE_INIT = 12,
            ELEM_DROP = 13,
            TABLE_COPY = 14,
            TABLE_GROW = 15,
            TABLE_SIZE = 16,
            TABLE_FILL = 17;
}
