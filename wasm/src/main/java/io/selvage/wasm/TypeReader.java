package io.selvage.wasm;

import java.util.List;
import java.util.OptionalLong;

/** Reads the types of the binary format (core spec §5.3) and checks what can be checked of a type alone (§3.2). */
final class TypeReader {
    private static final long MEMORY_PAGES = 65_536;

    private TypeReader() {}

    static ValueType value(BinaryReader in) {
        int offset = in.position();
        int code = in.u8();
        return switch (code) {
            case 0x7f -> ValueType.I32;
            case 0x7e -> ValueType.I64;
            case 0x7d -> ValueType.F32;
            case 0x7c -> ValueType.F64;
            case 0x70 -> ValueType.FUNCREF;
            case 0x6f -> ValueType.EXTERNREF;
            default -> throw Proposals.type(code, "malformed value type", offset);
        };
    }

    static ValueType reference(BinaryReader in) {
        int offset = in.position();
        int code = in.u8();
        return switch (code) {
            case 0x70 -> ValueType.FUNCREF;
            case 0x6f -> ValueType.EXTERNREF;
            default -> throw Proposals.type(code, "malformed reference type", offset);
        };
    }

    static FunctionType function(BinaryReader in) {
        int offset = in.position();
        int form = in.u8();
        if (form != 0x60) {
            throw Proposals.typeForm(form, offset);
        }
        List<ValueType> parameters = values(in, "parameters", ModuleLimits.PARAMETERS);
        return new FunctionType(parameters, values(in, "results", ModuleLimits.RESULTS));
    }

    private static List<ValueType> values(BinaryReader in, String what, int limit) {
        int offset = in.position();
        int count = in.length();
        if (count > limit) {
            throw new UnsupportedException(
                    "too many " + what + ": a function type has " + count + ", the limit is " + limit, offset);
        }
        if (count == 0) {
            return List.of();
        }
        ValueType[] types = new ValueType[count];
        for (int i = 0; i < count; i++) {
            types[i] = value(in);
        }
        return List.of(types);
    }

    static TableType table(BinaryReader in) {
        ValueType element = reference(in);
        return new TableType(element, limits(in));
    }

    static MemoryType memory(BinaryReader in) {
        int offset = in.position();
        Limits limits = limits(in);
        if (limits.minimum() > MEMORY_PAGES || limits.maximum().orElse(0) > MEMORY_PAGES) {
            throw new InvalidException("memory size must be at most 65536 pages (4GiB)", offset);
        }
        return new MemoryType(limits);
    }

    static GlobalType global(BinaryReader in) {
        ValueType type = value(in);
        int offset = in.position();
        int mutable = in.u8();
        if (mutable > 1) {
            throw new MalformedException("malformed mutability: 0 or 1 expected, found " + mutable, offset);
        }
        return new GlobalType(type, mutable == 1);
    }

    private static Limits limits(BinaryReader in) {
        int offset = in.position();
        int flags = in.u8();
        switch (flags) {
            case 0, 1 -> {}
            case 3 -> throw Proposals.unsupported("threads", "a shared memory", offset);
            case 4, 5, 6, 7 -> throw Proposals.unsupported("memory64", "a 64-bit memory or table", offset);
            default ->
                throw new MalformedException(
                        flags >= 0x80
                                ? "integer representation too long: the flags of limits are one byte"
                                : "integer too large: the flags of limits are 0 or 1, found " + flags,
                        offset);
        }
        long minimum = Integer.toUnsignedLong(in.u32());
        OptionalLong maximum = flags == 0 ? OptionalLong.empty() : OptionalLong.of(Integer.toUnsignedLong(in.u32()));
        if (maximum.isPresent() && minimum > maximum.getAsLong()) {
            throw new InvalidException(
                    "size minimum must not be greater than maximum: " + minimum + " and " + maximum.getAsLong(),
                    offset);
        }
        return new Limits(minimum, maximum);
    }
}
