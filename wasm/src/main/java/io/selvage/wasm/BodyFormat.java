package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Body;
import java.util.BitSet;

/**
 * Tells whether a body is in the binary format (core spec §5.4) whatever it means. A body that breaks a rule of
 * validation and also the format counts as malformed; the validator, which looks for both at once, asks here when it
 * has found the former.
 */
final class BodyFormat {
    private final BinaryReader in;

    /** The blocks around the next instruction that are an {@code if} before its {@code else}. */
    private final BitSet ifs = new BitSet();

    /** The blocks around it that are a {@code try} before its {@code catch_all}. */
    private final BitSet tries = new BitSet();

    private int depth = 1;

    private BodyFormat(BinaryReader in) {
        this.in = in;
    }

    /**
     * Reads a body up to its end.
     *
     * @throws MalformedException if the body is not in the format
     * @throws UnsupportedException if it has an instruction that the engine does not run
     */
    static void check(byte[] binary, Body body) {
        int end = checkExpression(binary, body.start());
        if (end != body.end()) {
            throw new MalformedException(
                    "section size mismatch: a function ends at byte " + end + ", its length says " + body.end(), end);
        }
    }

    /**
     * Reads an expression up to its end.
     *
     * @param start where it begins
     * @return where it ends
     * @throws MalformedException if it is not in the format
     * @throws UnsupportedException if it has an instruction that the engine does not run
     */
    static int checkExpression(byte[] binary, int start) {
        BinaryReader in = new BinaryReader(binary);
        in.position(start);
        BodyFormat format = new BodyFormat(in);
        while (format.depth > 0) {
            format.instruction();
        }
        return in.position();
    }

    private void instruction() {
        int at = in.position();
        int opcode = in.u8();
        switch (opcode) {
            case Opcode.BLOCK, Opcode.LOOP, Opcode.IF -> open(opcode, at);
            case Opcode.ELSE -> otherwise(at);
            case Opcode.TRY -> open(opcode, at);
            case Opcode.CATCH -> clause(at, in.u32());
            case Opcode.CATCH_ALL -> {
                clause(at, 0);
                tries.clear(depth - 1);
            }
            case Opcode.DELEGATE -> {
                clause(at, in.u32());
                depth--;
            }
            case Opcode.TRY_TABLE -> {
                open(opcode, at);
                tableClauses(in.length());
            }
            case Opcode.END -> depth--;
            case Opcode.BR_TABLE -> indices(in.length() + 1);
            case Opcode.CALL_INDIRECT, Opcode.RETURN_CALL_INDIRECT -> indices(2);
            case Opcode.SELECT_TYPED -> types(in.length());
            case Opcode.MEMORY_SIZE, Opcode.MEMORY_GROW -> indices(1);
            case Opcode.I32_CONST -> in.s32();
            case Opcode.I64_CONST -> in.s64();
            case Opcode.F32_CONST -> in.skip(4);
            case Opcode.F64_CONST -> in.skip(8);
            case Opcode.REF_NULL -> TypeReader.skipHeap(in);
            case Opcode.PREFIX_FC -> miscellaneous(at);
            case Opcode.PREFIX_FB -> aggregate(in.u32(), at);
            case Opcode.PREFIX_FD -> vector(at, in.u32());
            case Opcode.PREFIX_FE -> atomic(at, in.u32());
            default -> {
                if (opcode >= Opcode.I32_LOAD && opcode <= Opcode.I64_STORE32) {
                    memoryArgument(at);
                } else {
                    indices(indexCount(opcode, at));
                }
            }
        }
    }

    private void memoryArgument(int at) {
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 2 * Opcode.MEMORY_INDEX_FLAG) >= 0) {
            throw new MalformedException("malformed memop flags " + Integer.toUnsignedString(flags), at);
        }
        indices((flags & Opcode.MEMORY_INDEX_FLAG) == 0 ? 0 : 1);
        in.u64();
    }

    private static int indexCount(int opcode, int at) {
        if (opcode >= Opcode.LOCAL_GET && opcode <= Opcode.TABLE_SET) {
            return 1;
        }
        return switch (opcode) {
            case Opcode.CALL_REF,
                    Opcode.RETURN_CALL_REF,
                    Opcode.BR_ON_NULL,
                    Opcode.BR_ON_NON_NULL,
                    Opcode.THROW,
                    Opcode.RETHROW,
                    Opcode.BR,
                    Opcode.BR_IF,
                    Opcode.CALL,
                    Opcode.RETURN_CALL,
                    Opcode.REF_FUNC -> 1;
            default -> {
                if (Mnemonics.of(opcode).equals("-")) {
                    throw Proposals.opcode(opcode, at);
                }
                yield 0;
            }
        };
    }

    private void open(int opcode, int at) {
        blockType(at);
        ifs.set(depth, opcode == Opcode.IF);
        tries.set(depth, opcode == Opcode.TRY);
        depth++;
    }

    private void blockType(int at) {
        int code = in.peek();
        if (code == 0x40) {
            in.u8();
        } else if ((code & 0xc0) == 0x40) {
            TypeReader.skipValue(in);
        } else if (in.s33() < 0) {
            throw new MalformedException("malformed value type: of a block", at);
        }
    }

    private void otherwise(int at) {
        if (!ifs.get(depth - 1)) {
            throw new MalformedException("END opcode expected: an else without its if", at);
        }
        ifs.clear(depth - 1);
    }

    /** A part of a {@code try}; {@code index} is what it names. */
    private void clause(int at, int index) {
        if (!tries.get(depth - 1)) {
            throw new MalformedException("END opcode expected: a clause without its try, of index " + index, at);
        }
    }

    private void tableClauses(int count) {
        for (int i = 0; i < count; i++) {
            int offset = in.position();
            int kind = in.u8();
            if (kind > Opcode.CLAUSE_CATCH_ALL_REF) {
                throw new MalformedException("malformed catch clause " + kind, offset);
            }
            indices(kind == Opcode.CLAUSE_CATCH || kind == Opcode.CLAUSE_CATCH_REF ? 2 : 1);
        }
    }

    private void aggregate(int opcode, int at) {
        switch (opcode) {
            case Opcode.STRUCT_NEW,
                    Opcode.STRUCT_NEW_DEFAULT,
                    Opcode.ARRAY_NEW,
                    Opcode.ARRAY_NEW_DEFAULT,
                    Opcode.ARRAY_GET,
                    Opcode.ARRAY_GET_S,
                    Opcode.ARRAY_GET_U,
                    Opcode.ARRAY_SET,
                    Opcode.ARRAY_FILL -> indices(1);
            case Opcode.STRUCT_GET,
                    Opcode.STRUCT_GET_S,
                    Opcode.STRUCT_GET_U,
                    Opcode.STRUCT_SET,
                    Opcode.ARRAY_NEW_FIXED,
                    Opcode.ARRAY_NEW_DATA,
                    Opcode.ARRAY_NEW_ELEM,
                    Opcode.ARRAY_COPY,
                    Opcode.ARRAY_INIT_DATA,
                    Opcode.ARRAY_INIT_ELEM -> indices(2);
            case Opcode.ARRAY_LEN,
                    Opcode.ANY_CONVERT_EXTERN,
                    Opcode.EXTERN_CONVERT_ANY,
                    Opcode.REF_I31,
                    Opcode.I31_GET_S,
                    Opcode.I31_GET_U -> {}
            case Opcode.REF_TEST, Opcode.REF_TEST_NULL, Opcode.REF_CAST, Opcode.REF_CAST_NULL ->
                TypeReader.skipHeap(in);
            case Opcode.BR_ON_CAST, Opcode.BR_ON_CAST_FAIL -> {
                if (in.u8() > 3) {
                    throw new MalformedException("malformed cast flags", at);
                }
                indices(1);
                TypeReader.skipHeap(in);
                TypeReader.skipHeap(in);
            }
            default -> throw new MalformedException("illegal opcode 0xfb " + Integer.toUnsignedString(opcode), at);
        }
    }

    private void miscellaneous(int at) {
        int opcode = in.u32();
        switch (opcode) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> {}
            case Opcode.MEMORY_INIT, Opcode.MEMORY_COPY, Opcode.TABLE_INIT, Opcode.TABLE_COPY -> indices(2);
            case Opcode.MEMORY_FILL -> indices(1);
            case Opcode.DATA_DROP, Opcode.ELEM_DROP, Opcode.TABLE_GROW, Opcode.TABLE_SIZE, Opcode.TABLE_FILL ->
                indices(1);
            default -> throw new MalformedException("illegal opcode 0xfc " + Integer.toUnsignedString(opcode), at);
        }
    }

    private void atomic(int at, int opcode) {
        if (!AtomicOpcode.isKnown(opcode)) {
            throw Proposals.atomic(opcode, at);
        }
        if (opcode == AtomicOpcode.FENCE) {
            in.zero();
        } else {
            memoryArgument(at);
        }
    }

    private void vector(int at, int opcode) {
        if (!VectorOpcode.isKnown(opcode)) {
            throw Proposals.vector(opcode, at);
        }
        if (VectorOpcode.isAccess(opcode)) {
            memoryArgument(at);
        } else if (opcode == VectorOpcode.V128_CONST || opcode == VectorOpcode.I8X16_SHUFFLE) {
            in.skip(16);
        }
        if (VectorOpcode.lanes(opcode) > 0) {
            in.u8();
        }
    }

    private void indices(int count) {
        for (int i = 0; i < count; i++) {
            in.u32();
        }
    }

    private void types(int count) {
        for (int i = 0; i < count; i++) {
            TypeReader.skipValue(in);
        }
    }
}
