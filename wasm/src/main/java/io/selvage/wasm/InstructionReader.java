package io.selvage.wasm;

/** Reads the instructions of a function body that is known to be valid (core spec §5.4). */
final class InstructionReader {
    private final byte[] binary;
    private int position;

    InstructionReader(byte[] binary, int position) {
        this.binary = binary;
        this.position = position;
    }

    int position() {
        return position;
    }

    void position(int newPosition) {
        position = newPosition;
    }

    int u8() {
        return binary[position++] & 0xff;
    }

    /** The next byte, which stays unread. */
    int peek() {
        return binary[position] & 0xff;
    }

    /** An unsigned LEB128 number of 32 bits. */
    int u32() {
        int first = binary[position++];
        if (first >= 0) {
            return first;
        }
        int value = first & 0x7f;
        for (int shift = 7; ; shift += 7) {
            int next = binary[position++];
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    /** A signed LEB128 number of 32 bits. */
    int s32() {
        return (int) s64();
    }

    /** A signed LEB128 number of up to 64 bits. */
    long s64() {
        long value = 0;
        int shift = 0;
        int next;
        do {
            next = binary[position++];
            value |= (long) (next & 0x7f) << shift;
            shift += 7;
        } while (next < 0);
        return shift < 64 && (next & 0x40) != 0 ? value | (-1L << shift) : value;
    }

    /** An unsigned LEB128 number of 64 bits. */
    long u64() {
        long value = 0;
        int shift = 0;
        int next;
        do {
            next = binary[position++];
            value |= (long) (next & 0x7f) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }

    /** The first part of an access's immediates: the index of the memory; {@link #u64} reads the offset. */
    int accessedMemory() {
        return (u32() & Opcode.MEMORY_INDEX_FLAG) == 0 ? 0 : u32();
    }

    /** Four bytes, the bits of an f32. */
    int f32() {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= u8() << (8 * i);
        }
        return bits;
    }

    /** Eight bytes, the bits of an f64. */
    long f64() {
        return Integer.toUnsignedLong(f32()) | (long) f32() << 32;
    }

    /** A type of values. */
    ValueType value(ModuleTypes types) {
        int code = u8();
        return switch (code) {
            case 0x7f -> ValueType.I32;
            case 0x7e -> ValueType.I64;
            case 0x7d -> ValueType.F32;
            case 0x7c -> ValueType.F64;
            case 0x7b -> ValueType.V128;
            case 0x63, 0x64 -> ValueType.reference(heap(types), code == 0x63);
            default -> ValueType.reference(AbstractHeapType.of(code), true);
        };
    }

    /** A heap type. */
    HeapType heap(ModuleTypes types) {
        long number = s64();
        return number < 0 ? AbstractHeapType.of((int) number & 0x7f) : types.get((int) number);
    }

    /** Passes over what follows {@code opcode}, which has just been read. */
    void skipImmediates(int opcode) {
        switch (opcode) {
            case Opcode.BLOCK, Opcode.LOOP, Opcode.IF -> skipBlockType();
            case Opcode.TRY -> skipBlockType();
            case Opcode.TRY_TABLE -> {
                skipBlockType();
                skipClauses();
            }
            case Opcode.THROW, Opcode.RETHROW, Opcode.CATCH, Opcode.DELEGATE -> u32();
            case Opcode.BR, Opcode.BR_IF, Opcode.CALL, Opcode.RETURN_CALL, Opcode.LOCAL_GET, Opcode.LOCAL_SET -> u32();
            case Opcode.LOCAL_TEE, Opcode.GLOBAL_GET, Opcode.GLOBAL_SET, Opcode.TABLE_GET, Opcode.TABLE_SET -> u32();
            case Opcode.CALL_REF, Opcode.RETURN_CALL_REF, Opcode.BR_ON_NULL, Opcode.BR_ON_NON_NULL -> u32();
            case Opcode.PREFIX_FB -> skipAggregate(u32());
            case Opcode.REF_FUNC, Opcode.MEMORY_SIZE, Opcode.MEMORY_GROW -> u32();
            case Opcode.CALL_INDIRECT, Opcode.RETURN_CALL_INDIRECT -> skip(2);
            case Opcode.BR_TABLE -> skip(u32() + 1);
            case Opcode.SELECT_TYPED -> {
                int count = u32();
                for (int i = 0; i < count; i++) {
                    skipBlockType();
                }
            }
            case Opcode.I32_CONST, Opcode.I64_CONST, Opcode.REF_NULL -> s64();
            case Opcode.F32_CONST -> position += 4;
            case Opcode.F64_CONST -> position += 8;
            case Opcode.PREFIX_FC -> skipBulk(u32());
            case Opcode.PREFIX_FD -> skipVector(u32());
            case Opcode.PREFIX_FE -> skipAtomic(u32());
            default -> {
                if (opcode >= Opcode.I32_LOAD && opcode <= Opcode.I64_STORE32) {
                    accessedMemory();
                    u64();
                }
            }
        }
    }

    /** The type of a block (core spec §5.4.1). */
    FunctionType blockType(ModuleTypes types) {
        int start = position;
        long type = s64();
        if (type >= 0) {
            return types.function((int) type);
        }
        position = start;
        if (peek() == 0x40) {
            u8();
            return FunctionType.of();
        }
        return FunctionType.of().returning(value(types));
    }

    /** Passes over a block's type, or a type of values, which is written alike. */
    void skipBlockType() {
        int code = peek();
        s64();
        if (code == 0x63 || code == 0x64) {
            s64();
        }
    }

    private void skipAggregate(int second) {
        switch (second) {
            case Opcode.STRUCT_NEW,
                    Opcode.STRUCT_NEW_DEFAULT,
                    Opcode.ARRAY_NEW,
                    Opcode.ARRAY_NEW_DEFAULT,
                    Opcode.ARRAY_GET,
                    Opcode.ARRAY_GET_S,
                    Opcode.ARRAY_GET_U,
                    Opcode.ARRAY_SET,
                    Opcode.ARRAY_FILL -> u32();
            case Opcode.ARRAY_LEN,
                    Opcode.ANY_CONVERT_EXTERN,
                    Opcode.EXTERN_CONVERT_ANY,
                    Opcode.REF_I31,
                    Opcode.I31_GET_S,
                    Opcode.I31_GET_U -> {}
            case Opcode.REF_TEST, Opcode.REF_TEST_NULL, Opcode.REF_CAST, Opcode.REF_CAST_NULL -> s64();
            case Opcode.BR_ON_CAST, Opcode.BR_ON_CAST_FAIL -> {
                u8();
                u32();
                s64();
                s64();
            }
            default -> skip(2); // of a struct's field, or an array and a segment, another array or a count
        }
    }

    private void skipClauses() {
        int count = u32();
        for (int i = 0; i < count; i++) {
            skip(u8() <= Opcode.CLAUSE_CATCH_REF ? 2 : 1);
        }
    }

    /** Passes over the immediates of a vector instruction. */
    void skipVector(int second) {
        if (VectorOpcode.isAccess(second)) {
            accessedMemory();
            u64();
        } else if (second == VectorOpcode.V128_CONST || second == VectorOpcode.I8X16_SHUFFLE) {
            position += 16;
        }
        if (VectorOpcode.lanes(second) > 0) {
            position++;
        }
    }

    /** Passes over the immediates of an atomic instruction. */
    private void skipAtomic(int second) {
        if (second == AtomicOpcode.FENCE) {
            position++;
        } else {
            accessedMemory();
            u64();
        }
    }

    private void skipBulk(int second) {
        switch (second) {
            case Opcode.MEMORY_INIT, Opcode.MEMORY_COPY, Opcode.TABLE_INIT, Opcode.TABLE_COPY -> skip(2);
            case Opcode.DATA_DROP, Opcode.MEMORY_FILL, Opcode.ELEM_DROP -> u32();
            case Opcode.TABLE_GROW, Opcode.TABLE_SIZE, Opcode.TABLE_FILL -> u32();
            default -> {} // the saturating conversions have no immediate
        }
    }

    private void skip(int numbers) {
        for (int i = 0; i < numbers; i++) {
            u32();
        }
    }
}
